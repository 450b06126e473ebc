"""One apply at a time in a namespace: a coordination Lease with an expiry.

A Lease does not fence: a run that stood still (SIGSTOP, a laptop's lid) does not notice that
another took over. So it is checked again before every write. Times are the API server's own, so
that two machines with different clocks agree on them.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from seedcore_deploy.act.holder import (
    DURATION_S,
    OVERLAY,
    Holder,
    holder_of,
    is_dead,
    moment,
    own_identity,
    shown,
    written,
)
from seedcore_deploy.errors import Refused
from seedcore_deploy.kube.client import Connection, Json
from seedcore_deploy.kube.errors import ApiError, Conflict, Forbidden, NotFound

NAME = "seedcore-deploy"
_RELEASE_WAIT_S = 5.0
_GROUP = "/apis/coordination.k8s.io/v1"


class Lease:
    """A namespace's Lease, held from `with` on, renewed in the background and released at the end.

    `again` is the command to give when it is free. On entering raises Refused while another run
    holds it, and ApiError; a cluster that has or permits no Leases gets a warning, and goes on
    without.
    """

    def __init__(
        self,
        connection: Connection,
        namespace: str,
        overlay: str,
        say: Callable[[str], None],
        again: str = "",
    ) -> None:
        self._connection = connection.copy()
        self._namespace = namespace
        self._overlay = overlay
        self._say = say
        self._again = again
        self._identity = own_identity()
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._renewing = threading.Thread(target=self._renew_often, daemon=True)
        self._held: Json | None = None
        self._gone: Refused | None = None
        self._renewed = 0.0

    @property
    def held(self) -> bool:
        """Whether there is a Lease at all: not where the cluster refuses them."""
        return self._held is not None

    def __enter__(self) -> Self:
        try:
            with self._lock:
                self._acquire()
        except (Forbidden, NotFound) as refused:
            self._say(
                "warning: this cluster gives us no Lease, so nothing keeps a second apply of "
                f"namespace {self._namespace} apart ({refused.reason or refused.status})"
            )
            return self
        self._renewing.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _fault: BaseException | None,
        _where: TracebackType | None,
    ) -> None:
        self._ended.set()
        # A renewal may hang on a lost connection: then the Lease is left to end by itself.
        if self._lock.acquire(timeout=_RELEASE_WAIT_S):
            try:
                self._release()
            finally:
                self._lock.release()

    def check(self) -> None:
        """Make sure that the Lease is still ours, and good for long enough: called before writes.

        Raises Refused when another run has taken it over, and ApiError.
        """
        with self._lock:
            if self._gone is not None:
                raise self._gone
            if self._held is not None:
                self._renew(self._read())

    def _acquire(self) -> None:
        try:
            found = self._connection.get(self._path(NAME))
        except NotFound:
            self._create()
            return
        holder = holder_of(found)
        if holder is not None:
            if holder.until > self._now() and not is_dead(holder.identity):
                raise self._taken(holder)
            self._say(
                f"note: the run of {holder} did not release its Lease: it was cut short; "
                "going on from what is there"
            )
        self._take(found)

    def _create(self) -> None:
        try:
            self._hold(self._new(), "POST", self._path())
        except Conflict:
            self._acquire()  # somebody else was a moment earlier

    def _new(self) -> Json:
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": NAME, "namespace": self._namespace},
        }

    def _take(self, found: Json) -> None:
        try:
            self._hold(found, "PUT", self._path(NAME))
        except Conflict:
            self._acquire()

    def _hold(self, lease: Json, method: str, path: str) -> None:
        """Write us into a Lease that is free."""
        now = written(self._now())
        before = lease.get("spec") or {}
        spec = {
            **before,
            "holderIdentity": self._identity,
            "leaseDurationSeconds": DURATION_S,
            "acquireTime": now,
            "renewTime": now,
            "leaseTransitions": int(before.get("leaseTransitions") or 0) + (method == "PUT"),
        }
        metadata = {**lease["metadata"]}
        metadata["annotations"] = {
            **(metadata.get("annotations") or {}),
            OVERLAY: self._overlay,
        }
        began = time.monotonic()
        self._held = self._connection.send(
            method, path, {**lease, "metadata": metadata, "spec": spec}
        )
        self._renewed = began

    def _read(self) -> Json | None:
        try:
            return self._connection.get(self._path(NAME))
        except NotFound:
            return None  # somebody removed it: free for all

    def _renew(self, found: Json | None) -> None:
        """Renew what is ours once a third of its time is over; Refused when it is another's."""
        if found is None:
            try:
                self._hold(self._new(), "POST", self._path())
            except Conflict:
                self._renew(self._read())
            return
        holder = holder_of(found)
        if holder is None or holder.identity != self._identity:
            self._gone = self._lost(holder)
            raise self._gone
        if time.monotonic() - self._renewed < DURATION_S / 3 and holder.until > self._now():
            return
        spec = {**found["spec"], "renewTime": written(self._now())}
        began = time.monotonic()
        try:
            self._held = self._connection.send("PUT", self._path(NAME), {**found, "spec": spec})
        except Conflict:
            self._renew(self._read())
            return
        self._renewed = began

    def _renew_often(self) -> None:
        """A failure is not told here: the check before the next write meets it as well."""
        while not self._ended.wait(DURATION_S / 3):
            with self._lock, contextlib.suppress(ApiError, Refused):
                if not self._ended.is_set() and self._gone is None:
                    self._renew(self._read())

    def _release(self) -> None:
        """Best effort, in one request: one that cannot be released ends by itself."""
        if self._held is None or self._gone is not None:
            return
        spec = {**self._held["spec"], "holderIdentity": ""}
        with contextlib.suppress(ApiError):
            self._connection.send("PUT", self._path(NAME), {**self._held, "spec": spec})
        self._held = None

    def _now(self) -> datetime:
        """The API server's clock at its last answer, which is but a moment ago."""
        said = self._connection.server_time
        return moment(said) if said else datetime.now(UTC)

    def _path(self, name: str = "") -> str:
        path = f"{_GROUP}/namespaces/{self._namespace}/leases"
        return f"{path}/{name}" if name else path

    def _taken(self, holder: Holder) -> Refused:
        until = shown(holder.until)
        doing = f" with overlay {holder.overlay}" if holder.overlay else ""
        return Refused(
            f"nothing was applied: {holder} is applying to namespace {self._namespace}{doing}, "
            f"since {holder.since}; its Lease ends at {until} unless it renews it",
            f"wait for it and run this again (a run that died lets go at {until}):\n"
            f"    {self._again}",
        )

    def _lost(self, holder: Holder | None) -> Refused:
        now = f"{holder} has it" if holder else "nobody has it now"
        return Refused(
            f"this run's Lease on namespace {self._namespace} was taken over while it stood "
            f"still: {now}; nothing more was written",
            f"look at what the other run does, then run this again:\n    {self._again}",
        )
