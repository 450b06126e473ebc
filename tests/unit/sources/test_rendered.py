from __future__ import annotations

from pathlib import Path

import pytest

from seedcore_deploy.errors import UsageError
from seedcore_deploy.sources.rendered import (
    ObjectName,
    RenderedOverlay,
    merged,
    operator_replaces_pods,
    refuse_other_namespaces,
    rendered_overlay,
)

RAYCLUSTER = "apiVersion: ray.io/v1\nkind: RayCluster\nmetadata:\n  name: seedcore\n"


def rendered(text: str) -> RenderedOverlay:
    return rendered_overlay(Path("overlay"), "overlay", text, restricted=False)


def test_objects_are_told_apart_by_group_kind_and_name() -> None:
    text = f"{RAYCLUSTER}---\napiVersion: v1\nkind: Service\nmetadata:\n  name: seedcore\n"

    assert rendered(text).objects == {
        ObjectName("ray.io", "RayCluster", "seedcore"),
        ObjectName("", "Service", "seedcore"),
    }


@pytest.mark.parametrize(
    "text", ["kind: Service\n", "metadata: {name: a}\n", "kind: A\nmetadata: 1"]
)
def test_an_object_without_kind_or_name_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"without kind or metadata\.name"):
        rendered(text)


def test_an_object_of_another_namespace_is_refused() -> None:
    refuse_other_namespaces(rendered(f"{RAYCLUSTER}  namespace: here\n"), "here")
    refuse_other_namespaces(rendered(RAYCLUSTER), "here")
    with pytest.raises(UsageError, match="raycluster/seedcore into namespace there, not into here"):
        refuse_other_namespaces(rendered(f"{RAYCLUSTER}  namespace: there\n"), "here")


def test_of_two_objects_of_a_name_the_later_is_what_is_there_in_the_end() -> None:
    base = rendered(f"{RAYCLUSTER}spec: {{a: 1}}\n").documents
    overlay = rendered(f"{RAYCLUSTER}spec: {{a: 2}}\n").documents

    assert merged(base, overlay) == overlay


@pytest.mark.parametrize(
    ("spec", "replaces"),
    [("spec: {upgradeStrategy: {type: Recreate}}\n", True), ("spec: {}\n", False), ("", False)],
)
def test_whether_the_operator_replaces_pods_stands_in_the_raycluster(
    spec: str, replaces: bool
) -> None:
    assert operator_replaces_pods(rendered(RAYCLUSTER + spec).documents) is replaces


@pytest.mark.parametrize(
    ("spec", "replaces"),
    [("spec: {upgradeStrategy: {type: None}}\n", False), ("spec: {}\n", True)],
)
def test_a_rayservice_has_new_pods_made_unless_it_says_otherwise(spec: str, replaces: bool) -> None:
    service = RAYCLUSTER.replace("RayCluster", "RayService") + spec.replace("None", '"None"')

    assert operator_replaces_pods(rendered(service).documents) is replaces
