"""Why a pod is not ready, in one sentence."""

from typing import Any

import pytest

from seedcore_deploy.observe.pod_state import why_not_ready


def waiting(reason: str, message: str = "", **fields: Any) -> dict[str, Any]:
    return {"name": "c", "state": {"waiting": {"reason": reason, "message": message}}, **fields}


def pod(**status: Any) -> dict[str, Any]:
    return {"metadata": {}, "status": status}


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ({"phase": "Succeeded"}, "it has finished"),
        ({"phase": "Failed", "reason": "Evicted", "message": "disk"}, "Evicted: disk"),
        (
            {
                "conditions": [
                    {
                        "type": "PodScheduled",
                        "status": "False",
                        "reason": "Unschedulable",
                        "message": "0/1 nodes",
                    }
                ]
            },
            "Unschedulable: 0/1 nodes",
        ),
        (
            {"containerStatuses": [waiting("CreateContainerConfigError", 'configmap "x"')]},
            'container c: CreateContainerConfigError: configmap "x"',
        ),
        (
            {
                "containerStatuses": [
                    waiting(
                        "CrashLoopBackOff",
                        lastState={"terminated": {"reason": "OOMKilled", "exitCode": 137}},
                    )
                ]
            },
            "container c: CrashLoopBackOff; the run before: OOMKilled with exit code 137",
        ),
        (
            {
                "initContainerStatuses": [
                    {"name": "wait", "state": {"running": {}}, "ready": False}
                ],
                "containerStatuses": [waiting("PodInitializing")],
            },
            "init container wait has not finished",
        ),
        (
            {"containerStatuses": [{"name": "c", "state": {"running": {}}, "ready": False}]},
            "container c: its readiness probe has not passed",
        ),
        (
            {
                "containerStatuses": [
                    {"name": "c", "state": {"terminated": {"reason": "Error", "exitCode": 3}}}
                ]
            },
            "container c: Error with exit code 3",
        ),
        ({}, "its status says nothing yet"),
    ],
)
def test_the_most_telling_part_speaks(status: dict[str, Any], sentence: str) -> None:
    assert why_not_ready(pod(**status)) == sentence


def test_what_is_stuck_speaks_before_what_is_starting() -> None:
    containers = [waiting("ContainerCreating"), {**waiting("ImagePullBackOff"), "name": "d"}]

    assert why_not_ready(pod(containerStatuses=containers)) == "container d: ImagePullBackOff"


def test_a_ready_pod_has_no_reason() -> None:
    assert why_not_ready(pod(conditions=[{"type": "Ready", "status": "True"}])) == ""


@pytest.mark.parametrize("message", ["RAY_AUTH_TOKEN=hunter2", f"RAY_AUTH_TOKEN={'hunter2' * 40}"])
def test_last_words_are_told_without_secrets(message: str) -> None:
    ended = {"reason": "Error", "exitCode": 1, "message": message}
    containers = [{"name": "c", "state": {"terminated": ended}}]

    assert "hunter2" not in why_not_ready(pod(containerStatuses=containers))


def test_last_words_that_are_cut_keep_nothing_of_a_value_of_the_spec() -> None:
    value = "canary-" + 50 * "x"
    ended = {"exitCode": 1, "message": f"refused: {value}{180 * 'y'}"}
    crashed = pod(containerStatuses=[{"name": "c", "state": {"terminated": ended}}])
    env = [{"name": "TOKEN", "value": value}]

    said = why_not_ready({**crashed, "spec": {"containers": [{"name": "c", "env": env}]}})

    assert "x" not in said.removeprefix("container c: ended with exit code 1")


def test_own_words_of_kubernetes_are_told_whole() -> None:
    """A value can be the name of what is missing."""
    message = 'configmap "seedcore-client-env" not found'
    env = [{"name": "SETTINGS", "value": "seedcore-client-env"}]
    held = pod(containerStatuses=[waiting("CreateContainerConfigError", message)])

    said = why_not_ready({**held, "spec": {"containers": [{"name": "c", "env": env}]}})

    assert said == f"container c: CreateContainerConfigError: {message}"


def test_long_last_words_are_told_by_their_beginning_and_their_end() -> None:
    message = f"error SC104 {'x' * 1000} ConnectionError: refused"
    state = {"waiting": {"reason": "CrashLoopBackOff"}}
    ended = {"terminated": {"exitCode": 1, "reason": "Error", "message": message}}
    failing = {"name": "ray-startup-check", "state": state, "lastState": ended}

    said = why_not_ready(pod(initContainerStatuses=[failing]))

    assert said.startswith("init container ray-startup-check: CrashLoopBackOff; the run before:")
    assert "error SC104" in said
    assert said.endswith("ConnectionError: refused")
    assert len(said) < 500
