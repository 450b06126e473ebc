"""Sending a payload into a container, and getting its one answer back whole."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from seedcore_deploy.kube.client import Connection
from seedcore_deploy.kube.errors import ApiError
from seedcore_deploy.kube.exec import ExecResult, run_in_pod
from seedcore_deploy.model.look import NotSeen
from seedcore_deploy.observe.payloads import frame, watchdog

_PACKAGE = "seedcore_deploy.observe.payloads"
_SHARED = (
    "frame",
    "proc",
    "memory",
    "interpreter",
    "address",
    "bounds",
    "diagnosis",
    "tls",
    "failure",
    "watchdog",
    "answers",
)
"""As they import one another: a module stands after those that it needs."""

READ_AND_RUN = "import sys;b=sys.stdin.buffer;exec(b.read(int(b.readline())).decode())"
"""Runs the program that follows on stdin by its length, since stdin itself stays open."""

_LOADER = """\
import sys, types
def load(name, source=None):
    module = sys.modules[name] = types.ModuleType(name)
    module.__path__ = []
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)
    if source is not None:
        exec(compile(source, name, "exec"), module.__dict__)
    return module
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A container of a pod."""

    namespace: str
    pod: str
    container: str


def program(payload: str, order: Mapping[str, Any]) -> bytes:
    """One self-contained program: the shared modules, the payload, and the call of its main."""
    lines = [_LOADER]
    parts = _PACKAGE.split(".")
    lines += [f"load({'.'.join(parts[: depth + 1])!r})" for depth in range(len(parts))]
    lines += [f"load({f'{_PACKAGE}.{name}'!r}, {source(name)!r})" for name in _SHARED]
    lines.append(f"payload = load({f'{_PACKAGE}.{payload}'!r}, {source(payload)!r})")
    lines.append(f"payload.main({dict(order)!r})")
    return "\n".join(lines).encode()


def source(name: str) -> str:
    """The source of a payload module."""
    return (files(_PACKAGE) / f"{name}.py").read_text()


def deliver(
    connection: Connection,
    place: Place,
    interpreter: str,
    payload: str,
    order: Mapping[str, Any],
    *,
    deadline_s: float,
) -> dict[str, Any] | NotSeen:
    """The payload's answer; NotSeen when there is none that is whole.

    A connection that was cut before half of the time was over is tried once more: whoever
    listens inside the pod ends with it, and a cut that passes by is no reason not to look.
    """
    began = time.monotonic()
    answer, cut = _delivered(connection, place, interpreter, payload, order, deadline_s)
    left = deadline_s - (time.monotonic() - began)
    if cut and left > deadline_s / 2:
        answer, _ = _delivered(connection, place, interpreter, payload, order, left)
    return answer


def _delivered(
    connection: Connection,
    place: Place,
    interpreter: str,
    payload: str,
    order: Mapping[str, Any],
    deadline_s: float,
) -> tuple[dict[str, Any] | NotSeen, bool]:
    """One attempt: the answer, and whether the connection was cut before it was whole."""
    nonce = f"seedcore-{secrets.token_hex(16)}"
    text = program(payload, {**order, "nonce": nonce})
    argv = [interpreter, "-c", READ_AND_RUN, watchdog.NAME]
    stdin = b"%d\n%s" % (len(text), text)
    result = run_or_not_seen(connection, place, argv, stdin, deadline_s)
    if isinstance(result, NotSeen):
        return result, False
    answer = opened(nonce, result, place)
    return answer, isinstance(answer, NotSeen) and result.exit_code is None


def run_or_not_seen(
    connection: Connection, place: Place, argv: list[str], stdin: bytes, deadline_s: float
) -> ExecResult | NotSeen:
    """The result of an exec that the API server accepted; NotSeen for one that it refused."""
    try:
        return run_in_pod(
            connection,
            place.namespace,
            place.pod,
            place.container,
            argv,
            stdin,
            deadline_s=deadline_s,
        )
    except ApiError as fault:
        return NotSeen(fault.what, fault.mend)


def opened(nonce: str, result: ExecResult, place: Place) -> dict[str, Any] | NotSeen:
    """The one answer in what the container printed; only a whole frame counts."""
    try:
        return frame.unframed(nonce, result.stdout)
    except frame.BrokenFrame as fault:
        why = result.why_broken or (
            f"the program ended with exit code {result.exit_code}: {_last_line(result.stderr)}"
            if result.exit_code
            else ""
        )
        return NotSeen(
            f"exec in pod {place.pod} ({place.container}): {fault}{'; ' + why if why else ''}",
            "run the command again; if it stays, look at the pod with `kubectl describe pod`",
        )


def _last_line(text: bytes) -> str:
    lines = text.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:300] if lines else "no output"
