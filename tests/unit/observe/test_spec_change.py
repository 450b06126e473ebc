from __future__ import annotations

import copy
from typing import Any

import pytest

from seedcore_deploy.observe.spec_change import Head, may_recreate, spec_change

HEAD = Head("2026-11-25T22:00:00Z")


def raycluster(**spec: Any) -> dict[str, Any]:
    containers = [{"name": "ray-head", "image": "ray:1"}]
    return {
        "metadata": {"name": "seedcore"},
        "spec": {
            "rayVersion": "2.60.0",
            "upgradeStrategy": {"type": "Recreate"},
            "headGroupSpec": {"template": {"spec": {"containers": containers}}},
            "workerGroupSpecs": [{"groupName": "w", "replicas": 1, "template": {"spec": {}}}],
            **spec,
        },
    }


def test_change_of_the_head_image_is_found_with_its_place() -> None:
    after = copy.deepcopy(raycluster())
    after["spec"]["headGroupSpec"]["template"]["spec"]["containers"][0]["image"] = "ray:2"

    change = spec_change(raycluster(), after, HEAD)

    assert change.recreates
    assert change.paths == ("headGroupSpec.template.spec.containers[0].image",)


def test_what_kuberay_leaves_out_of_its_hash_is_no_change() -> None:
    after = copy.deepcopy(raycluster())
    group = after["spec"]["workerGroupSpecs"][0]
    group |= {"replicas": 3, "minReplicas": 1, "maxReplicas": 9}
    group["scaleStrategy"] = {"workersToDelete": ["a"]}
    group["template"]["spec"]["tolerations"] = [{"key": "a"}]
    head = after["spec"]["headGroupSpec"]["template"]["spec"]
    head["schedulingGates"] = [{"name": "a"}]

    assert spec_change(raycluster(), after, HEAD).paths == ()


def test_strategy_that_comes_with_the_change_counts() -> None:
    before = raycluster(upgradeStrategy=None)

    change = spec_change(before, raycluster(rayVersion="2.61.0"), HEAD)

    assert change.recreates
    assert change.paths == ("rayVersion",)


def test_change_without_the_strategy_recreates_nothing() -> None:
    after = raycluster(upgradeStrategy={"type": "None"}, rayVersion="2.61.0")

    assert not spec_change(raycluster(), after, HEAD).recreates


def test_suspending_recreates_with_any_strategy() -> None:
    plain = raycluster(upgradeStrategy=None)

    change = spec_change(plain, raycluster(upgradeStrategy=None, suspend=True), HEAD)

    assert change.recreates
    assert change.paths == ("suspend",)


def test_of_many_places_three_are_named() -> None:
    after = raycluster(a=1, b=2, c=3, d=4, e=5)

    assert spec_change(raycluster(), after, HEAD).paths == ("a", "b", "c", "and 2 more")


@pytest.mark.parametrize(
    ("spec", "may"),
    [
        ({}, True),
        ({"upgradeStrategy": None}, False),
        ({"upgradeStrategy": {}, "suspend": True}, True),
    ],
)
def test_only_such_rayclusters_have_to_be_tried_out(spec: dict[str, Any], may: bool) -> None:
    assert may_recreate(raycluster(**spec)) is may


@pytest.mark.parametrize(
    ("changed", "manager", "paths"),
    [
        ("2026-11-25T21:59:59Z", "f:spec", ()),
        ("2026-11-25T22:30:00Z", "f:spec", ("upgradeStrategy, with an older head",)),
        ("2026-11-25T22:30:00Z", "f:metadata", ()),
    ],
)
def test_turning_the_strategy_on_counts_where_the_head_is_older_than_the_spec(
    changed: str, manager: str, paths: tuple[str, ...]
) -> None:
    before = raycluster(upgradeStrategy=None)
    before["metadata"]["managedFields"] = [{"time": changed, "fieldsV1": {manager: {}}}]

    assert spec_change(before, raycluster(), HEAD).paths == paths


def test_without_a_ready_head_there_is_nothing_to_lose() -> None:
    assert not spec_change(raycluster(), raycluster(rayVersion="2.61.0"), None).head_ready
