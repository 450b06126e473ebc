"""The manifests keep the contract between roles and settings."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]
ROLES = ("ray-head", "ray-worker", "api", "serve")
CLIENTS = ("api", "serve")
DOCUMENTED_SHARED = {
    "RAY_HOST": "seedcore-head-svc",
    "RAY_PORT": "10001",
    "RAY_SERVE_URL": "http://seedcore-head-svc:8000",
    "RAY_DASHBOARD_URL": "http://seedcore-head-svc:8265",
    "RAY_NAMESPACE": "seedcore-dev",
}
DOCUMENTED_CLIENT = {
    "RAY_ADDRESS": "ray://seedcore-head-svc:10001",
    "RAY_NAMESPACE": "seedcore-dev",
    "RAY_SERVE_ADDRESS": "http://seedcore-head-svc:8000",
    "RAY_DASHBOARD_ADDRESS": "http://seedcore-head-svc:8265",
}

Objects = dict[tuple[str, str], dict[str, Any]]
Container = Callable[[str], dict[str, Any]]


def config_maps(container: dict[str, Any]) -> list[str]:
    return [source["configMapRef"]["name"] for source in container["envFrom"]]


def test_overlay_has_the_same_roles_as_the_document(pod_templates: dict[str, Any]) -> None:
    assert set(pod_templates) == set(ROLES)


@pytest.mark.parametrize("name", ["ray-head", "ray-worker"])
def test_ray_pods_have_the_shared_settings_only(container: Container, name: str) -> None:
    assert config_maps(container(name)) == ["seedcore-env"]


@pytest.mark.parametrize("name", CLIENTS)
def test_clients_have_both_and_their_own_wins(container: Container, name: str) -> None:
    assert config_maps(container(name)) == ["seedcore-env", "seedcore-client-env"]


@pytest.mark.parametrize("name", ROLES)
def test_no_reference_is_optional(container: Container, name: str) -> None:
    assert all("optional" not in source["configMapRef"] for source in container(name)["envFrom"])


@pytest.mark.parametrize("name", ROLES)
def test_no_role_sets_ray_variables_past_its_config_maps(container: Container, name: str) -> None:
    names = [variable["name"] for variable in container(name).get("env", [])]
    assert [name for name in names if name.startswith("RAY_")] == []


def test_shared_settings_have_every_documented_line_and_no_address(base: Objects) -> None:
    data = base["ConfigMap", "seedcore-env"]["data"]
    assert data.items() >= DOCUMENTED_SHARED.items()
    assert "RAY_ADDRESS" not in data


def test_client_settings_have_every_documented_line_and_no_auto_connect(dev: Objects) -> None:
    data = dev["ConfigMap", "seedcore-client-env"]["data"]
    assert data == {**DOCUMENTED_CLIENT, "RAY_ENABLE_AUTO_CONNECT": "0"}


def test_base_alone_has_no_client_settings_and_no_namespace(base: Objects) -> None:
    assert ("ConfigMap", "seedcore-client-env") not in base
    assert not [o for o in base.values() if "namespace" in o["metadata"]]


def test_overlay_contains_the_base_in_its_own_namespace(base: Objects, dev: Objects) -> None:
    assert set(dev) == {*base, ("ConfigMap", "seedcore-client-env")}
    assert {o["metadata"]["namespace"] for o in dev.values()} == {"seedcore-dev"}


def test_every_host_is_the_head_service_of_this_raycluster(dev: Objects) -> None:
    # given
    (cluster,) = [name for kind, name in dev if kind == "RayCluster"]
    assert "headService" not in dev["RayCluster", cluster]["spec"]["headGroupSpec"]
    values = {
        name: value
        for config_map in ("seedcore-env", "seedcore-client-env")
        for name, value in dev["ConfigMap", config_map]["data"].items()
        if name == "RAY_HOST" or "://" in value
    }
    # then
    hosts = {urlsplit(v if "://" in v else f"//{v}").hostname for v in values.values()}
    assert hosts == {f"{cluster}-head-svc"}


def test_every_address_has_a_port_of_the_head(container: Container, dev: Objects) -> None:
    ports = {p["containerPort"]: p["name"] for p in container("ray-head")["ports"]}
    data = dev["ConfigMap", "seedcore-client-env"]["data"]
    assert ports[urlsplit(data["RAY_ADDRESS"]).port] == "client"
    assert ports[urlsplit(data["RAY_SERVE_ADDRESS"]).port] == "serve"
    assert ports[urlsplit(data["RAY_DASHBOARD_ADDRESS"]).port] == "dashboard"
    assert set(ports.values()) == {"gcs", "dashboard", "client", "serve", "metrics"}


def test_head_keeps_grpc_from_forking_into_a_crash(container: Container) -> None:
    assert {"name": "GRPC_ENABLE_FORK_SUPPORT", "value": "0"} in container("ray-head")["env"]


def test_services_select_the_pods_they_name(dev: Objects) -> None:
    for name in ("seedcore-api", "seedcore-serve"):
        labels = dev["Deployment", name]["spec"]["template"]["metadata"]["labels"]
        assert dev["Service", name]["spec"]["selector"].items() <= labels.items()
        assert labels["app"] == name


def test_env_file_of_compose_is_the_one_of_the_base() -> None:
    link = ROOT / "docker" / ".env"
    assert link.is_symlink()
    assert link.resolve() == ROOT / "deploy" / "kustomize" / "base" / "seedcore.env"


def test_ray_version_is_one_everywhere(container: Container, dev: Objects) -> None:
    version = dev["RayCluster", "seedcore"]["spec"]["rayVersion"]
    lock = ROOT / "deploy" / "images" / "seedcore-ray" / "requirements.txt"
    assert re.findall(r"^ray==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE) == [version]


def test_images_have_the_version_that_is_built(container: Container) -> None:
    version = (ROOT / "deploy" / "images" / "VERSION").read_text(encoding="utf-8").strip()
    expected = {"ray-head": "ray", "ray-worker": "ray", "api": "client", "serve": "client"}
    assert {name: container(name)["image"] for name in ROLES} == {
        name: f"localhost/seedcore-{image}:{version}" for name, image in expected.items()
    }
