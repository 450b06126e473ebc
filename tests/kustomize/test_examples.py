"""The example of a job, and Compose for development: the same contract as the manifests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from seedcore.utils.ray_config import check_settings, decide_target, get_ray_serve_address
from tests.kustomize.conftest import DEPLOY

ROOT = Path(__file__).parents[2]
VERSION = (DEPLOY / "images" / "VERSION").read_text(encoding="utf-8").strip()
CLIENTS = ("api", "serve")
Templates = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def job() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "examples" / "job.yaml").read_text())
    return found


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())
    return found


def settings(compose: dict[str, Any], service: str) -> dict[str, str]:
    """What a container of the service gets: its env files, and then its own environment."""
    declared = compose["services"][service]
    lines = (ROOT / "docker" / declared["env_file"]).read_text().splitlines()
    shared = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {**shared, **declared["environment"]}


def test_job_is_a_client_as_the_others_are(job: dict[str, Any], pod_templates: Templates) -> None:
    spec, api = job["spec"]["template"]["spec"], pod_templates["api"]["spec"]
    ours, theirs = spec["containers"][0], api["containers"][0]
    for name in ("image", "imagePullPolicy", "envFrom", "securityContext"):
        assert ours[name] == theirs[name]
    for name in ("securityContext", "enableServiceLinks", "automountServiceAccountToken"):
        assert spec[name] == api[name]
    assert job["metadata"]["labels"]["seedcore.dev/ray-role"] == "client"


def test_job_ends_by_itself(job: dict[str, Any]) -> None:
    assert job["spec"]["activeDeadlineSeconds"] <= 900
    assert job["spec"]["backoffLimit"] <= 3
    assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"


def test_compose_reads_the_settings_of_the_cluster_and_no_address(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert service["env_file"] == ".env"
        assert "RAY_ADDRESS" not in service["environment"]


@pytest.mark.parametrize("name", CLIENTS)
def test_clients_of_compose_find_its_head(compose: dict[str, Any], name: str) -> None:
    # given
    env = settings(compose, name)
    # then
    (head,) = set(compose["services"]) - set(CLIENTS)
    assert decide_target(env).address == f"ray://{head}:10001"
    assert get_ray_serve_address(env) == f"http://{head}:8000"
    assert "--ray-client-server-port=10001" in compose["services"][head]["command"]
    hints = [each.rule for each in check_settings(env).findings if each.severity == "hint"]
    assert hints == []


@pytest.mark.parametrize("name", CLIENTS)
def test_clients_of_compose_run_what_those_of_the_cluster_run(
    compose: dict[str, Any], pod_templates: Templates, name: str
) -> None:
    container = pod_templates[name]["spec"]["containers"][0]
    assert compose["services"][name]["command"] == container["command"]
    assert compose["services"][name]["image"] == f"localhost/seedcore-client:{VERSION}"


def test_nothing_of_compose_is_open_to_other_machines(compose: dict[str, Any]) -> None:
    ports = [each for service in compose["services"].values() for each in service.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
