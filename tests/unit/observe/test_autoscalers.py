"""HorizontalPodAutoscalers and the numbers of their targets, as the API server has them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.live import OWN_NUMBERS
from seedcore_deploy.model.replicas import Autoscaler, LiveReplicas
from seedcore_deploy.observe.autoscalers import autoscaler, live_replicas
from seedcore_deploy.observe.last_applied import LAST_APPLIED

API = Subject("Deployment", "api")


def deployment(replicas: int | None, annotations: dict[str, str] | None = None) -> dict[str, Any]:
    spec = {} if replicas is None else {"replicas": replicas}
    return {"metadata": {"name": "api", "annotations": annotations or {}}, "spec": spec}


def after(live: int, sent: dict[str, Any]) -> LiveReplicas:
    return live_replicas(deployment(live, {LAST_APPLIED: json.dumps(sent)}), "Deployment")


def test_target_and_whether_it_may_scale_to_zero_are_told() -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}
    spec = {"scaleTargetRef": target, "minReplicas": 0}

    found = autoscaler({"metadata": {"name": "hpa"}, "spec": spec})
    usual = autoscaler({"metadata": {"name": "hpa"}, "spec": {"scaleTargetRef": target}})

    assert found == Autoscaler("hpa", API, from_zero=True)
    assert not usual.from_zero


@pytest.mark.parametrize("version", ["ray.io/v1", "example.com/v1", "v1", None])
def test_target_of_the_same_name_outside_of_apps_is_another(version: str | None) -> None:
    target = {"apiVersion": version, "kind": "Deployment", "name": "api"}

    found = autoscaler({"metadata": {"name": "hpa"}, "spec": {"scaleTargetRef": target}})

    assert found.target != API


def test_number_of_the_last_apply_is_the_one_that_was_sent() -> None:
    assert after(5, deployment(1)) == LiveReplicas(API, 5, known=True, sent=1, own=1)
    assert after(5, deployment(None)) == LiveReplicas(API, 5, known=True, sent=None, own=None)


@pytest.mark.parametrize("own", [1, None])
def test_live_number_that_was_sent_is_not_taken_for_the_overlays_own(own: int | None) -> None:
    sent = deployment(5, {OWN_NUMBERS: json.dumps({"replicas": own})})

    assert after(5, sent) == LiveReplicas(API, 5, known=True, sent=5, own=own)


@pytest.mark.parametrize("applied", [None, "not json", "[]"])
def test_without_a_readable_last_apply_nothing_is_known_of_it(applied: str | None) -> None:
    annotations = {} if applied is None else {LAST_APPLIED: applied}

    assert live_replicas(deployment(5, annotations), "Deployment") == LiveReplicas(API, 5)


@pytest.mark.parametrize("own", ["not json", "[1]", '{"replicas": "many"}'])
def test_annotation_that_is_not_ours_leaves_open_what_the_overlay_said(own: str) -> None:
    assert after(5, deployment(5, {OWN_NUMBERS: own})) == LiveReplicas(API, 5, sent=5)
