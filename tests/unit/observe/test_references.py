from __future__ import annotations

from typing import Any

import pytest

from seedcore_deploy.observe.references import needed_configmaps

POD: dict[str, Any] = {
    "initContainers": [{"envFrom": [{"configMapRef": {"name": "first"}}]}],
    "containers": [
        {
            "envFrom": [{"configMapRef": {"name": "shared"}}, {"secretRef": {"name": "secret"}}],
            "env": [
                {"name": "A", "value": "b"},
                {"name": "B", "valueFrom": {"configMapKeyRef": {"name": "keys", "key": "b"}}},
                {"name": "C", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            ],
        }
    ],
    "volumes": [
        {"name": "a", "configMap": {"name": "files"}},
        {"name": "b", "projected": {"sources": [{"configMap": {"name": "part"}}, {"secret": {}}]}},
        {"name": "c", "emptyDir": {}},
        {"name": "d", "configMap": {"name": "kube-root-ca.crt"}},
    ],
}
ALL = ("first", "shared", "keys", "files", "part")


@pytest.mark.parametrize(
    "document",
    [
        {"kind": "Deployment", "spec": {"template": {"spec": POD}}},
        {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": POD}}}}},
        {"kind": "RayCluster", "spec": {"headGroupSpec": {"template": {"spec": POD}}}},
        {"kind": "RayCluster", "spec": {"workerGroupSpecs": [{"template": {"spec": POD}}]}},
        {
            "kind": "RayService",
            "spec": {"rayClusterConfig": {"headGroupSpec": {"template": {"spec": POD}}}},
        },
        {
            "kind": "RayJob",
            "spec": {"rayClusterSpec": {"workerGroupSpecs": [{"template": {"spec": POD}}]}},
        },
        {"kind": "RayJob", "spec": {"submitterPodTemplate": {"spec": POD}}},
    ],
)
def test_everything_that_a_pod_cannot_start_without_is_found(document: dict[str, Any]) -> None:
    assert needed_configmaps(document) == ALL


def test_optional_references_are_not_needed() -> None:
    reference = {"configMapRef": {"name": "a", "optional": True}}
    pod = {"containers": [{"envFrom": [reference]}]}

    assert needed_configmaps({"kind": "Deployment", "spec": {"template": {"spec": pod}}}) == ()


@pytest.mark.parametrize("document", [{"kind": "Service"}, {"kind": "Deployment", "spec": {}}])
def test_what_has_no_pods_needs_nothing(document: dict[str, Any]) -> None:
    assert needed_configmaps(document) == ()
