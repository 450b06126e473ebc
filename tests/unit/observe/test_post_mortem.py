from __future__ import annotations

from typing import Any
from unittest.mock import create_autospec

import pytest

from seedcore_deploy.judge.doom import Doom
from seedcore_deploy.judge.readiness import Pending
from seedcore_deploy.kube.client import Connection
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.observe.post_mortem import (
    doom_report,
    pod_states,
    post_mortem,
    shown_line,
)
from tests.support import snapshots as s


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


def test_last_words_of_a_run_are_told_without_the_values_of_its_spec() -> None:
    ended = {"exitCode": 1, "message": "refused: can&ary"}
    spec = {"containers": [{"name": "c", "env": [{"name": "TOKEN", "value": "can&ary"}]}]}
    status = {"containerStatuses": [{"name": "c", "state": {"terminated": ended}}]}

    assert pod_states({"spec": spec, "status": status}) == (
        "container c: ended with exit code 1  refused: ***",
    )


def test_events_and_log_lines_are_told_without_the_values_of_the_spec() -> None:
    spec = {"containers": [{"name": "api", "env": [{"name": "TOKEN", "value": "can&ary"}]}]}
    answers = {
        f"/api/v1/namespaces/{s.NAMESPACE}/pods/{s.API}": {"spec": spec},
        f"/api/v1/namespaces/{s.NAMESPACE}/events": {
            "items": [
                _warning("Unhealthy", "probe failed: can&ary"),
                _warning("FailedMount", 'secret "can&ary" not found'),
            ]
        },
    }
    connection = create_autospec(Connection, instance=True)
    connection.get.side_effect = lambda path, _: answers[path]
    pending = (Pending(Subject("Pod", s.API), "it crashed", settling=False),)
    snapshot = s.with_pod(s.healthy(), s.API, ready=False)

    said = post_mortem(
        connection, lambda *_: ["login with can&ary"], s.NAMESPACE, pending, snapshot
    )

    assert "event Unhealthy: probe failed: ***" in said
    assert 'event FailedMount: secret "can&ary" not found' in said
    assert "log: login with ***" in said


def test_doom_is_told_with_its_mend_and_the_last_words_of_the_run_before() -> None:
    spec = {"containers": [{"name": "api", "env": [{"name": "TOKEN", "value": "can&ary"}]}]}
    state = {"waiting": {"reason": "CrashLoopBackOff"}}
    crashed = {"name": "api", "state": state, "lastState": {"terminated": {"exitCode": 1}}}
    answers = {
        f"/api/v1/namespaces/{s.NAMESPACE}/pods/{s.API}": {
            "spec": spec,
            "status": {"containerStatuses": [crashed]},
        },
        f"/api/v1/namespaces/{s.NAMESPACE}/events": {"items": []},
    }
    connection = create_autospec(Connection, instance=True)
    connection.get.side_effect = lambda path, _: answers[path]
    doom = Doom(Subject("Pod", s.API), "exit code 1", "mend it", pod=s.API, container="api")
    asked = []

    def logs(pod: str, container: str, previous: bool, lines: int) -> list[str]:
        asked.append((pod, container, previous))
        return [f"line {number} of can&ary" for number in range(20)][-lines:]

    said = doom_report(connection, logs, s.NAMESPACE, (doom,), s.healthy()).splitlines()

    assert said[:3] == [
        "this will not become ready by itself:",
        f"  pod/{s.API}: exit code 1",
        "    mend: mend it",
    ]
    assert said[-1] == "    log: line 19 of ***"
    assert asked == [(s.API, "api", True)]


def test_failing_init_container_is_told_with_all_of_its_last_words_and_its_own_log() -> None:
    said = f"error SC104 {'and a reason ' * 30}Mend: mend it\nhint SC110 of less weight\n"
    state = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off " * 20}}
    ended = {"terminated": {"exitCode": 1, "reason": "Error", "message": said}}
    failing = {"name": "ray-startup-check", "state": state, "lastState": ended}
    waits = {"name": "api", "state": {"waiting": {"reason": "PodInitializing"}}}
    status = {"initContainerStatuses": [failing], "containerStatuses": [waits]}
    answers = {
        f"/api/v1/namespaces/{s.NAMESPACE}/pods/{s.API}": {"status": status},
        f"/api/v1/namespaces/{s.NAMESPACE}/events": {"items": []},
    }
    connection = create_autospec(Connection, instance=True)
    connection.get.side_effect = lambda path, _: answers[path]
    pending = (Pending(Subject("Pod", s.API), "it crashed", settling=False),)
    asked = []

    def logs(pod: str, container: str, previous: bool, lines: int) -> list[str]:
        asked.append((pod, container, previous, lines))
        return ["the check's own line"]

    snapshot = s.with_pod(s.healthy(), s.API, ready=False)
    report = post_mortem(connection, logs, s.NAMESPACE, pending, snapshot)

    told = " ".join(report.split())
    assert "init container ray-startup-check: waiting: CrashLoopBackOff" in told
    assert "ended with exit code 1 Error error SC104 and a reason" in told
    assert "Mend: mend it hint SC110 of less weight" in told
    assert max(map(len, report.splitlines())) < 260
    assert [each[1:3] for each in asked] == [("ray-startup-check", True)]


def test_init_container_between_two_runs_has_the_log_of_the_last_one() -> None:
    failing = {"name": "check", "state": {"terminated": {"exitCode": 1}}}
    connection = create_autospec(Connection, instance=True)
    connection.get.return_value = {"status": {"initContainerStatuses": [failing]}}
    doom = Doom(Subject("Pod", s.API), "exit code 1", "mend it", pod=s.API, container="check")

    said = doom_report(connection, lambda *_: ["its words"], s.NAMESPACE, (doom,), s.healthy())

    assert "log: its words" in said


def test_container_that_never_ran_has_no_log_to_be_asked_for() -> None:
    waits = {"name": "api", "state": {"waiting": {"reason": "ErrImagePull"}}}
    connection = create_autospec(Connection, instance=True)
    connection.get.return_value = {"status": {"containerStatuses": [waits]}}
    doom = Doom(Subject("Pod", s.API), "not found", "push it", pod=s.API, container="api")

    said = doom_report(connection, lambda *_: ["never"], s.NAMESPACE, (doom,), s.healthy())

    assert "never" not in said


def _warning(reason: str, message: str) -> dict[str, Any]:
    about = {"kind": "Pod", "name": s.API}
    return {"type": "Warning", "reason": reason, "message": message, "involvedObject": about}
