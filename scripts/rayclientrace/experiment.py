"""The experiment: fresh heads in turn, a first connection to each, and the clean-up."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from rayclientrace import manifests
from rayclientrace.connection import connect
from rayclientrace.errors import RaceError, UsageError
from rayclientrace.kubectl import Kubectl
from rayclientrace.manifests import CLIENT
from rayclientrace.model import Attempt, Head, Outcome, Setting, Variant

READY_S = 300
GONE_S = 120
VERSIONS = (
    "import json, platform, importlib.metadata as m; print(json.dumps({'Ray': m.version('ray'), "
    "'grpcio': m.version('grpcio'), 'Python': platform.python_version(), "
    "'kernel': platform.release()}))"
)
LOG = (
    "cd /tmp/ray/session_latest/logs && grep -nE "
    "'fork|Fatal Python|File \"|startup failed|SpecificServer started|Timeout waiting' "
    "ray_client_server* | tail -n 40"
)


@contextmanager
def own_namespace(kubectl: Kubectl, before_deletion: Callable[[], None]) -> Iterator[None]:
    """Make the namespace and delete it again with all that is in it, whatever happens."""
    name = kubectl.namespace
    if kubectl.must("get", "namespace", name, "--ignore-not-found", "-o", "name"):
        raise UsageError(
            f"namespace {name} exists already, and this run deletes its own at the end",
            mend="choose another one with --namespace",
        )
    run = uuid.uuid4().hex[:12]
    try:
        kubectl.create(manifests.namespace(name, run))
        yield
    finally:
        before_deletion()
        # By label: a namespace that somebody else made meanwhile is not ours to delete.
        kubectl.must(
            *("delete", "namespace", "--selector", f"{manifests.LABEL}={run}"),
            *("--ignore-not-found", f"--timeout={GONE_S}s"),
            timeout_s=GONE_S + 30,
        )


@dataclass(frozen=True, slots=True)
class Experiment:
    """Heads from one image, asked one after another from one client pod."""

    kubectl: Kubectl
    image: str
    trace: bool

    def prepare(self) -> Setting:
        """Start the client pod and ask it for its versions; RaceError when it does not start."""
        self.kubectl.create(manifests.client(self.image))
        waited = self.kubectl.ready(CLIENT, READY_S)
        if waited.trouble:
            raise RaceError(
                f"the client pod does not get ready: {waited.trouble}",
                mend=f"see that the cluster has the image {self.image}, or name one with --image",
            )
        told = self.kubectl.execute(CLIENT, "python", "-c", VERSIONS)
        if told.trouble:
            raise RaceError(f"{self.image} has no Python with Ray: {told.trouble}")
        return Setting(self.image, self.kubectl.namespace, _now(), json.loads(told.out))

    def measure(self, number: int, variant: Variant) -> Head:
        """Make one head, connect as soon as it is Ready, and wait until it is gone again."""
        name = manifests.head_name(number, variant)
        started, begun = _now(), time.monotonic()
        self.kubectl.create(manifests.head(number, variant, self.image, trace=self.trace))
        try:
            waited = self.kubectl.ready(name, READY_S)
            ready_s = time.monotonic() - begun
            if waited.trouble:
                unknown = Attempt(Outcome.UNMEASURED, 0.0, f"the head: {waited.trouble}")
                return Head(number, variant, started, ready_s, unknown)
            ip = self.kubectl.must("get", "pod", name, "-o", "jsonpath={.status.podIP}")
            first = connect(self.kubectl, ip)
            if first.outcome is not Outcome.FAILED:
                return Head(number, variant, started, ready_s, first)
            log = self.kubectl.execute(name, "sh", "-c", LOG).out.splitlines()
            second = connect(self.kubectl, ip)
            return Head(number, variant, started, ready_s, first, second, tuple(log))
        finally:
            self.kubectl.must(
                *("delete", "pod", name, f"--timeout={GONE_S}s"), timeout_s=GONE_S + 30
            )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
