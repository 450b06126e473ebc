from __future__ import annotations

import json
from pathlib import Path

import pytest

from seedcore_deploy.model.live import (
    OVERLAY_LABEL,
    OWN_NUMBERS,
    GroupNumbers,
    KeptNumber,
    LiveWorkers,
    Number,
    WorkerNumbers,
)
from seedcore_deploy.sources.outgoing import outgoing, overlay_label
from seedcore_deploy.sources.rendered import RenderedOverlay, rendered_overlay

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
        KeptNumber("seedcore", "a", Number.REPLICAS, 1, 3),
        KeptNumber("seedcore", "b", Number.REPLICAS, None, 2),
        KeptNumber("another", "a", Number.REPLICAS, 1, 9),
    )

    _, raycluster = outgoing(rendered(), "dev-1", kept, ()).documents

    assert raycluster["spec"]["workerGroupSpecs"] == [
        {"groupName": "a", "replicas": 3},
        {"groupName": "b", "replicas": 2},
    ]
    own = json.loads(raycluster["metadata"]["annotations"][OWN_NUMBERS])
    assert own == {"a": {"replicas": 1}, "b": {"replicas": None}}


def test_pods_that_the_autoscaler_lets_go_are_not_forgotten() -> None:
    live = LiveWorkers(WorkerNumbers("seedcore", (GroupNumbers("b", {}, ("pod-1",)),)))

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
