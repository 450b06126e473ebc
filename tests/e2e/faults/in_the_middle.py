"""What changes while verify looks: what it saw is of one moment, or it looks again."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from tests.support.stage import HEAD, Stage

from .declaration import WAITED, Answer, Cost, Expected, Family, Fault

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


def _when_probed(then: Callable[[Stage], None]) -> Callable[[Stage], AbstractContextManager[None]]:
    """Do something as soon as a probe connects from the API; fails where none did."""

    @contextlib.contextmanager
    def during(stage: Stage) -> Iterator[None]:
        api = stage.client("api")["metadata"]["name"]
        failed: list[BaseException] = []

        def watch() -> None:
            try:
                stage.in_pod(api, "python", "-c", _UNTIL_PROBED)
                then(stage)
            except BaseException as fault:
                failed.append(fault)

        watcher = threading.Thread(target=watch)
        watcher.start()
        yield
        watcher.join()
        assert not failed, failed

    return during


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
