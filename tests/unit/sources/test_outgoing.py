from __future__ import annotations

import json
from pathlib import Path

import pytest

from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.live import (
    OVERLAY_LABEL,
    OWN_NUMBERS,
    GroupNumbers,
    KeptNumber,
    LiveWorkers,
    Number,
    WorkerNumbers,
)
from seedcore_deploy.model.replicas import KeptReplicas
from seedcore_deploy.sources.outgoing import outgoing, overlay_label
from seedcore_deploy.sources.rendered import RenderedOverlay, rendered_overlay

SEEDCORE = Subject("RayCluster", "seedcore")
TEXT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  selector:
    matchLabels:
      app: api
  template:
    metadata:
      labels:
        app: api
---
apiVersion: ray.io/v1
kind: RayCluster
metadata:
  name: seedcore
spec:
  workerGroupSpecs:
  - groupName: a
    replicas: 1
  - groupName: b
"""


def rendered() -> RenderedOverlay:
    return rendered_overlay(Path("dev"), "dev", TEXT, restricted=False)


def test_every_object_gets_the_label_and_no_template_or_selector_does() -> None:
    deployment, raycluster = outgoing(rendered(), "dev-1", (), ()).documents

    assert deployment["metadata"]["labels"] == {OVERLAY_LABEL: "dev-1"}
    assert raycluster["metadata"] == {"name": "seedcore", "labels": {OVERLAY_LABEL: "dev-1"}}
    assert deployment["spec"] == rendered().documents[0]["spec"]
    assert raycluster["spec"] == rendered().documents[1]["spec"]


def test_live_numbers_are_sent_and_the_overlays_own_are_noted_beside_them() -> None:
    kept = (
        KeptNumber(SEEDCORE, "a", Number.REPLICAS, 1, 3),
        KeptNumber(SEEDCORE, "b", Number.REPLICAS, None, 2),
        KeptNumber(Subject("RayCluster", "another"), "a", Number.REPLICAS, 1, 9),
    )

    _, raycluster = outgoing(rendered(), "dev-1", kept, ()).documents

    assert raycluster["spec"]["workerGroupSpecs"] == [
        {"groupName": "a", "replicas": 3},
        {"groupName": "b", "replicas": 2},
    ]
    own = json.loads(raycluster["metadata"]["annotations"][OWN_NUMBERS])
    assert own == {"a": {"replicas": 1}, "b": {"replicas": None}}


def test_pods_that_the_autoscaler_lets_go_are_not_forgotten() -> None:
    live = LiveWorkers(WorkerNumbers(SEEDCORE, (GroupNumbers("b", {}, ("pod-1",)),)))

    _, raycluster = outgoing(rendered(), "dev-1", (), (live,)).documents

    assert raycluster["spec"]["workerGroupSpecs"][1]["scaleStrategy"] == {
        "workersToDelete": ["pod-1"]
    }


def test_label_of_an_overlay_is_the_same_in_every_checkout(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for root in (one, other):
        (root / "deploy" / "overlays" / "dev").mkdir(parents=True)

    assert overlay_label(one / "deploy/overlays/dev", one) == overlay_label(
        other / "deploy/overlays/dev", other
    )
    assert overlay_label(one / "deploy", one) != overlay_label(one / "deploy/overlays/dev", one)
    assert overlay_label(one / "deploy", None) != overlay_label(other / "deploy", None)


@pytest.mark.parametrize("name", ["dev", "x" * 200, "Überlay & co", "---", "a."])
def test_label_is_a_valid_one_whatever_the_folder_is_called(tmp_path: Path, name: str) -> None:
    label = overlay_label(tmp_path / name, tmp_path)

    assert len(label) <= 63
    assert label[0].isalnum()
    assert label[-1].isalnum()
    assert all(letter.isascii() and (letter.isalnum() or letter in "-._") for letter in label)


API = Subject("Deployment", "api")


@pytest.mark.parametrize("declared", ["  replicas: 1\n", ""])
def test_live_number_of_pods_is_sent_and_the_overlays_own_is_noted_beside_it(declared: str) -> None:
    text = TEXT.replace("  selector:\n", f"{declared}  selector:\n")
    step = rendered_overlay(Path("dev"), "dev", text, restricted=False)
    own = 1 if declared else None
    kept = (
        KeptReplicas(API, own, 5, "hpa"),
        KeptReplicas(Subject("StatefulSet", "api"), 1, 9, "another"),
    )

    deployment, raycluster = outgoing(step, "dev-1", kept, ()).documents

    assert deployment["spec"] == {**step.documents[0]["spec"], "replicas": 5}
    assert json.loads(deployment["metadata"]["annotations"][OWN_NUMBERS]) == {"replicas": own}
    assert raycluster["spec"] == step.documents[1]["spec"]


def test_live_numbers_of_a_rayservice_are_sent_in_its_cluster_config() -> None:
    text = """apiVersion: ray.io/v1
kind: RayService
metadata:
  name: seedcore
spec:
  rayClusterConfig:
    workerGroupSpecs:
    - groupName: a
      replicas: 1
"""
    step = rendered_overlay(Path("dev"), "dev", text, restricted=False)
    kept = (
        KeptNumber(Subject("RayService", "seedcore"), "a", Number.REPLICAS, 1, 3),
        KeptNumber(SEEDCORE, "a", Number.REPLICAS, 1, 9),
    )

    (service,) = outgoing(step, "dev-1", kept, ()).documents

    assert service["spec"]["rayClusterConfig"]["workerGroupSpecs"] == [
        {"groupName": "a", "replicas": 3}
    ]
    own = json.loads(service["metadata"]["annotations"][OWN_NUMBERS])
    assert own == {"a": {"replicas": 1}}
