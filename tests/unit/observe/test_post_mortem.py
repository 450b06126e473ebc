from __future__ import annotations

import pytest

from seedcore_deploy.observe.post_mortem import pod_states, shown_line


@pytest.mark.parametrize(
    "line",
    [
        "RAY_AUTH_TOKEN=hunter2",
        "password: hunter2",
        '{"api_key": "hunter2"}',
        "Authorization: Bearer hunter2",
        "redis://user:hunter2@redis:6379/0",
        "ray\tstart --redis-password hunter2",
    ],
)
def test_log_lines_are_shown_without_credentials(line: str) -> None:
    assert "hunter2" not in shown_line(line)


def test_log_lines_are_cut_and_cannot_steer_the_terminal() -> None:
    assert len(shown_line("x" * 1000)) < 250
    assert "\x1b" not in shown_line("\x1b[31mred")


def test_a_crashing_container_is_told_with_how_its_last_run_ended() -> None:
    crashing = {
        "name": "ray-head",
        "ready": False,
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}},
    }

    states = pod_states({"status": {"containerStatuses": [crashing]}})

    assert states == (
        (
            "container ray-head: waiting: CrashLoopBackOff, "
            "before that ended with exit code 137 OOMKilled"
        ),
    )


def test_conditions_that_hold_are_left_out() -> None:
    conditions = [
        {"type": "Initialized", "status": "True"},
        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no cpu"},
    ]

    assert pod_states({"status": {"conditions": conditions}}) == (
        "condition PodScheduled is False: Unschedulable no cpu",
    )
