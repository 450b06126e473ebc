"""What changes while verify looks: what it saw is of one moment, or it looks again."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from tests.support.stage import HEAD, HEAD_TEMPLATE, Stage

from .declaration import WAITED, Answer, Cost, Expected, Family, Fault
from .ray_pods import without_overlay

FAMILY = Family.IN_THE_MIDDLE
NOW = ("--grace-period=0", "--force", "--wait=false")

_UNTIL_PROBED = """\
import os, time
def read(pid, name):
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:
            return file.read()
    except OSError:
        return b""
def is_probe(pid):
    return b"seedcore-probe" in read(pid, "cmdline").split(b"\\0")
def connects(pid):
    fields = read(pid, "stat").rpartition(b")")[2].split()
    return is_probe(pid) and len(fields) > 1 and is_probe(int(fields[1]))
ends = time.monotonic() + 240
while not any(connects(pid) for pid in os.listdir("/proc") if pid.isdecimal()):
    assert time.monotonic() < ends, "no probe was seen"
    time.sleep(0.05)
"""
"""Ends once the part of a probe that connects runs: it alone is the child of another probe."""


_FIRST_SERVER_DIES = """\
import os, signal, time
def servers():
    for pid in os.listdir("/proc"):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().split(b"\\0")
        except OSError:
            continue
        if b"ray.util.client.server" in words and b"--mode=specific-server" in words:
            yield int(pid)
before, ends = set(servers()), time.monotonic() + 240
while not (new := set(servers()) - before):
    assert time.monotonic() < ends, "nobody connected"
    time.sleep(0.005)
os.kill(min(new), signal.SIGSEGV)
"""
"""Ends the process that the head's client server forks for the next client, as the race does."""


@contextlib.contextmanager
def _without_the_remedy(stage: Stage) -> Iterator[None]:
    """The base's head has GRPC_ENABLE_FORK_SUPPORT=0 in its env, alone."""
    env = f"{HEAD_TEMPLATE}/spec/containers/0/env"
    remedy = stage.get("raycluster", "seedcore")["spec"]["headGroupSpec"]["template"]["spec"]
    entries = remedy["containers"][0]["env"]
    stage.patch("raycluster/seedcore", {"op": "remove", "path": env})
    stage.renew_ray_pods()
    # Until the applications are connected anew: the next to connect is to be a probe.
    with without_overlay(stage) as alone:
        settled = alone.verify(*WAITED)
    assert settled.code == 0, str(settled)
    yield
    stage.patch("raycluster/seedcore", {"op": "add", "path": env, "value": entries})
    stage.renew_ray_pods()


@contextlib.contextmanager
def _first_connection_fails(stage: Stage) -> Iterator[Stage]:
    """Judged without the overlay, which has the remedy and would be a second finding."""
    head = stage.pod(HEAD)["metadata"]["name"]
    words = ("python", "-c", _FIRST_SERVER_DIES)
    with (
        beside(lambda: stage.in_pod(head, *words, container="ray-head")),
        without_overlay(stage) as seen,
    ):
        yield seen


def _when_probed(then: Callable[[Stage], None]) -> Callable[[Stage], AbstractContextManager[None]]:
    """Do something as soon as a probe connects from the API; fails where none did."""

    @contextlib.contextmanager
    def during(stage: Stage) -> Iterator[None]:
        api = stage.client("api")["metadata"]["name"]

        def watch() -> None:
            stage.in_pod(api, "python", "-c", _UNTIL_PROBED)
            then(stage)

        with beside(watch):
            yield

    return during


@contextlib.contextmanager
def beside(what: Callable[[], object]) -> Iterator[None]:
    """Do something while the block runs; fails where it failed."""
    failed: list[BaseException] = []

    def guarded() -> None:
        try:
            what()
        except BaseException as fault:
            failed.append(fault)

    thread = threading.Thread(target=guarded)
    thread.start()
    yield
    thread.join()
    assert not failed, failed


def _nothing(_: Stage) -> None:
    """All is well until verify looks."""


def _delete_head(stage: Stage) -> None:
    stage.kubectl("delete", "pod", "-l", HEAD, *NOW)


def _delete_api(stage: Stage) -> None:
    stage.kubectl("delete", "pod", "-l", "app=seedcore-api", *NOW)


def _change_settings(stage: Stage) -> None:
    """The settings change after they were listed, and a pod that has them starts at once."""
    stage.set_keys("seedcore-client-env", RAY_ADDRESS="ray://seedcore-old-head-svc:10001")
    _delete_api(stage)


def _new_head(stage: Stage) -> None:
    """A new head is ready; the worker restarts in place, and is Ready in the old session still."""
    stage.kubectl("delete", "pod", "-l", HEAD, "--wait=true")
    stage.await_head()


def _restart_api(stage: Stage) -> None:
    stage.kubectl("rollout", "restart", "deployment/seedcore-api")


def _settling(name: str, make: Callable[[Stage], None], **more: object) -> Fault:
    return Fault(name, FAMILY, make, answer=Answer.SETTLING, **more)  # type: ignore[arg-type]


FAULTS = (
    _settling("The API's rollout is in progress", _restart_api, ci=True),
    Fault(
        "The API's rollout is waited out",
        FAMILY,
        _restart_api,
        answer=Answer.PROVEN,
        options=WAITED,
    ),
    Fault(
        "The API's pod goes away while it is looked at",
        FAMILY,
        _nothing,
        answer=Answer.PROVEN,
        during=_when_probed(_delete_api),
        options=WAITED,
    ),
    Fault(
        "The client settings change while they are looked at",
        FAMILY,
        _nothing,
        (Expected("SC203", "configmap/seedcore-client-env RAY_ADDRESS", "seedcore-head-svc"),),
        during=_when_probed(_change_settings),
        options=WAITED,
    ),
    Fault(
        "The process that the head forks for a client dies, once",
        FAMILY,
        _without_the_remedy,
        (Expected("SC406", "raycluster/seedcore GRPC_ENABLE_FORK_SUPPORT", "gRPC", hint=True),),
        cost=Cost.RAY,
        during=_first_connection_fails,
        answer=Answer.PROVEN,
        options=WAITED,
    ),
    _settling("The head was replaced a moment ago", _new_head, cost=Cost.RAY),
    _settling(
        "The head goes away while a probe runs",
        _nothing,
        cost=Cost.RAY,
        during=_when_probed(_delete_head),
    ),
    Fault(
        "The head goes away while a probe runs, and is waited for",
        FAMILY,
        _nothing,
        cost=Cost.RAY,
        answer=Answer.PROVEN,
        during=_when_probed(_delete_head),
        options=WAITED,
    ),
)
