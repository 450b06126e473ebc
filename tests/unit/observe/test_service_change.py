"""What KubeRay makes of a changed RayService."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from seedcore_deploy.model.upgrade import Upgrade
from seedcore_deploy.observe.service_change import service_change

MADE = "2026-11-25T22:00:00Z"
IMAGE = "headGroupSpec.template.spec.containers[0].image"


def group(name: str, replicas: int = 1) -> dict[str, Any]:
    return {"groupName": name, "replicas": replicas, "template": {"spec": {}}}


def rayservice(strategy: str | None = None, **config: Any) -> dict[str, Any]:
    containers = [{"name": "ray-head", "image": "ray:1"}]
    spec: dict[str, Any] = {
        "serveConfigV2": "applications: []",
        "rayClusterConfig": {
            "headGroupSpec": {"template": {"spec": {"containers": containers}}},
            "workerGroupSpecs": [group("w")],
            **config,
        },
    }
    if strategy is not None:
        spec["upgradeStrategy"] = {"type": strategy}
    return {"metadata": {"name": "seedcore", "creationTimestamp": MADE}, "spec": spec}


def with_image(strategy: str | None = None) -> dict[str, Any]:
    changed = copy.deepcopy(rayservice(strategy))
    head = changed["spec"]["rayClusterConfig"]["headGroupSpec"]
    head["template"]["spec"]["containers"][0]["image"] = "ray:2"
    return changed


@pytest.mark.parametrize(
    ("strategy", "upgrade"),
    [
        (None, Upgrade.NEW_CLUSTER),
        ("NewCluster", Upgrade.NEW_CLUSTER),
        ("NewClusterWithIncrementalUpgrade", Upgrade.NEW_CLUSTER),
        ("None", Upgrade.NOT_TAKEN_OVER),
    ],
)
def test_changed_image_is_for_a_new_raycluster_unless_the_strategy_is_none(
    strategy: str | None, upgrade: Upgrade
) -> None:
    change = service_change(rayservice(strategy), with_image(strategy))

    assert change is not None
    assert (change.rayservice, change.upgrade) == ("seedcore", upgrade)
    assert change.paths == (IMAGE,)
    assert change.deleted_after_s == 60


def test_deletion_delay_is_the_one_that_the_rayservice_asks_for() -> None:
    after = with_image()
    after["spec"]["rayClusterDeletionDelaySeconds"] = 0

    change = service_change(rayservice(), after)

    assert change is not None
    assert change.deleted_after_s == 0


def test_numbers_of_workers_and_serve_applications_need_no_new_raycluster() -> None:
    after = copy.deepcopy(rayservice())
    numbers = {"replicas": 3, "minReplicas": 1, "maxReplicas": 9}
    after["spec"]["rayClusterConfig"]["workerGroupSpecs"][0] |= numbers
    after["spec"]["serveConfigV2"] = "applications: [{name: another}]"

    assert service_change(rayservice(), after) is None


def test_further_groups_at_the_end_are_added_in_place() -> None:
    after = rayservice(workerGroupSpecs=[group("w", 4), group("gpu")])

    change = service_change(rayservice(), after)

    assert change is not None
    assert change.upgrade is Upgrade.IN_PLACE


@pytest.mark.parametrize(
    "groups", [[group("gpu"), group("w")], [group("gpu")], [], [group("gpu"), group("gpu2")]]
)
def test_any_other_change_of_the_groups_needs_a_new_raycluster(groups: list[Any]) -> None:
    change = service_change(rayservice(), rayservice(workerGroupSpecs=groups))

    assert change is not None
    assert change.upgrade is Upgrade.NEW_CLUSTER


def test_further_group_beside_another_change_needs_a_new_raycluster() -> None:
    after = with_image()
    after["spec"]["rayClusterConfig"]["workerGroupSpecs"].append(group("gpu"))

    change = service_change(rayservice(), after)

    assert change is not None
    assert change.upgrade is Upgrade.NEW_CLUSTER


@pytest.mark.parametrize(
    ("changed", "upgrade"), [("2026-11-25T22:30:00Z", Upgrade.NEW_CLUSTER), (MADE, None)]
)
def test_turning_the_strategy_on_counts_where_the_spec_was_changed_meanwhile(
    changed: str, upgrade: Upgrade | None
) -> None:
    before = rayservice("None")
    before["metadata"]["managedFields"] = [{"time": changed, "fieldsV1": {"f:spec": {}}}]

    change = service_change(before, rayservice("NewCluster"))

    assert (change.upgrade if change else None) is upgrade
