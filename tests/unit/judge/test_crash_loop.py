"""Whose crashes count, and from when on."""

from __future__ import annotations

import pytest

from seedcore_deploy.model.pod_state import EndedRun
from seedcore_deploy.model.snapshot import Snapshot
from tests.support import snapshots as s
from tests.support import waiting as w


def head_ready(seconds: float) -> Snapshot:
    return s.with_pod(s.healthy(), s.HEAD, ready_since=w.ago(seconds))


def crashing_head(**state: object) -> Snapshot:
    return w.held_up(w.crashed(name="ray-head", **state), pod=s.HEAD)  # type: ignore[arg-type]


def test_head_is_doomed_from_its_second_crash_on() -> None:
    (doom,) = w.doomed(crashing_head(code=3))

    assert str(doom.subject) == f"pod/{s.HEAD}"
    assert "ended 2 times, last with exit code 3" in doom.reason
    assert f"kubectl logs {s.HEAD} -c ray-head --previous" in doom.mend


def test_first_crash_says_nothing() -> None:
    assert w.reasons(crashing_head(restarts=0)) == []


def test_container_out_of_memory_is_named_so_with_its_limit() -> None:
    (doom,) = w.doomed(crashing_head(code=137, reason="OOMKilled"))

    assert "OOMKilled, exit code 137" in doom.reason
    assert "memory limit" in doom.mend


def test_last_words_are_told() -> None:
    assert "no such option" in w.reasons(crashing_head(code=2, said="no such option"))[0]


def test_crash_from_before_the_wait_says_nothing_until_the_next_try() -> None:
    """What was mended a moment ago shows at the next try, up to five minutes later."""
    assert w.reasons(crashing_head(begun=120), begun=w.ago(60)) == []
    assert w.reasons(crashing_head(begun=30), begun=w.ago(60))


@pytest.mark.parametrize("pod", [s.API, s.WORKER])
def test_client_that_crashes_while_the_head_is_coming_up_is_waited_for(pod: str) -> None:
    no_head = s.with_pod(s.healthy(), s.HEAD, ready=False, created_at=w.ago(60))

    assert w.reasons(w.held_up(w.crashed(restarts=4), pod=pod, within=no_head)) == []


@pytest.mark.parametrize("pod", [s.API, s.WORKER])
def test_client_that_crashes_beside_a_fresh_head_is_waited_for(pod: str) -> None:
    within = head_ready(89)

    assert w.reasons(w.held_up(w.crashed(begun=10), pod=pod, created=100, within=within)) == []


@pytest.mark.parametrize("pod", [s.API, s.WORKER])
def test_client_that_crashes_long_after_the_head_was_ready_is_doomed(pod: str) -> None:
    within = head_ready(91)

    assert w.reasons(w.held_up(w.crashed(begun=10), pod=pod, created=100, within=within))


def test_client_whose_last_try_met_the_start_up_race_is_waited_for() -> None:
    """It backs off for five minutes since the head came late; its one try came too early."""
    within = head_ready(200)

    waits = w.held_up(w.crashed(begun=190, restarts=7), created=900, within=within)

    assert w.reasons(waits) == []


def test_command_that_is_not_in_the_image_is_doomed_whatever_the_head_does() -> None:
    said = 'exec: "no-such-program": executable file not found in $PATH'
    never = "1970-01-01T00:00:00Z"
    ended = EndedRun(128, "StartError", said, never, w.ago(2))
    container = w.waiting("RunContainerError", said, ended=ended, restarts=1)

    (doom,) = w.doomed(w.held_up(container, within=head_ready(5)), begun=w.ago(60))

    assert "no-such-program" in doom.reason
    assert "name a command" in doom.mend


def test_init_container_that_crashes_is_named_as_one() -> None:
    container = w.crashed(name="migrate", init=True)

    assert w.reasons(w.held_up(container))[0].startswith("init container migrate")


CHECKED = "error SC104 RAY_ADDRESS=local (client): it would start a private Ray in this pod."


def test_start_up_check_that_found_a_setting_wrong_is_doomed_whatever_the_head_does() -> None:
    container = w.crashed(name="ray-startup-check", init=True, said=CHECKED)

    (doom,) = w.doomed(w.held_up(container, within=head_ready(5)))

    assert doom.reason.startswith("init container ray-startup-check: CrashLoopBackOff")
    assert CHECKED in doom.reason
    assert "seedcore-deploy explain SC104" in doom.mend


def test_start_up_check_says_nothing_of_what_was_mended_since() -> None:
    container = w.crashed(name="ray-startup-check", init=True, said=CHECKED, begun=120)

    assert w.reasons(w.held_up(container, created=200), begun=w.ago(60)) == []


@pytest.mark.parametrize(
    ("code", "said"),
    [(1, "error SC401 Ray (client): no answer within 60 s"), (3, CHECKED), (1, "no such file")],
)
def test_init_container_that_failed_for_anything_else_waits_for_the_head(
    code: int, said: str
) -> None:
    container = w.crashed(name="ray-startup-check", init=True, code=code, said=said)

    assert w.reasons(w.held_up(container, within=head_ready(5))) == []


def test_an_application_that_prints_such_a_line_is_no_start_up_check() -> None:
    assert w.reasons(w.held_up(w.crashed(said=CHECKED), within=head_ready(5))) == []
