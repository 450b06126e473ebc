"""Connect this process to the one intended Ray cluster, or say why that cannot be.

A bare ``ray.init()`` without an address starts a private Ray inside the pod and calls it
success. Here an address is decided first, from the role of the pod and its environment
(pure functions over a mapping), and then used within a bounded time, with one task as proof.

``python -m seedcore.utils.ray_config check`` judges the settings of the process that runs it, and
where prometheus-client is installed, connections are counted.

Standard library only; ``ray`` is imported when a connection is made. This is one file so
that it can be copied into an application that has a ``seedcore`` package of its own. Its parts,
in order: errors, decisions, metrics, the connection, the check, the command line.
"""

from __future__ import annotations

import argparse
import copyreg
import difflib
import functools
import importlib
import io
import json
import logging
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, Generic, Literal, TextIO, TypeVar, cast

Role = Literal["head", "worker", "client"]
Mode = Literal["client", "direct", "local"]
Severity = Literal["error", "hint"]
Outcome = Literal["right", "proven", "findings", "inconclusive"]
T = TypeVar("T")

ALLOW_LOCAL = "SEEDCORE_ALLOW_LOCAL_RAY"
"""Set to 1 where RAY_ADDRESS=local or auto may be meant: on a developer's machine."""

AUTO_CONNECT = "RAY_ENABLE_AUTO_CONNECT"
"""With 0 a bare ``.remote()`` in a process that never connected fails; else Ray calls init()."""

RETRY_PAUSE_S = 1.0  # a head that is starting refuses at once: do not hammer it
CLIENT_PORT, GCS_PORT, DASHBOARD_PORT = 10001, 6379, 8265
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?"
_PLACE = re.compile(
    rf"(?=.{{1,259}}\Z)({_LABEL}(?:\.{_LABEL})*\.?|\[[0-9A-Fa-f:.]+\])(?::([0-9]+))?"
)
_PORT = re.compile(r"[1-9][0-9]{0,4}")


# --- errors ---------------------------------------------------------------------------


class RayConfigError(RuntimeError):
    """A Ray setting or connection is not what it must be; the message carries the mend.

    *kind* is the same in one word, from a short list: what metrics have as their reason.
    """

    kind = "other"

    def __init__(
        self, reason: str, mend: str, *, role: str, variable: str = "", value: str | None = None
    ) -> None:
        self.reason, self.mend, self.role, self.variable = reason, mend, role, variable
        self.value = None if value is None else redact(value)
        shown = f"{variable} is not set" if value is None else f"{variable}={self.value}"
        super().__init__(f"{shown if variable else 'Ray'} ({role}): {reason}. Mend: {mend}")

    def __reduce__(self) -> tuple[Any, ...]:
        """As a pool of processes sends it; made anew, it would hide its value a second time."""
        return copyreg.__newobj__, (type(self), *self.args), vars(self)  # type: ignore[attr-defined]


class RayAddressMissingError(RayConfigError):
    """There is no address, and nothing to derive one from."""

    kind = "address_missing"


class RayAddressInvalidError(RayConfigError):
    """An address is malformed, or names a port or protocol that Ray Client does not speak."""

    kind = "address_invalid"


class RayAddressRoleError(RayConfigError):
    """An address is well formed and wrong for the role of this pod."""

    kind = "address_role"


class LocalRayRefusedError(RayConfigError):
    """The address asks for a private Ray, and nobody opted in to one."""

    kind = "local_refused"


class RaySettingInvalidError(RayConfigError):
    """RAY_NAMESPACE, or the address of Serve or of the dashboard, is missing or malformed."""

    kind = "setting_invalid"


class RayConnectError(RayConfigError):
    """Ray is not installed, did not answer in time, or is not the one that was asked for."""

    kind = "connect_failed"


class RayTimeoutError(RayConnectError):
    """Ray did not answer in the time that it was given."""

    kind = "timeout"


class RayNotInstalledError(RayConnectError):
    """This Python has no Ray, or none with Ray Client."""

    kind = "not_installed"


class RayNotAskedError(RayConfigError):
    """This process could not even ask Ray, which says nothing about the connection."""

    kind = "not_asked"


class AlreadyConnectedElsewhereError(RayConfigError):
    """This process is connected already, to another Ray than the one that is asked for."""

    kind = "connected_elsewhere"


class ForkedAfterInitError(RayConfigError):
    """This process was forked from one that was connected; Ray does not survive that."""

    kind = "forked"


# --- decisions: pure functions over a mapping -----------------------------------------


@dataclass(frozen=True, slots=True)
class RayTarget:
    """What to connect to: Ray's address, how, for which role, and which setting said so."""

    address: str
    mode: Mode
    role: Role
    origin: str
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class _Setting:
    """One value under judgement, and where it came from."""

    role: Role
    variable: str
    value: str
    mend: str

    def wrong(self, kind: type[RayConfigError], reason: str, mend: str = "") -> RayConfigError:
        """Return the error that says what is wrong with this value."""
        return kind(
            reason, mend or self.mend, role=self.role, variable=self.variable, value=self.value
        )

    def require_plain(self, kind: type[RayConfigError]) -> None:
        """Raise *kind* for what no address may have: nothing, odd characters, credentials."""
        if not self.value:
            raise self.wrong(kind, "it is set but empty")
        if not (self.value.isascii() and self.value.isprintable()) or " " in self.value:
            raise self.wrong(kind, "it has blanks, control or non-ASCII characters")
        if "@" in self.value:
            raise self.wrong(kind, "it carries credentials, which no address may")


def redact(value: str) -> str:
    """Return *value* fit for a log: no userinfo, no query, nothing unprintable, at most 120."""
    userinfo = r"\A([A-Za-z][A-Za-z0-9+.-]*://)?.*(?:@|%40)"  # an encoded one as well
    shown = re.sub(userinfo, r"\1***@", value, flags=re.DOTALL)
    shown = re.sub(r"[?#;].*", "?***", shown, flags=re.DOTALL)[:120]
    return shown if shown.isprintable() and shown and " " not in shown else repr(shown)


def ray_role(environ: Mapping[str, str] | None = None) -> Role:
    """Return this pod's role; source: the variables that KubeRay gives its Ray containers."""
    env = os.environ if environ is None else environ
    group, start = env.get("RAY_NODE_TYPE_NAME"), env.get("KUBERAY_GEN_RAY_START_CMD", "")
    if group == "headgroup" or "--head" in start.split():
        return "head"
    return "worker" if group or start else "client"


def _place(text: str) -> tuple[str, int | None] | None:
    """Return host and port of ``host[:port]``, or None where *text* is not that."""
    match = _PLACE.fullmatch(text)
    if not match or (match[2] is not None and not _is_port(match[2])):
        return None
    return match[1], int(match[2]) if match[2] else None


def _is_port(text: str) -> bool:
    return bool(_PORT.fullmatch(text)) and int(text) < 65536


def _client_url_fault(value: str) -> str:
    """Return why *value* is not ``ray://host:port``, or nothing where it is."""
    scheme, separator, rest = value.partition("://")
    place = _place(rest)
    if not separator:
        return "it has no scheme: Ray would look for a GCS, or a module, of that name"
    if scheme in ("http", "https"):
        return "that is HTTP, as the dashboard and Serve speak; Ray Client has ray://"
    if scheme == "tcp":
        return "that is a service link of Kubernetes (enableServiceLinks), not an address"
    if scheme != "ray":
        near = difflib.get_close_matches(scheme.lower(), ["ray"], cutoff=0.5)
        return f"its scheme is not ray://{' (a typing error?)' if near else ''}"
    if not place:
        return "what follows ray:// is not host:port"
    if place[1] is None:
        return f"it has no port (Ray Client has {CLIENT_PORT})"
    names = {GCS_PORT: "the GCS", DASHBOARD_PORT: "the dashboard"}
    return f"port {place[1]} is {names[place[1]]}, not Ray Client" if place[1] in names else ""


def _judge_address(variable: str, value: str, role: Role, *, allow_local: bool) -> RayTarget:
    """Return what *value* means for *role*, or raise what is wrong with it."""
    mend = f"leave {variable} out on the {role}, KubeRay sets it"
    if role == "client":
        host = (_place(value) or ("<head service>", None))[0]
        mend = f"set {variable}=ray://{host}:{CLIENT_PORT}"
        if value in ("local", "auto"):
            mend = f"set {variable}=ray://<head service>:{CLIENT_PORT}"
            mend += f"; for development on one machine set {ALLOW_LOCAL}=1"
    setting = _Setting(role, variable, value, mend)
    setting.require_plain(RayAddressInvalidError)
    if value == "local":
        if role == "client" and allow_local:
            return RayTarget("local", "local", role, variable)
        raise setting.wrong(LocalRayRefusedError, "it would start a private Ray in this pod")
    if role == "client":
        if value == "auto" and allow_local:
            return RayTarget("auto", "direct", role, variable)
        if value == "auto":
            raise setting.wrong(RayAddressRoleError, "a client pod has no Ray that auto could find")
        if fault := _client_url_fault(value):
            raise setting.wrong(RayAddressInvalidError, fault)
        return RayTarget(value, "client", role, variable)
    if value.startswith("ray://"):
        raise setting.wrong(RayAddressRoleError, "only clients use ray://, a Ray node does not")
    place = _place(value)
    if value != "auto" and (not place or place[1] is None):
        raise setting.wrong(RayAddressInvalidError, "it is neither auto nor the GCS's host:port")
    return RayTarget("auto", "direct", role, variable)  # for auto Ray reads the variable itself


def _derive_address(env: Mapping[str, str]) -> RayTarget:
    """Return ray://RAY_HOST:port for a client without RAY_ADDRESS, where that is safe."""
    if "RAY_HOST" not in env:
        mend = f"give the pod the client ConfigMap (RAY_ADDRESS=ray://<head service>:{CLIENT_PORT})"
        reason = "and there is no RAY_HOST to derive it from"
        raise RayAddressMissingError(reason, mend, role="client", variable="RAY_ADDRESS")
    mend = "set RAY_HOST to the name of the head service"
    setting = _Setting("client", "RAY_HOST", env["RAY_HOST"], mend)
    setting.require_plain(RayAddressInvalidError)
    place = _place(setting.value)
    if not place or place[1] is not None:
        raise setting.wrong(RayAddressInvalidError, "it is not the name of a host")
    variable, port = "RAY_PORT", env.get("RAY_PORT", str(GCS_PORT))
    if port == str(GCS_PORT) or port.startswith("tcp://"):
        # Not set, KubeRay's own (the GCS), or a service link: none is the client port.
        variable, port = "RAY_CLIENT_PORT", env.get("RAY_CLIENT_PORT", str(CLIENT_PORT))
    fault = "" if _is_port(port) else "it is not a port"
    if fault := fault or _client_url_fault(f"ray://{place[0]}:{port}"):
        setting = _Setting("client", variable, port, f"set {variable}={CLIENT_PORT}")
        raise setting.wrong(RayAddressInvalidError, fault)
    return RayTarget(f"ray://{place[0]}:{port}", "client", "client", f"RAY_HOST, {variable}")


def decide_target(
    environ: Mapping[str, str], address: str | None = None, namespace: str | None = None
) -> RayTarget:
    """Return what to connect to, connecting to nothing. Errors: RayConfigError only."""
    role, variable = ray_role(environ), environ.get("RAY_ADDRESS")
    if role != "client" and not variable:
        variable = None  # for auto Ray takes an empty one as none (2.60.0)
    opted_in = environ.get(ALLOW_LOCAL, "").lower() in ("1", "true", "yes", "on")
    if address is not None:
        target = _judge_address("address", address, role, allow_local=True)
        if target.address == "auto" and variable is not None:  # Ray follows it for auto
            target = _judge_address("RAY_ADDRESS", variable, role, allow_local=opted_in)
    elif variable is not None:
        target = _judge_address("RAY_ADDRESS", variable, role, allow_local=opted_in)
    elif role != "client":
        target = RayTarget("auto", "direct", role, "KubeRay")
    else:
        target = _derive_address(environ)
    if namespace is None:
        return replace(target, namespace=get_ray_namespace(environ))
    _require_name(_Setting(role, "namespace", namespace, "pass a name, or leave it out"))
    return replace(target, namespace=namespace)


def resolve_ray_address(environ: Mapping[str, str] | None = None) -> str:
    """Return the address that this process must use. Errors: RayConfigError."""
    return decide_target(os.environ if environ is None else environ).address


def get_ray_namespace(environ: Mapping[str, str] | None = None) -> str | None:
    """Return RAY_NAMESPACE, or None where it is not set. Errors: RaySettingInvalidError."""
    env = os.environ if environ is None else environ
    value, mend = env.get("RAY_NAMESPACE"), "set RAY_NAMESPACE to a name, or leave it out"
    if value is not None:
        _require_name(_Setting(ray_role(env), "RAY_NAMESPACE", value, mend))
    return value


def _require_name(namespace: _Setting) -> None:
    value = namespace.value
    if not value or not value.isprintable() or value != value.strip():
        reason = "it is empty, or has odd characters or blanks"
        raise namespace.wrong(RaySettingInvalidError, reason)


def _http_address(env: Mapping[str, str] | None, names: tuple[str, ...], port: int) -> str:
    """Return the first of *names* that is set, as http(s)://host[:port] without a last slash."""
    env = os.environ if env is None else env
    role, mend = ray_role(env), f"set {names[0]}=http://<head service>:{port}"
    variable = next((name for name in names if name in env), None)
    if variable is None:
        reason = f"and neither is {names[1]}" if names[1:] else "clients must have it"
        raise RaySettingInvalidError(reason, mend, role=role, variable=names[0])
    setting = _Setting(role, variable, env[variable], mend)
    setting.require_plain(RaySettingInvalidError)
    # KubeRay gives the submitter of a RayJob the dashboard's address without a scheme.
    url = setting.value if "://" in setting.value else f"http://{setting.value}"
    match = re.fullmatch(r"https?://([^/?#]+)(/[^?#]*)?", url)
    if not match or not _place(match[1]):
        raise setting.wrong(RaySettingInvalidError, "it is not an HTTP address")
    return url.rstrip("/")


def get_ray_serve_address(environ: Mapping[str, str] | None = None) -> str:
    """Return RAY_SERVE_ADDRESS, else RAY_SERVE_URL. Errors: RaySettingInvalidError."""
    return _http_address(environ, ("RAY_SERVE_ADDRESS", "RAY_SERVE_URL"), 8000)


def get_ray_dashboard_address(environ: Mapping[str, str] | None = None) -> str:
    """Return RAY_DASHBOARD_ADDRESS, else RAY_DASHBOARD_URL. Errors: RaySettingInvalidError."""
    return _http_address(environ, ("RAY_DASHBOARD_ADDRESS", "RAY_DASHBOARD_URL"), DASHBOARD_PORT)


# --- metrics ----------------------------------------------------------------------------


class _Metrics:
    """What Prometheus is told. Names and units: prometheus.io/docs/practices/naming."""

    def __init__(self, client: Any) -> None:
        name, labels = "seedcore_ray_connect", ("outcome", "reason", "role")
        self._connects = client.Counter(name, "Calls to connect, by how they ended.", labels)
        for kind in _kinds():  # from 0 on, so that a first failure shows as an increase
            self._connects.labels("failure", kind, ray_role())
        self._connects.labels("success", "", ray_role())
        self._seconds = client.Histogram(
            "seedcore_ray_connect_seconds",
            "Seconds from the call to the proven connection, of calls that succeeded.",
            buckets=CONNECT_BUCKETS_S,
        )
        self._lost = client.Counter(
            "seedcore_ray_connection_lost",
            "Connections that stood, and were given up since they did not answer.",
            ("role",),
        )
        self._lost.labels(ray_role())
        self._connected = client.Gauge(
            "seedcore_ray_connected",
            "1 while the cluster answers, as it was last asked; else 0.",
            multiprocess_mode="livemin",
        )
        self._last = client.Gauge(
            "seedcore_ray_last_success_timestamp_seconds",
            "When the cluster last answered, in seconds since the epoch; 0 where it never did.",
            multiprocess_mode="max",
        )

    def failed(self, error: RayConfigError) -> None:
        self._connects.labels("failure", error.kind, error.role).inc()

    def succeeded(self, role: Role, seconds: float) -> None:
        self._connects.labels("success", "", role).inc()
        self._seconds.observe(seconds)

    def lost(self, role: Role) -> None:
        self._lost.labels(role).inc()

    def answered(self, answers: bool) -> None:
        self._connected.set(int(answers))
        if answers:
            self._last.set_to_current_time()

    def forked(self) -> None:
        """In a child: not connected, with a value of its own, since a lock may be held for good.

        In multiprocess mode the child's values are its own already, and begin at 0.
        """
        gauge: Any = self._connected
        if not gauge._value._multiprocess:  # noqa: SLF001
            gauge._metric_init()  # noqa: SLF001


CONNECT_BUCKETS_S = (0.5, 1, 2, 5, 10, 20, 30, 45, 60, 120)
"""Measured: 2-4 s to a head that has run for a while, up to 41 s to one that just started."""


def _kinds() -> list[str]:
    """Every kind of failure: those of RayConfigError's children, and of theirs."""
    below = RayConfigError.__subclasses__()
    return sorted({each.kind for one in below for each in (one, *one.__subclasses__())})


def _metrics() -> _Metrics | None:
    """Return the metrics, in prometheus-client's default registry, or None where it is not here.

    None, too, where another copy of this file has registered them, or they cannot be kept.
    """
    with _State.making_metrics:  # two threads at once would both register them
        return _made_metrics()


@functools.cache
def _made_metrics() -> _Metrics | None:
    try:
        return _Metrics(importlib.import_module("prometheus_client"))
    except Exception:  # metrics must never be why nothing connects
        return None


def _note_answer(answers: bool) -> None:
    if metrics := _metrics():
        metrics.answered(answers)


# --- the connection: what touches Ray, always with a bound --------------------------------


@dataclass(frozen=True, slots=True)
class RayConnection:
    """A connection that stood when it was returned: target, Ray's session, our process."""

    target: RayTarget
    session: str
    pid: int


class _Late(TimeoutError):
    """What a call raises that did not end in time; of Ray a TimeoutError may come as well."""


class _Call(Generic[T]):
    """A call in a thread of its own, so that who waits for it can give up in time."""

    def __init__(self, work: Callable[[], T], undo: Callable[[], object] = lambda: None) -> None:
        self._work, self._undo, self._lock = work, undo, threading.Lock()
        self._given_up, self._finished, self.ended = False, False, threading.Event()
        self._value: T | None = None
        self._error: BaseException | None = None
        try:
            threading.Thread(target=self._run, name="seedcore-ray-config", daemon=True).start()
        except RuntimeError as error:  # out of threads: neither Ray's answer nor its silence
            mend = "raise the pod's limit of processes (pids), or find what starts so many threads"
            raise RayNotAskedError(f"not asked: {error}", mend, role=ray_role()) from error

    def _run(self) -> None:
        try:
            self._value = self._work()
        except BaseException as error:
            self._error = error
        with self._lock:
            self._finished = True
            undo = self._given_up and self._error is None
        if undo:
            with suppress(Exception):
                self._undo()
        self.ended.set()

    def result(self, seconds: float) -> T:
        """Return what the call returned; TimeoutError after *seconds*, and it is undone later."""
        try:
            self.ended.wait(max(0.0, seconds))
        finally:
            with self._lock:
                self._given_up = not self._finished
        if self._given_up:
            raise _Late(f"no answer within {seconds:.1f} s")
        if self._error is not None:
            raise self._error
        return cast("T", self._value)

    def is_answer(self, error: BaseException) -> bool:
        """Return whether an error of result() is the call's own or its lateness.

        Any other one somebody threw into the waiting thread, as a signal handler does, or a task
        queue's time limit: it is for the caller alone.
        """
        return error is self._error or isinstance(error, _Late)


class _State:
    """What this process knows about its one connection."""

    lock = threading.Lock()  # one thread at a time connects or disconnects
    making_metrics = threading.RLock()
    connection: RayConnection | None = None
    check: tuple[RayConnection, _Call[None]] | None = None
    pending: _Call[Any] | None = None  # given up, and still running
    forked = False


def _mark_fork() -> None:
    """In a child process: remember whether its parent was connected, by us or by others."""
    worker = sys.modules.get("ray._private.worker")
    client = sys.modules.get("ray.util.client")
    direct = bool(worker and getattr(getattr(worker, "global_worker", None), "connected", False))
    through = bool(client and getattr(client, "_all_contexts", None))
    busy = _State.lock.locked() or _State.pending is not None or _State.connection is not None
    _State.forked = _State.forked or direct or through or busy
    # Whoever would release or end these lives in the parent alone.
    _State.lock, _State.pending, _State.check = threading.Lock(), None, None
    _State.making_metrics = threading.RLock()
    if _made_metrics.cache_info().currsize and (metrics := _made_metrics()):
        with suppress(Exception):  # another prometheus-client than we know must not stop a fork
            metrics.forked()


os.register_at_fork(after_in_child=_mark_fork)


def _drop_thread_warning(record: logging.LogRecord) -> bool:
    """Ray is initialised in a thread here, so that it can be bounded: no news to the user."""
    return "SIGTERM handler is not set" not in str(record.msg)


def _load_ray(role: Role) -> Any:
    if _State.forked:
        _note_answer(False)  # what its parent was told does not hold for this process
        reason = "this process was forked from one that is connected to Ray"
        raise ForkedAfterInitError(reason, "connect after the fork, or start with spawn", role=role)
    logging.getLogger("ray._private.worker").addFilter(_drop_thread_warning)
    try:
        importlib.import_module("ray.util.client")
        return importlib.import_module("ray")
    except ImportError as error:
        mend = "pip install 'seedcore-ray-config[ray]', in the cluster's own version of Ray"
        raise RayNotInstalledError(f"it cannot be imported ({error})", mend, role=role) from error


def _forbid_auto_connect() -> None:
    """Keep a bare .remote() from a ray.init() of its own, unless the variable says otherwise.

    Ray reads the variable once, when it is imported (2.60.0).
    """
    if AUTO_CONNECT not in os.environ:
        os.environ[AUTO_CONNECT] = "0"
        if hook := sys.modules.get("ray._private.auto_init_hook"):
            vars(hook)["enable_auto_connect"] = False


def _failed(target: RayTarget, error: BaseException, mend: str = "") -> RayConnectError:
    text = " ".join(str(error).split())[:300] or type(error).__name__
    mend = mend or "check that the head is Ready and that its Service has endpoints"
    kind = RayTimeoutError if isinstance(error, TimeoutError) else RayConnectError
    return kind(text, mend, role=target.role, variable=target.origin, value=target.address)


def _heals(error: BaseException) -> bool:
    """Return whether trying again can help: not for versions, credentials or bad options."""
    grpc = type(error).__module__.partition(".")[0] == "grpc"
    return (grpc or isinstance(error, (ConnectionError, TimeoutError))) and "JobConfig" not in str(
        error
    )


def _in_ray_worker() -> bool:
    """Return whether Ray itself started this process, to run tasks and actors in."""
    worker = sys.modules.get("ray._private.worker")
    own = getattr(worker, "global_worker", None)  # not yet, while another thread imports ray
    return worker is not None and own is not None and own.mode == worker.WORKER_MODE


def _present(ray: Any, target: RayTarget) -> bool:
    """Return whether the target is connected already; raise where another Ray is."""
    client = ray.util.client.ray.get_context().client_worker
    if client is not None and not client.is_connected():
        ray.shutdown()  # a client that gave up; ray.init() would refuse to replace it
    elif client is not None:
        found = f"ray://{client._conn_str}"  # noqa: SLF001
        if found != target.address:
            raise _elsewhere(target, f"to {redact(found)}")
    elif ray.is_initialized():
        node = ray._private.worker._global_node  # noqa: SLF001
        mode = "local" if node is not None and node.is_head() else "direct"
        if mode != target.mode:
            what = "a private Ray that it started" if mode == "local" else "a Ray node directly"
            raise _elsewhere(target, f"to {what}")
    else:
        return False
    if client is not None and not client.is_connected():
        return False
    namespace = ray.get_runtime_context().namespace
    if target.namespace not in (None, namespace):
        raise _elsewhere(target, f"in Ray namespace {redact(namespace)}")
    return True


def _elsewhere(target: RayTarget, where: str) -> AlreadyConnectedElsewhereError:
    return AlreadyConnectedElsewhereError(
        f"this process is connected {where} already",
        "find the earlier ray.init() or .remote() call, and connect in one place only",
        role=target.role,
        variable=target.origin,
        value=f"{target.address} in {target.namespace}" if target.namespace else target.address,
    )


def _prove(ray: Any, seconds: float) -> None:
    """Run one task on the head node, and see that it ran there."""

    def where() -> str:  # nested, so that it travels by value
        return str(importlib.import_module("ray").get_runtime_context().get_node_id())

    head = "node:__internal_head__"
    options = {"num_cpus": 0, "max_retries": 0, "resources": {head: 0.001}}
    node = ray.get(ray.remote(where).options(**options).remote(), timeout=seconds)
    if node not in [n["NodeID"] for n in ray.nodes() if n["Alive"] and head in n["Resources"]]:
        raise ConnectionError(f"a task ran on node {node}, which is no head of this cluster")


def _connect(
    ray: Any, target: RayTarget, seconds: float, options: dict[str, Any], own: threading.Event
) -> tuple[str, bool]:
    """Connect, prove it where *seconds* > 0; return the session, and whether it is a new one.

    *own* is set as soon as there is a connection of this call's own to take back.
    """
    present = _present(ray, target)
    try:
        if not present:
            own.set()
        if not present:
            context = ray.init(address=target.address, namespace=target.namespace, **options)
            through_client = type(context).__name__ == "ClientContext"
            _expect(through_client == (target.mode == "client"), "Ray connected in another way")
        now = ray.get_runtime_context()
        if seconds > 0:
            _prove(ray, seconds)
        return str(now.get_session_name()), not present
    except BaseException as error:
        if not present:
            ray.shutdown()
            _close_channels(error)
        raise


def _close_channels(error: BaseException) -> None:
    """Close what a failed attempt left open: Ray's worker is in the hands of the error alone.

    Its channel would go on connecting, with a thread of its own, and over TLS hold a connection
    beside the good one once the head is back (measured, Ray 2.60.0).
    """
    trace = error.__traceback__
    while trace is not None:
        made: Any = trace.tb_frame.f_locals.get("self")
        if type(made).__module__ == "ray.util.client.worker":
            with suppress(Exception):
                made.channel.close()
        trace = trace.tb_next


def _expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise ConnectionRefusedError(otherwise)


def _limit_connecting(seconds: float) -> None:
    """Let Ray Client's three tries to reach the port end within *seconds*, unless set outside."""
    if "RAY_CLIENT_MAX_CONNECTION_TIMEOUT_S" not in os.environ:
        worker: Any = importlib.import_module("ray.util.client.worker")
        worker.INITIAL_TIMEOUT_SEC = worker.MAX_TIMEOUT_SEC = max(0.5, min(8.0, seconds / 3.5))


def _take_back(ray: Any, own: threading.Event) -> None:
    """End what a call that nobody waits for any more has connected; never what was there."""
    if own.is_set():
        ray.shutdown()


def _break_off(ray: Any) -> None:
    """Close a client's channel, so that whatever waits on it fails instead of hanging."""
    client = ray.util.client.ray.get_context().client_worker
    with suppress(Exception):
        if client is not None:
            client._in_shutdown = True  # noqa: SLF001
            client.channel.close()


def _bounded(seconds: float) -> float:
    """Return *seconds*, cut to what locks take anywhere, at most a year. Errors: ValueError."""
    if not seconds >= 0:  # nor a NaN, which is not less either
        raise ValueError(f"timeout must be a number of seconds from 0 on, not {seconds}")
    return min(seconds, 365 * 86400.0, threading.TIMEOUT_MAX / 2)  # 49 days / 2 on Windows


@contextmanager
def _turn(deadline: float, role: Role) -> Iterator[None]:
    """Wait for other threads, and for what was given up and still runs; then go alone."""
    mend = "call again later; see the reason of the earlier failure"
    if not _State.lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
        raise RayConnectError("another thread is still connecting", mend, role=role)
    try:
        if _State.pending and not _State.pending.ended.wait(max(0.0, deadline - time.monotonic())):
            raise RayConnectError("an earlier attempt still hangs inside Ray", mend, role=role)
        yield
    finally:
        _State.lock.release()


def init_ray_with_smart_defaults(
    address: str | None = None,
    namespace: str | None = None,
    *,
    timeout: float = 60.0,
    retries: int = 1,
    prove: bool = True,
    **ray_init_options: Any,
) -> RayConnection:
    """Connect to the intended Ray, once for the process, and prove it with one task.

    *timeout* bounds the whole call, in seconds; *retries* counts further attempts at what can
    heal. Errors: RayConfigError for every setting or connection that is not right; TypeError
    and ValueError for options that ray.init() does not take.
    """
    timeout = _bounded(timeout)
    if _in_ray_worker() and address in (None, "auto"):
        return _own_cluster(namespace)
    began, metrics = time.monotonic(), _metrics()
    _forbid_auto_connect()
    try:
        target = decide_target(os.environ, address, namespace)
        connection, made = _connected(target, began + timeout, retries, prove, ray_init_options)
    except RayConfigError as error:
        if metrics:
            metrics.failed(error)
        raise
    if metrics and made:
        metrics.succeeded(connection.target.role, time.monotonic() - began)
    _note_answer(True)
    return connection


def _connected(
    target: RayTarget, deadline: float, retries: int, prove: bool, options: dict[str, Any]
) -> tuple[RayConnection, bool]:
    """Return the connection, and whether it was made now, in up to *retries* + 1 attempts.

    *deadline* is on time.monotonic(), in seconds.
    """
    ray = _load_ray(target.role)
    with _turn(deadline, target.role):
        for left in range(max(0, retries), -1, -1):
            share = (deadline - time.monotonic()) / (left + 1)
            seconds = share if prove else 0.0
            _limit_connecting(share)
            own = threading.Event()
            call = _Call(
                partial(_connect, ray, target, seconds, options, own),
                partial(_take_back, ray, own),
            )
            try:
                session, made = call.result(share)
                _State.connection = RayConnection(target, session, os.getpid())
                return _State.connection, made
            except BaseException as error:
                of_caller = isinstance(error, (RayConfigError, TypeError, ValueError))
                if of_caller and call.is_answer(error):
                    raise
                _abandon(ray, call, own, error)
                if not isinstance(error, Exception) or not call.is_answer(error):
                    raise
                again = left and _heals(error) and call.ended.wait(deadline - time.monotonic())
                if not again or deadline - time.monotonic() < 2:
                    raise _failed(target, error) from error
            time.sleep(RETRY_PAUSE_S)
    raise AssertionError("a loop over retries returns or raises")


def _abandon(ray: Any, call: _Call[Any], own: threading.Event, error: BaseException) -> None:
    """See to the end of what *call* began, where *error* keeps its caller from waiting for it."""
    if not call.ended.is_set():
        _State.pending = call
        if own.is_set():
            _break_off(ray)
    elif own.is_set() and not call.is_answer(error):  # it stands, and nobody would know of it
        with suppress(RayNotAskedError):
            _State.pending = _Call(partial(_take_back, ray, own))


def _own_cluster(namespace: str | None = None) -> RayConnection:
    """Return the connection that Ray gave to this worker process, on any pod.

    Errors: AlreadyConnectedElsewhereError, where another *namespace* than the job's is asked for.
    """
    now = importlib.import_module("ray").get_runtime_context()
    target = RayTarget("auto", "direct", ray_role(), "Ray itself", now.namespace)
    if namespace not in (None, now.namespace):
        raise _elsewhere(replace(target, namespace=namespace), f"in {redact(now.namespace)}")
    return RayConnection(target, str(now.get_session_name()), os.getpid())


def check_connection(*, timeout: float = 5.0) -> RayConnection:
    """Ask the cluster now, within *timeout* seconds.

    Errors: RayConnectError where it does not answer, ForkedAfterInitError, RayNotAskedError.
    """
    if _in_ray_worker():
        return _own_cluster()
    role, timeout = ray_role(), _bounded(timeout)
    ray, present = _load_ray(role), _State.connection
    if present is None:
        _note_answer(False)
        mend = "call init_ray_with_smart_defaults() or ensure_connected()"
        raise RayConnectError("this process is not connected", mend, role=role)
    api = ray.util.client.ray if present.target.mode == "client" else ray

    def ask() -> None:
        if not any(node["Alive"] for node in api.nodes()):
            raise ConnectionError("the cluster has no node that is alive")

    flying = _State.check  # one question at a time: a dead head must not collect waiting threads
    if flying is None or flying[0] is not present or flying[1].ended.is_set():
        flying = _State.check = (present, _Call(ask))
    try:
        flying[1].result(timeout)
    except Exception as error:
        if not flying[1].is_answer(error):
            raise
        _note_answer(False)
        raise _failed(present.target, error, "call ensure_connected()") from error
    _note_answer(True)
    return present


def is_connected(*, timeout: float = 5.0) -> bool:
    """Return whether the cluster answers this process now, within *timeout* seconds.

    Errors: ForkedAfterInitError, and RayNotAskedError where that cannot be told.
    """
    try:
        check_connection(timeout=timeout)
    except RayConnectError:
        return False
    return True


def ensure_connected(
    address: str | None = None,
    namespace: str | None = None,
    *,
    check_timeout: float = 5.0,
    timeout: float = 60.0,
    **options: Any,
) -> RayConnection:
    """Return a connection that answers: the present one, or a new one where that is dead.

    Arguments and errors as init_ray_with_smart_defaults(); objects and actors that were
    reached through a dead connection are gone with it.
    """
    if _in_ray_worker() and address in (None, "auto"):
        return _own_cluster(namespace)
    try:
        present = check_connection(timeout=check_timeout)
        asked = (address, namespace) != (None, None) and not _in_ray_worker()
        if asked and (wanted := decide_target(os.environ, address, namespace)) != present.target:
            _refuse_another(wanted, present.target)
        return present
    except RayConnectError:
        if (dead := _State.connection) and (metrics := _metrics()):
            metrics.lost(dead.target.role)
        disconnect(timeout=check_timeout)
    return init_ray_with_smart_defaults(address, namespace, timeout=timeout, **options)


def _refuse_another(wanted: RayTarget, present: RayTarget) -> None:
    if wanted.address != present.address:
        raise _elsewhere(wanted, f"to {redact(present.address)}")
    if wanted.namespace not in (None, present.namespace):
        raise _elsewhere(wanted, f"in Ray namespace {redact(str(present.namespace))}")


def disconnect(*, timeout: float = 10.0) -> None:
    """Give up this library's connection, within *timeout* seconds, also where Ray is dead."""
    if _State.connection is None or _State.forked:
        return
    ray = _load_ray(_State.connection.target.role)
    deadline = time.monotonic() + _bounded(timeout)
    with _turn(deadline, _State.connection.target.role):
        call = _Call(ray.shutdown)
        _State.connection, _State.pending = None, call
        try:
            if not call.ended.wait(max(0.0, deadline - time.monotonic()) / 2):
                _break_off(ray)
            call.result(deadline - time.monotonic())
        except Exception as error:
            if not call.is_answer(error):
                raise
        finally:
            _note_answer(False)


# --- the check --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RayFinding:
    """One thing that is wrong (error), or that had better be otherwise (hint).

    *rule* is the id under which ``seedcore-deploy explain`` has a page. *value* is redacted, and
    None where the variable is not set.
    """

    rule: str
    severity: Severity
    role: str
    variable: str
    value: str | None
    reason: str
    mend: str
    text: str

    def __str__(self) -> str:
        return f"{self.severity} {self.rule} {self.text}"


@dataclass(frozen=True, slots=True)
class RayCheck:
    """What a check found: findings, errors first, and in *gaps* what could not be looked at.

    *target* is what this process would connect to, where its settings tell; *session* is Ray's,
    where a connection was asked for and proven.
    """

    role: Role
    findings: tuple[RayFinding, ...]
    gaps: tuple[str, ...] = ()
    target: RayTarget | None = None
    session: str = ""

    @property
    def outcome(self) -> Outcome:
        """Right by its settings; proven by a connection; else why not. Hints never decide."""
        if any(each.severity == "error" for each in self.findings):
            return "findings"
        if self.gaps:
            return "inconclusive"
        return "proven" if self.session else "right"

    @property
    def exit_code(self) -> int:
        """The same numbers as seedcore-deploy's: 0 right or proven, 1 findings, 3 not looked."""
        return {"findings": 1, "inconclusive": 3}.get(self.outcome, 0)


def check_ray_config(*, connect: bool = False, timeout: float = 60.0) -> RayCheck:
    """Judge the settings of this process, and with *connect* prove them, within *timeout* seconds.

    A wrong setting is never connected with. Raises nothing of its own: what is wrong is in what
    it returns. Without *connect* no ray is imported, and only the environment is looked at.
    """
    checked = check_settings(os.environ)
    if not connect or checked.exit_code:
        return checked
    ray: Any = sys.modules.get("ray")
    ours = _State.connection is None and not (ray and ray.is_initialized())
    try:
        session = init_ray_with_smart_defaults(timeout=timeout, logging_level="ERROR").session
        if ours:
            with suppress(RayConfigError):  # the proof stands
                disconnect()
    except RayNotAskedError as error:
        return replace(checked, gaps=(str(error),))
    except RayConfigError as error:
        return replace(checked, findings=(_finding(error), *checked.findings))
    except Exception as error:  # what nobody foresaw says nothing about the settings
        gap = f"the attempt ended with {type(error).__name__}: {' '.join(str(error).split())[:300]}"
        return replace(checked, gaps=(gap,))
    return replace(checked, session=session)


def check_settings(environ: Mapping[str, str]) -> RayCheck:
    """Judge the settings in *environ*: what the contract gives the role, and nothing else."""
    role, found, target = ray_role(environ), [], None
    try:
        target = decide_target(environ)
    except RaySettingInvalidError:
        with suppress(RayConfigError):  # its namespace is spoken of below
            target = decide_target({**environ, "RAY_NAMESPACE": "default"})
    except RayConfigError as error:
        found.append(_finding(error))
    if target and target.mode == "client" and "RAY_ADDRESS" not in environ:
        reason = f"code without this library would start a private Ray, not find {target.address}"
        mend = f"give the pod the client ConfigMap (RAY_ADDRESS={target.address})"
        missing = RayAddressMissingError(reason, mend, role=role, variable="RAY_ADDRESS")
        found.append(_finding(missing))
    of_a_pod = role == "client" and (target is None or target.mode == "client")
    for judge in _CLIENT_SETTINGS if of_a_pod else (_check_namespace,):
        try:
            judge(environ, of_a_pod)
        except RayConfigError as error:
            found.append(_finding(error))
    found += [_finding(each, "SC108") for each in _service_links(environ, role)]
    if of_a_pod and environ.get(AUTO_CONNECT) != "0":
        found.append(_finding(_auto_connect(environ), "SC110", "hint"))
    return RayCheck(role, tuple(found), target=target)


def _check_namespace(env: Mapping[str, str], needed: bool) -> None:
    if get_ray_namespace(env) is None and needed:
        reason = "without it Ray gives each client a namespace at random"
        mend = "set RAY_NAMESPACE to the name that all clients share"
        raise RaySettingInvalidError(reason, mend, role="client", variable="RAY_NAMESPACE")


_CLIENT_SETTINGS: tuple[Callable[[Mapping[str, str], bool], object], ...] = (
    _check_namespace,
    lambda env, _: _http_address(env, ("RAY_SERVE_ADDRESS",), 8000),
    lambda env, _: _http_address(env, ("RAY_DASHBOARD_ADDRESS",), DASHBOARD_PORT),
)


def _service_links(env: Mapping[str, str], role: Role) -> Iterator[RayConfigError]:
    """What Kubernetes sets for a Service named ray: a URL where Ray expects a number."""
    for name in ("RAY_PORT", "RAY_CLIENT_PORT", "RAY_SERVE_PORT"):
        if env.get(name, "").startswith("tcp://"):
            mend = "set enableServiceLinks: false in the pod's spec"
            setting = _Setting(role, name, env[name], mend)
            yield setting.wrong(RaySettingInvalidError, "a service link has taken its place")


def _auto_connect(env: Mapping[str, str]) -> RayConfigError:
    reason = "a bare .remote() without a connection would call ray.init(), unproven and unbounded"
    mend = f"set {AUTO_CONNECT}=0 in the client ConfigMap"
    value = env.get(AUTO_CONNECT)
    if value is None:
        return RaySettingInvalidError(reason, mend, role="client", variable=AUTO_CONNECT)
    return _Setting("client", AUTO_CONNECT, value, mend).wrong(RaySettingInvalidError, reason)


def _finding(error: RayConfigError, rule: str = "", severity: Severity = "error") -> RayFinding:
    return RayFinding(
        rule or _rule_of(error), severity, error.role, error.variable, error.value,
        error.reason, error.mend, str(error),
    )  # fmt: skip


def _rule_of(error: RayConfigError) -> str:
    """Return the id of the rule of ``seedcore-deploy verify`` that says the same."""
    if isinstance(error, RaySettingInvalidError):
        return "SC101" if error.value in (None, redact("")) else "SC102"
    if isinstance(error, RayNotInstalledError):
        return "SC408"
    if isinstance(error, RayConnectError):
        skew = re.search(r"Version mismatch|JobConfig", error.reason)
        credential = re.search(r"(?i)authenticat|token", error.reason)
        return "SC405" if skew else "SC407" if credential else "SC401"
    return "SC104" if error.role == "client" else "SC105"


# --- the command line ---------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``python -m seedcore.utils.ray_config``; returns the exit code, 2 for bad usage."""
    parser = argparse.ArgumentParser(
        prog="python -m seedcore.utils.ray_config",
        allow_abbrev=False,
        epilog="exit codes: 0 right, or proven   1 findings   2 usage   3 could not look",
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    about = "judge the Ray settings of this process"
    check = verbs.add_parser("check", allow_abbrev=False, help=about, description=about)
    check.add_argument("--connect", action="store_true", help="connect, and prove it with a task")
    check.add_argument(
        "--timeout", type=float, default=60.0, metavar="S", help="bound of --connect"
    )
    check.add_argument("--json", action="store_true", help="for programs")
    asked = parser.parse_args(arguments)
    if not 0 < asked.timeout < float("inf"):
        parser.error("--timeout must be a number of seconds above 0")
    try:
        checked = check_ray_config(connect=asked.connect, timeout=asked.timeout)
    except Exception as error:  # a bug must not end with 1, which says that a setting is wrong
        _say(f"could not look: {type(error).__name__}: {error}", sys.stderr)
        return 3
    _say(_as_json(checked) if asked.json else _as_text(checked), sys.stdout)
    return checked.exit_code


def _say(text: str, stream: TextIO | None) -> None:
    """Write *text* as far as *stream* takes it: the exit code tells the outcome all the same."""
    try:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
        if stream is not None:  # as it is where it was closed before Python began
            print(text, file=stream, flush=True)
    except OSError:  # nobody reads it; nor must Python fail to flush it at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), cast("TextIO", stream).fileno())


def _as_text(checked: RayCheck) -> str:
    lines = [*map(str, checked.findings), *(f"could not look: {each}" for each in checked.gaps)]
    target, said = checked.target, {"right": "RIGHT (not connected)", "proven": "PROVEN"}
    if target and checked.outcome in said:
        where = f"{target.address} from {target.origin}, namespace {target.namespace or 'not set'}"
        session = f", {checked.session}" if checked.session else ""
        lines.append(f"{said[checked.outcome]}: {checked.role}, {where}{session}")
    return "\n".join(lines)


def _as_json(checked: RayCheck) -> str:
    """Return what docs/schema/check-v1.json describes."""
    target = checked.target
    document = {
        "version": 1,
        "outcome": checked.outcome,
        "exit_code": checked.exit_code,
        "role": checked.role,
        "address": redact(target.address) if target else "",
        "origin": target.origin if target else "",
        "namespace": (target.namespace or "") if target else "",
        "session": checked.session,
        "findings": [asdict(each) for each in checked.findings],
        "gaps": list(checked.gaps),
    }
    return json.dumps(document, indent=2)


if __name__ == "__main__":
    sys.exit(main())
