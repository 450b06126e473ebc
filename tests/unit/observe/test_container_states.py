from __future__ import annotations

from typing import Any

from seedcore_deploy.model.pod_state import ContainerPhase
from seedcore_deploy.observe.container_states import container_states, placement

ENDED = {
    "exitCode": 137,
    "reason": "OOMKilled",
    "message": "my own word is sesame-open",
    "startedAt": "2026-01-01T00:00:01Z",
    "finishedAt": "2026-01-01T00:00:09Z",
}


def pod(*containers: dict[str, Any], **status: Any) -> dict[str, Any]:
    env = [{"name": "WORD", "value": "sesame-open"}]
    return {
        "metadata": {"name": "api"},
        "spec": {"containers": [{"name": "api", "env": env}]},
        "status": {"containerStatuses": list(containers), **status},
    }


def container(**state: Any) -> dict[str, Any]:
    return {"name": "api", "image": "x:1", "ready": False, "restartCount": 2, **state}


def test_container_that_backs_off_has_its_reason_and_how_its_last_run_ended() -> None:
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 20s"}}

    (found,) = container_states(pod(container(state=waiting, lastState={"terminated": ENDED})))

    assert (found.phase, found.reason) == (ContainerPhase.WAITING, "CrashLoopBackOff")
    assert found.restarts == 2
    assert found.ended is not None
    assert (found.ended.exit_code, found.ended.reason) == (137, "OOMKilled")


def test_value_of_the_pods_own_env_is_hidden_in_last_words_and_in_quoted_commands() -> None:
    quoting = {"waiting": {"reason": "RunContainerError", "message": 'exec: "sesame-open"'}}

    (found,) = container_states(pod(container(state=quoting, lastState={"terminated": ENDED})))

    assert "sesame-open" not in repr(found)


def test_container_that_has_just_ended_is_terminated() -> None:
    (found,) = container_states(pod(container(state={"terminated": ENDED})))

    assert found.phase is ContainerPhase.TERMINATED
    assert found.ended is not None


def test_init_containers_come_first_and_are_marked() -> None:
    init = {"name": "wait", "state": {"running": {"startedAt": "2026-01-01T00:00:01Z"}}}

    first, second = container_states(pod(container(), initContainerStatuses=[init]))

    assert (first.name, first.init, first.phase) == ("wait", True, ContainerPhase.RUNNING)
    assert (second.name, second.init, second.phase) == ("api", False, ContainerPhase.UNKNOWN)


def condition(kind: str, status: str, **more: str) -> dict[str, str]:
    return {"type": kind, "status": status, "lastTransitionTime": "2026-01-01T00:00:05Z", **more}


def test_pod_that_no_node_takes_has_the_schedulers_words() -> None:
    said = "0/1 nodes are available: 1 Insufficient cpu."
    refused = condition("PodScheduled", "False", reason="Unschedulable", message=said)

    found = placement(pod(conditions=[refused]))

    assert (found.refused, found.refused_since) == (said, "2026-01-01T00:00:05Z")
    assert found.placed_at == ""


def test_pod_that_a_gate_holds_back_is_not_refused() -> None:
    gated = condition("PodScheduled", "False", reason="SchedulingGated", message="waiting")

    assert placement(pod(conditions=[gated])).refused == ""


def test_pod_on_a_node_has_the_times_of_its_place_and_of_its_init_containers() -> None:
    conditions = [condition("PodScheduled", "True"), condition("Initialized", "True")]

    found = placement(pod(conditions=conditions, nominatedNodeName="n"))

    assert found.placed_at == found.initialized_at == "2026-01-01T00:00:05Z"
    assert found.nominated
