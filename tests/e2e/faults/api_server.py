"""What the API server, or the way to it, does to the one who asks."""

from __future__ import annotations

import contextlib
import functools
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.support.apiproxy import Request
from tests.support.kubeconfigs import proxied, service_account
from tests.support.stage import Stage
from tests.support.tool import REPOSITORY

from .declaration import Answer, Family, Fault

FAMILY = Family.API_SERVER
SLOW_S = 2.0
RESTART_S = 3.0


@functools.cache
def _rbac(namespace: str) -> str:
    """The repository's Roles, for a namespace."""
    command = ("kubectl", "kustomize", str(REPOSITORY / "deploy" / "rbac"))
    made = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return made.replace("namespace: seedcore-dev", f"namespace: {namespace}")


def _through(
    matches: Callable[[Request], bool], **what: Any
) -> Callable[[Stage], AbstractContextManager[Stage]]:
    """The stage behind a proxy that makes a fault; fails where the fault hit nothing."""

    @contextlib.contextmanager
    def during(stage: Stage) -> Iterator[Stage]:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            user = service_account(stage.bench, stage.namespace, "seedcore-verifier", folder)
            with proxied(stage.bench, user, folder) as (through, proxy):
                made = proxy.fault(matches, **what)
                yield replace(stage, bench=through)
                assert made.seen, "the fault hit nothing"

    return during


def _verifier(stage: Stage) -> None:
    """The user whose requests pass the proxy."""
    stage.bench.kubectl("apply", "-f", "-", stdin=_rbac(stage.namespace))


def _lists(what: str) -> Callable[[Request], bool]:
    def matches(request: Request) -> bool:
        return request.method == "GET" and request.path.split("?")[0].endswith(f"/{what}")

    return matches


def _is_exec(request: Request) -> bool:
    return "/exec?" in request.path


def _any(_: Request) -> bool:
    return True


class _EachPathOnce:
    """The first request for each path."""

    def __init__(self) -> None:
        self._asked: set[str] = set()

    def __call__(self, request: Request) -> bool:
        first = request.path not in self._asked
        self._asked.add(request.path)
        return first


def _passes_by(
    name: str, matches: Callable[[Request], bool], *, ci: bool = False, **what: Any
) -> Fault:
    return Fault(
        name, FAMILY, _verifier, answer=Answer.PROVEN, during=_through(matches, **what), ci=ci
    )


def _stays(
    name: str, matches: Callable[[Request], bool], unread: str, *, ci: bool = False, **what: Any
) -> Fault:
    return Fault(name, FAMILY, _verifier, unread=unread, during=_through(matches, **what), ci=ci)


FAULTS = (
    _passes_by("The API server asks once for patience", _lists("pods"), status=429, times=1),
    _passes_by(
        "The API server fails with 503 once for each request", _EachPathOnce(), status=503, ci=True
    ),
    _passes_by("The API server fails with 500 once", _lists("rayclusters"), status=500, times=1),
    _passes_by("A list of the API server is cut in half once", _lists("pods"), cut_after=4000,
               times=1),
    _passes_by("Each answer of the API server takes two seconds more", _any, delay_s=SLOW_S),
    _passes_by("The API server restarts between two lists", _lists("rayclusters"),
               away_s=RESTART_S),
    _passes_by("The API server restarts before an exec", _is_exec, away_s=RESTART_S),
    _passes_by("An exec is cut in the middle once", _is_exec, cut_after=900, times=1),
    _stays("The API server asks for patience for ever", _lists("pods"), "pods", status=429),
    _stays("The API server fails to list ConfigMaps", _lists("configmaps"), "configmaps",
           status=500),
    _stays("The API server fails to list endpoints", _lists("endpointslices"), "endpointslices",
           status=503),
    _stays("Each exec is cut before its first byte", _is_exec, "exec", cut_after=0, ci=True),
    _stays("Each exec is cut within the first frame", _is_exec, "exec", cut_after=300),
    _stays("Each exec is cut within the answer", _is_exec, "exec", cut_after=900),
)  # fmt: skip
