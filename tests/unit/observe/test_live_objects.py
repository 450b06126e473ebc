from __future__ import annotations

import json
from typing import Any

import pytest

from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.live import OWN_NUMBERS, Number
from seedcore_deploy.observe.last_applied import LAST_APPLIED
from seedcore_deploy.observe.live_objects import live_object, live_workers, worker_numbers

R, MIN = Number.REPLICAS, Number.MIN


def raycluster(replicas: int | None, annotations: dict[str, str] | None = None) -> dict[str, Any]:
    group: dict[str, Any] = {"groupName": "w", "minReplicas": 0}
    if replicas is not None:
        group["replicas"] = replicas
    return {
        "metadata": {"name": "seedcore", "annotations": annotations or {}},
        "spec": {"workerGroupSpecs": [group]},
    }


def test_own_numbers_of_the_last_apply_are_those_that_were_sent() -> None:
    applied = json.dumps(raycluster(1))

    found = live_workers(raycluster(3, {LAST_APPLIED: applied}))

    assert found.live.groups[0].numbers == {R: 3, MIN: 0}
    assert found.applied is not None
    assert found.applied.groups[0].numbers == {R: 1, MIN: 0}


@pytest.mark.parametrize(("own", "numbers"), [(1, {R: 1, MIN: 0}), (None, {MIN: 0})])
def test_live_number_that_was_sent_is_not_taken_for_the_overlays_own(
    own: int | None, numbers: dict[Number, int]
) -> None:
    sent = raycluster(3, {OWN_NUMBERS: json.dumps({"w": {"replicas": own}})})

    found = live_workers(raycluster(3, {LAST_APPLIED: json.dumps(sent)}))

    assert found.applied is not None
    assert found.applied.groups[0].numbers == numbers


@pytest.mark.parametrize("applied", [None, "not json", "[]", "{}"])
def test_without_a_readable_last_apply_nothing_is_known_of_it(applied: str | None) -> None:
    annotations = {} if applied is None else {LAST_APPLIED: applied}

    assert live_workers(raycluster(3, annotations)).applied is None


def test_managers_of_the_status_alone_manage_nothing() -> None:
    metadata = {
        "name": "api",
        "managedFields": [
            {"manager": "kubectl-client-side-apply"},
            {"manager": "argocd-controller", "subresource": "status"},
        ],
        "ownerReferences": [{"kind": "ReplicaSet"}],
        "annotations": {LAST_APPLIED: "{}", "a": "b"},
    }

    found = live_object({"metadata": metadata}, "apps", "Deployment")

    assert found.managers == ("kubectl-client-side-apply",)
    assert found.controlled
    assert found.annotations == {"a": "b"}


def rayservice(replicas: int, annotations: dict[str, str] | None = None) -> dict[str, Any]:
    return {
        "kind": "RayService",
        "metadata": {"name": "seedcore", "annotations": annotations or {}},
        "spec": {"rayClusterConfig": raycluster(replicas)["spec"]},
    }


def test_numbers_of_a_rayservice_are_those_of_the_raycluster_that_it_has() -> None:
    """KubeRay copies onto it what was last applied to the RayService until then."""
    sent = rayservice(2, {OWN_NUMBERS: json.dumps({"w": {"replicas": 1}})})
    running = raycluster(5, {LAST_APPLIED: json.dumps(sent)})
    running["metadata"]["name"] = "seedcore-abcde"

    found = live_workers(running, of="seedcore")

    assert found.running == "seedcore-abcde"
    assert found.live.owner == Subject("RayService", "seedcore")
    assert found.live.groups[0].numbers == {R: 5, MIN: 0}
    assert found.applied is not None
    assert found.applied.groups[0].numbers == {R: 1, MIN: 0}


def test_pods_that_the_autoscaler_lets_go_are_not_those_of_a_new_raycluster() -> None:
    running = raycluster(5)
    running["spec"]["workerGroupSpecs"][0]["scaleStrategy"] = {"workersToDelete": ["pod-1"]}

    assert live_workers(running).live.groups[0].leaving == ("pod-1",)
    assert live_workers(running, of="seedcore").live.groups[0].leaving == ()


def test_numbers_of_a_rendered_rayservice_stand_in_its_cluster_config() -> None:
    found = worker_numbers(rayservice(2))

    assert found.owner == Subject("RayService", "seedcore")
    assert found.groups[0].numbers == {R: 2, MIN: 0}
