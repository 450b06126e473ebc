"""What will not become ready is told within 15 s of the evidence, with its reason and its mend."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import subprocess
import time
from collections.abc import Sequence
from typing import Any

import pytest

from seedcore_deploy.judge.doom import NOTICED_S
from tests.e2e.doom_cases import CLIENT_CASES, CLUSTER_CASES, Case
from tests.support.evidence import HEAD_POD, condition, epoch, newest
from tests.support.tiny import HEAD, POD, Tiny, container, on_api, on_head, shell

IN_TIME_S = 15.0
IN_VAIN = "this will not become ready by itself:"


def params(cases: Sequence[Case]) -> list[Any]:
    """The cases, each under its name."""
    long = (pytest.mark.long,)
    return [pytest.param(case, id=case.name, marks=long if case.long else ()) for case in cases]


def check(tiny: Tiny, case: Case) -> None:
    with case.around(tiny):
        ended = tiny.apply(*case.patches)
        told = time.time()
        due = case.due(tiny) if case.due else told

    assert ended.code == 1, str(ended)
    assert ended.out == ""
    _, _, report = ended.err.partition(IN_VAIN)
    assert f"  {case.subject}" in report, str(ended)
    for word in case.words:
        assert word in report, str(ended)
    assert case.silent_of not in report
    assert "mend:" in report
    assert told - due <= IN_TIME_S, f"{told - due:.1f} s after the evidence: {ended}"


@pytest.mark.parametrize("case", params(CLIENT_CASES))
def test_doom_of_a_client_is_told_in_time(tiny: Tiny, case: Case) -> None:
    check(tiny, case)


@pytest.mark.long
def test_rollout_that_kubernetes_gave_up_is_told(tiny: Tiny) -> None:
    never = {"exec": {"command": ["false"]}, "periodSeconds": 1, "timeoutSeconds": 30}
    deadline = {"op": "add", "path": "/spec/progressDeadlineSeconds", "value": 5}
    patch = on_api(deadline, container(POD, "readinessProbe", never))

    began = time.time()
    ended = tiny.apply(patch, timeout="4m")
    told = time.time()

    assert ended.code == 1, str(ended)
    assert "deployment/seedcore-api: Kubernetes gave its rollout up" in ended.err
    assert "ProgressDeadlineExceeded" in ended.err
    assert told - began <= NOTICED_S + 2 * IN_TIME_S, f"{told - began:.1f} s: {ended}"


@pytest.mark.long  # half a minute; other dooms of clients are told in every run
def test_client_that_crashes_beside_a_head_that_has_long_been_ready_is_told(tiny: Tiny) -> None:
    crashes = on_api(container(POD, "command", shell("echo no module >&2; exit 3")))

    ended = tiny.apply(crashes, timeout="5m")

    assert ended.code == 1, str(ended)
    assert "last with exit code 3" in ended.err
    assert "log: no module" in ended.err
    ready = condition(newest(tiny, HEAD_POD), "Ready")["lastTransitionTime"]
    assert time.time() - epoch(ready) >= 90


def test_terminal_has_a_line_for_each_thing_that_is_waited_for(tiny: Tiny) -> None:
    """The lines are redrawn in place, and gone when the doom is told."""
    words = tiny.words(on_api(container(POD, "image", "Also_Not_Valid::1")))
    ours, theirs = pty.openpty()
    environment = {**tiny.bench.environment, "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(
        ("seedcore-deploy", *words),
        stderr=theirs,
        stdout=subprocess.DEVNULL,
        env=environment,
        cwd=tiny.bench.cwd,
    ) as program:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # the terminal's other end is closed
            while part := os.read(ours, 65536):
                shown += part
    os.close(ours)
    text = shown.decode()

    assert program.returncode == 1
    assert "waiting:" not in text
    assert re.search(r"pod/seedcore-api-\S+\x1b\S+ +\d+ s +\S", text), text
    assert "\x1b[2K" in text
    assert "InvalidImageName" in text.partition(IN_VAIN)[2]


@pytest.mark.parametrize("case", params(CLUSTER_CASES))
def test_doom_of_the_cluster_is_told_in_time(tiny: Tiny, case: Case) -> None:
    check(tiny, case)


def test_what_apply_can_mend_is_no_doom(tiny: Tiny) -> None:
    """The head crashes for a mistake; once that is mended, apply goes on from there."""
    tiny.clear()
    broken = tiny.apply(on_head(container(HEAD, "command", shell("exit 3"))))
    assert broken.code == 1, str(broken)

    with tiny.applying() as run:
        run.await_line("done:    pod/seedcore-head-")
        told = run.interrupt()

    assert IN_VAIN not in told
