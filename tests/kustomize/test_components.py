"""What the components add to the clients of an overlay, and to nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.kustomize.conftest import DEPLOY, Objects, rendered

CLIENTS = ("seedcore-api", "seedcore-serve")
JOB = "seedcore-example"
Overlay = Callable[..., Objects]


@pytest.fixture
def overlay(tmp_path: Path) -> Overlay:
    """An overlay on top of dev with some components, and what else its file says."""

    def render(*components: str, **more: Any) -> Objects:
        def here(*parts: str) -> str:
            return os.path.relpath(DEPLOY.joinpath(*parts), tmp_path)

        document = {
            "resources": [here("kustomize", "overlays", "dev"), *more.pop("resources", ())],
            "components": [here("kustomize", "components", name) for name in components],
            **more,
        }
        (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(document))
        return rendered(tmp_path)

    return render


def pod_spec(objects: Objects, name: str, kind: str = "Deployment") -> dict[str, Any]:
    spec: dict[str, Any] = objects[kind, name]["spec"]["template"]["spec"]
    return spec


def check(objects: Objects, name: str, kind: str = "Deployment") -> dict[str, Any]:
    (found,) = (
        each
        for each in pod_spec(objects, name, kind)["initContainers"]
        if each["name"] == "ray-startup-check"
    )
    return dict(found)


def without(objects: Objects, *paths: str) -> Objects:
    """The objects without some parts of pod templates."""
    for (kind, _), each in objects.items():
        if kind == "Deployment":
            for path in paths:
                at, _, name = path.rpartition(".")
                part = each["spec"]["template"]
                for step in at.split("."):
                    part = part[step]
                part.pop(name, None)
    return objects


# --- ray-startup-check


@pytest.mark.parametrize("name", CLIENTS)
def test_check_runs_before_each_client_with_its_settings_and_its_image(
    overlay: Overlay, name: str
) -> None:
    # when
    objects = overlay("ray-startup-check")
    # then
    (application,) = pod_spec(objects, name)["containers"]
    init = check(objects, name)
    assert init["command"] == ["python", "-m", "seedcore.utils.ray_config", "check"]
    assert init["image"] == application["image"]
    assert init["envFrom"] == application["envFrom"]
    assert init["securityContext"] == application["securityContext"]


def test_reason_of_a_failure_is_the_termination_message(overlay: Overlay) -> None:
    init = check(overlay("ray-startup-check"), CLIENTS[0])
    assert init["terminationMessagePolicy"] == "FallbackToLogsOnError"
    assert init["terminationMessagePath"] == "/dev/termination-log"


def test_check_adds_nothing_else(overlay: Overlay, dev: Objects) -> None:
    assert without(overlay("ray-startup-check"), "spec.initContainers") == dev


def test_check_costs_a_pod_no_larger_request(overlay: Overlay) -> None:
    """A pod needs the larger one of its init containers and its containers."""
    objects = overlay("ray-startup-check")
    for name in CLIENTS:
        (application,) = pod_spec(objects, name)["containers"]
        ours, theirs = (
            each["resources"]["requests"] for each in (check(objects, name), application)
        )
        assert ours["cpu"] == theirs["cpu"]
        assert int(ours["memory"][:-2]) <= int(theirs["memory"][:-2])


def test_another_image_of_an_overlay_is_the_checks_too(overlay: Overlay) -> None:
    image = {"name": "localhost/seedcore-client", "newName": "example.org/team", "newTag": "7"}
    objects = overlay("ray-startup-check", images=[image])
    for name in CLIENTS:
        (application,) = pod_spec(objects, name)["containers"]
        assert check(objects, name)["image"] == application["image"] == "example.org/team:7"


def test_settings_under_another_name_are_the_checks_too(overlay: Overlay) -> None:
    objects = overlay("ray-startup-check", nameSuffix="-blue")
    names = [
        each["configMapRef"]["name"] for each in check(objects, "seedcore-api-blue")["envFrom"]
    ]
    assert names == ["seedcore-env-blue", "seedcore-client-env-blue"]


def test_a_client_of_ones_own_and_its_init_containers_are_taken_in(
    overlay: Overlay, tmp_path: Path
) -> None:
    # given the example's job, which has an init container
    job = yaml.safe_load((DEPLOY / "examples" / "job.yaml").read_text())
    job["spec"]["template"]["spec"]["initContainers"] = [{"name": "own", "image": "x"}]
    (tmp_path / "job.yaml").write_text(yaml.safe_dump(job))
    # when
    objects = overlay("ray-startup-check", resources=["job.yaml"])
    # then
    assert check(objects, JOB, "Job")["image"] == "localhost/seedcore-client:0.1.0"
    names = {each["name"] for each in pod_spec(objects, JOB, "Job")["initContainers"]}
    assert names == {"own", "ray-startup-check"}


# --- metrics


@pytest.mark.parametrize("name", CLIENTS)
def test_clients_ask_to_be_scraped_at_the_port_that_the_job_picks(
    overlay: Overlay, name: str
) -> None:
    template = overlay("metrics")["Deployment", name]["spec"]["template"]
    assert template["metadata"]["annotations"] == {
        "prometheus.io/scrape": "true",
        "prometheus.io/path": "/metrics",
    }
    assert [port["name"] for port in template["spec"]["containers"][0]["ports"]] == ["http"]


def test_what_prometheus_needs_is_in_a_config_map(overlay: Overlay) -> None:
    data = overlay("metrics")["ConfigMap", "seedcore-prometheus"]["data"]
    folder = DEPLOY / "kustomize" / "components" / "metrics"
    assert data == {
        name: (folder / name).read_text() for name in ("prometheus.yaml", "alerts.yaml")
    }


def test_metrics_add_nothing_else(overlay: Overlay, dev: Objects) -> None:
    objects = without(overlay("metrics"), "metadata.annotations")
    objects.pop(("ConfigMap", "seedcore-prometheus"))
    assert objects == dev


def test_both_components_go_together(overlay: Overlay) -> None:
    objects = overlay("ray-startup-check", "metrics")
    assert check(objects, CLIENTS[0])
    assert objects["Deployment", CLIENTS[0]]["spec"]["template"]["metadata"]["annotations"]
