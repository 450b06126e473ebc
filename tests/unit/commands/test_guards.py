"""What the guards say and refuse, of what the API server would tell them."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import pytest
import yaml

from seedcore_deploy.act.apply import ApplyPlan
from seedcore_deploy.commands.guards import Guards, Prepared
from seedcore_deploy.errors import Refused
from seedcore_deploy.kube.client import Connection
from seedcore_deploy.kube.errors import Forbidden, NotFound
from seedcore_deploy.kubectl import Kubectl
from seedcore_deploy.model.live import OWN_NUMBERS
from seedcore_deploy.model.look import Look, Seen
from seedcore_deploy.model.ray_load import RayLoad, RunningJob
from seedcore_deploy.observe.last_applied import LAST_APPLIED
from seedcore_deploy.options import ApplyOptions, ClusterOptions
from seedcore_deploy.sources.rendered import rendered_overlay

HERE = "/apis/{}/namespaces/here/{}"
RUNNING = "seedcore-abcde"
SERVICE = HERE.format("ray.io/v1", "rayservices/seedcore")
CLUSTER = HERE.format("ray.io/v1", f"rayclusters/{RUNNING}")
API = HERE.format("apps/v1", "deployments/api")
SCALERS = HERE.format("autoscaling/v2", "horizontalpodautoscalers")
HEADS = "/api/v1/namespaces/here/pods"
KINDS = {
    "/apis/ray.io/v1": [{"kind": "RayService", "name": "rayservices", "namespaced": True}],
    "/apis/apps/v1": [{"kind": "Deployment", "name": "deployments", "namespaced": True}],
}
READY = {
    "metadata": {"creationTimestamp": "2026-11-25T22:00:00Z"},
    "status": {"conditions": [{"type": "Ready", "status": "True"}]},
}
IDLE: Look[RayLoad] = Seen(RayLoad())
BUSY: Look[RayLoad] = Seen(RayLoad(jobs=(RunningJob("nightly", "RUNNING"),)))


def deployment(replicas: int) -> dict[str, Any]:
    """A Deployment as the overlay, or the cluster, has it."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "api"},
        "spec": {"replicas": replicas},
    }


def rayservice(replicas: int = 1, version: str = "2.60.0") -> dict[str, Any]:
    groups = [{"groupName": "w", "replicas": replicas}]
    return {
        "apiVersion": "ray.io/v1",
        "kind": "RayService",
        "metadata": {"name": "seedcore"},
        "spec": {"rayClusterConfig": {"rayVersion": version, "workerGroupSpecs": groups}},
    }


def applied(live: dict[str, Any], last: dict[str, Any]) -> dict[str, Any]:
    """The object as an apply of `last` left it, and others changed it since."""
    annotated = copy.deepcopy(live)
    annotated["metadata"]["annotations"] = {LAST_APPLIED: json.dumps(last)}
    return annotated


def with_service(replicas: int) -> dict[str, Any]:
    """The answers where a RayService serves by a RayCluster that has so many workers now."""
    service = applied(rayservice(), rayservice())
    service["status"] = {"activeServiceStatus": {"rayClusterName": RUNNING}}
    spec = rayservice(replicas)["spec"]["rayClusterConfig"]
    cluster = {"kind": "RayCluster", "metadata": {"name": RUNNING}, "spec": spec}
    heads = {"items": [READY]}
    return {SERVICE: service, CLUSTER: applied(cluster, rayservice()), HEADS: heads}


def with_deployment(replicas: int, scalers: Any) -> dict[str, Any]:
    return {API: applied(deployment(replicas), deployment(1)), SCALERS: scalers}


def scales_api() -> dict[str, Any]:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}
    return {"items": [{"metadata": {"name": "hpa"}, "spec": {"scaleTargetRef": target}}]}


def prepared(
    overlay: dict[str, Any],
    answers: Mapping[str, Any],
    load: Look[RayLoad] = IDLE,
    *,
    restart_head: bool = False,
) -> Prepared:
    """What would be sent to a cluster that answers so."""
    known = {**answers, **{path: {"resources": kinds} for path, kinds in KINDS.items()}}

    def get(path: str, *_: object) -> Any:
        answer = known.get(path, NotFound(path, status=404))
        if isinstance(answer, Exception):
            raise answer
        return answer

    connection = create_autospec(Connection, instance=True)
    connection.get.side_effect = get
    connection.context = "test"
    kubectl = create_autospec(Kubectl, instance=True)
    kubectl.tried_out.side_effect = lambda text: tuple(yaml.safe_load_all(text))
    step = rendered_overlay(Path("dev"), "dev", yaml.safe_dump(overlay), restricted=False)
    options = ApplyOptions(ClusterOptions(namespace="here"), restart_head=restart_head)
    guards = Guards(connection, kubectl, "here", options, Path("dev"), "dev-1", lambda: load)
    return guards.prepared(ApplyPlan((step,), "one step"))


def test_number_of_pods_that_an_autoscaler_set_is_sent_and_told() -> None:
    found = prepared(deployment(1), with_deployment(5, scales_api()))

    (sent,) = found.plan.documents
    assert sent["spec"]["replicas"] == 5
    assert json.loads(sent["metadata"]["annotations"][OWN_NUMBERS]) == {"replicas": 1}
    assert "deployment/api: replicas stays 5 (horizontalpodautoscaler/hpa" in found.notes[0]
    assert "the overlay's own numbers come with a plain apply" in found.notes[-1]


def test_number_of_pods_that_nothing_scales_is_the_overlays() -> None:
    found = prepared(deployment(1), with_deployment(5, {"items": []}))

    (sent,) = found.plan.documents
    assert sent["spec"]["replicas"] == 1
    assert found.kept == ()
    assert found.notes == ()


def test_autoscalers_that_may_not_be_seen_are_told_with_the_permission_that_is_missing() -> None:
    forbidden = Forbidden("no", status=403, reason="Forbidden")

    found = prepared(deployment(1), with_deployment(5, forbidden))
    same = prepared(deployment(1), with_deployment(1, forbidden))

    (sent,) = found.plan.documents
    assert sent["spec"]["replicas"] == 5
    assert "taken as if one did" in found.notes[0]
    assert "could not be listed (Forbidden): ask for the permission" in found.notes[1]
    assert same.notes == ()


def test_next_raycluster_of_a_rayservice_begins_with_the_workers_of_the_one_that_runs() -> None:
    found = prepared(rayservice(version="2.61.0"), with_service(replicas=5))

    (sent,) = found.plan.documents
    assert sent["spec"]["rayClusterConfig"]["workerGroupSpecs"][0]["replicas"] == 5
    assert "rayservice/seedcore group w: replicas stays 5" in found.notes[0]
    assert "a RayService's for its next RayCluster" in found.notes[-1]


def test_number_that_no_raycluster_gets_is_told_with_the_command_that_gives_it() -> None:
    found = prepared(rayservice(replicas=4), with_service(replicas=1))

    (sent,) = found.plan.documents
    assert sent["spec"]["rayClusterConfig"]["workerGroupSpecs"][0]["replicas"] == 4
    assert "replicas 4 is for the next RayCluster" in found.notes[0]
    assert f"--namespace here patch raycluster {RUNNING} --type=json" in found.notes[1]
    assert '"path": "/spec/workerGroupSpecs/0/replicas", "value": 4' in found.notes[1]


def test_upgrade_of_a_rayservice_that_would_end_a_job_is_refused_with_the_command() -> None:
    with pytest.raises(Refused) as refused:
        prepared(rayservice(version="2.61.0"), with_service(replicas=1), BUSY)

    assert "rayservice/seedcore would be changed (rayVersion)" in refused.value.what
    assert f"delete raycluster/{RUNNING}, and the Ray cluster runs job nightly" in (
        refused.value.what
    )
    assert "seedcore-deploy apply here --restart-head" in refused.value.mend


def test_upgrade_of_a_rayservice_goes_on_where_nothing_would_be_lost_or_it_is_permitted() -> None:
    after = rayservice(version="2.61.0")
    no_head = {**with_service(replicas=1), HEADS: {"items": []}}

    assert prepared(after, with_service(replicas=1), IDLE).notes == ()
    assert prepared(after, with_service(replicas=1), BUSY, restart_head=True).notes == ()
    assert prepared(after, no_head, BUSY).notes == ()
    assert prepared(rayservice(), with_service(replicas=1), BUSY).notes == ()
