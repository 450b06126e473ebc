from __future__ import annotations

from seedcore_deploy.act.preflight import needed_permissions
from seedcore_deploy.kube.access import Permission

RAYCLUSTER = {"apiVersion": "ray.io/v1", "kind": "RayCluster", "metadata": {"name": "a"}}


def test_what_is_in_the_overlay_must_be_allowed_to_be_written() -> None:
    needed = needed_permissions("ns", [RAYCLUSTER, RAYCLUSTER])

    for verb in ("get", "create", "patch"):
        assert needed.count(Permission(verb, "ray.io", "rayclusters", namespace="ns")) == 1


def test_exec_is_asked_for_as_a_subresource_of_pods() -> None:
    assert Permission("get", "", "pods", "exec", "ns") in needed_permissions("ns", [])


def test_kinds_that_are_unknown_or_of_the_whole_cluster_are_left_to_kubectl() -> None:
    unknown = {"apiVersion": "example.org/v1", "kind": "Odd", "metadata": {"name": "a"}}
    wide = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}

    assert needed_permissions("ns", [unknown, wide]) == needed_permissions("ns", [])


def test_switch_of_a_rayservice_is_awaited_so_they_must_be_allowed_to_be_listed() -> None:
    listing = Permission("list", "ray.io", "rayservices", namespace="ns")

    assert listing in needed_permissions("ns", [{**RAYCLUSTER, "kind": "RayService"}])
    assert listing not in needed_permissions("ns", [RAYCLUSTER])
