"""The number of pods that a HorizontalPodAutoscaler sets is not reset by an apply."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.conftest import STAGE_NAMESPACE
from tests.support.apiproxy import ApiProxy, Request
from tests.support.autoscaler import autoscaler, scaled_to
from tests.support.light import Light
from tests.support.tiny import IMAGE, SLEEP
from tests.support.tool import Bench

NAMESPACE = f"{STAGE_NAMESPACE}-scaled"
SIDE = "deployment/side"
LABELS = {"app": "side"}
SCALES = "horizontalpodautoscaler/side scales it"
pytestmark = pytest.mark.usefixtures("calm")


def side(replicas: int | None) -> dict[str, Any]:
    """A Deployment with a tiny pod that is no client of Ray, so that nothing waits for it."""
    pod: dict[str, Any] = {
        "terminationGracePeriodSeconds": 1,
        "containers": [{"name": "side", "image": IMAGE, "command": list(SLEEP)}],
    }
    spec: dict[str, Any] = {
        "selector": {"matchLabels": LABELS},
        "template": {"metadata": {"labels": LABELS}, "spec": pod},
    }
    if replicas is not None:
        spec["replicas"] = replicas
    metadata = {"name": "side", "labels": LABELS}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def overlay_says(light: Light, replicas: int | None) -> None:
    (light.overlay / "side.json").write_text(json.dumps(side(replicas)))


def live(light: Light) -> int:
    return int(light.get(SIDE)["spec"]["replicas"])


def scale_by_autoscaler(light: Light, least: int) -> None:
    """An autoscaler that wants so many at least, and the moment when it has them."""
    light.create(autoscaler("side", least))
    light.kubectl("wait", SIDE, scaled_to(least), "--timeout=120s")


def add_side(kustomization: dict[str, Any]) -> None:
    """The Deployment beside the pattern's own, which alone are scaled to zero."""
    kustomization["resources"].append("side.json")
    for patch in kustomization["patches"]:
        if patch["target"]["kind"] == "Deployment":
            patch["target"]["name"] = "seedcore-.*"


@pytest.fixture(scope="module")
def with_side(cut: Light) -> Light:
    cut.change(add_side)
    return cut


@pytest.fixture
def scaled(with_side: Light) -> Iterator[Light]:
    """Two pods by an autoscaler, where the overlay says one."""
    overlay_says(with_side, 1)
    with_side.applied()
    scale_by_autoscaler(with_side, 2)
    yield with_side
    with_side.kubectl("delete", "horizontalpodautoscaler", "side", "--ignore-not-found")
    with_side.kubectl("delete", SIDE, "--wait=true")


def test_number_that_the_autoscaler_set_stays_until_the_overlay_changes_its_own(
    scaled: Light,
) -> None:
    pods = {pod["metadata"]["uid"] for pod in scaled.get("pod", "-l", "app=side")["items"]}

    told = scaled.bench.tool("diff", NAMESPACE, "-k", str(scaled.overlay))
    once, again = scaled.applied(), scaled.applied()
    kept = live(scaled)
    there = {pod["metadata"]["uid"] for pod in scaled.get("pod", "-l", "app=side")["items"]}
    overlay_says(scaled, 3)
    changed = scaled.applied()

    assert f"kept {SIDE}: replicas stays 2 ({SCALES}; the overlay says 1)" in " ".join(
        told.out.split()
    )
    for ended in (once, again):
        assert f"{SIDE}: replicas stays 2 ({SCALES}; the overlay says 1)" in ended.err
    assert kept == 2
    assert pods <= there
    assert "replicas stays" not in changed.err
    assert live(scaled) == 3


@pytest.mark.long
def test_overlay_that_leaves_the_number_to_the_autoscaler_does_not_reset_it_to_one(
    scaled: Light,
) -> None:
    overlay_says(scaled, None)

    once, again = scaled.applied(), scaled.applied()

    for ended in (once, again):
        assert f"{SIDE}: replicas stays 2 ({SCALES}; the overlay leaves it out)" in ended.err
    assert live(scaled) == 2


@pytest.mark.long
def test_number_that_a_person_set_is_reset_where_nothing_scales(scaled: Light) -> None:
    scaled.kubectl("delete", "horizontalpodautoscaler", "side")
    scaled.kubectl("scale", SIDE, "--replicas=4")

    ended = scaled.applied()

    assert "replicas stays" not in ended.err
    assert live(scaled) == 1


@pytest.mark.long  # a minute with its setup
def test_deployers_role_may_see_the_autoscalers(
    scaled: Light, through: tuple[Bench, ApiProxy]
) -> None:
    ended = scaled.apply(bench=through[0])

    assert f"{SIDE}: replicas stays 2 ({SCALES};" in ended.err


@pytest.mark.long  # a minute with its setup
def test_number_stays_where_autoscalers_may_not_be_seen_and_that_is_said(
    scaled: Light, through: tuple[Bench, ApiProxy]
) -> None:
    bench, proxy = through
    proxy.fault(is_autoscalers, status=403)

    ended = scaled.apply(bench=bench)

    assert "could not be seen, so it is taken as if one did" in ended.err
    assert "horizontalpodautoscalers could not be listed (403)" in ended.err
    assert "deploy/rbac" in ended.err
    assert live(scaled) == 2


def is_autoscalers(request: Request) -> bool:
    return "/horizontalpodautoscalers" in request.path
