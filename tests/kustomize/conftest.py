"""Manifests as kubectl renders them."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from seedcore_deploy.judge.verdict import judge_render
from seedcore_deploy.model.contract import Contract
from seedcore_deploy.model.disclosure import Discloser
from seedcore_deploy.observe.manifests import manifests_from_documents

DEPLOY = Path(__file__).parents[2] / "deploy"

Objects = dict[tuple[str, str], dict[str, Any]]


def rendered(folder: Path) -> Objects:
    """What ``kubectl kustomize`` makes of *folder*, with its default load restrictor."""
    text = subprocess.run(
        ["kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=True
    ).stdout
    return {(o["kind"], o["metadata"]["name"]): o for o in yaml.safe_load_all(text)}


def findings(objects: Objects) -> list[str]:
    """What apply would find wrong with the manifests themselves."""
    discloser = Discloser(secrets.token_bytes(16))
    manifests = manifests_from_documents(list(objects.values()), "overlay", discloser)
    return [str(each) for each in judge_render(manifests, Contract())]


@pytest.fixture(scope="session")
def base() -> Objects:
    return rendered(DEPLOY / "kustomize" / "base")


@pytest.fixture(scope="session")
def dev() -> Objects:
    return rendered(DEPLOY / "kustomize" / "overlays" / "dev")


@pytest.fixture(scope="session")
def rbac() -> Objects:
    return rendered(DEPLOY / "rbac")


@pytest.fixture(scope="session")
def pod_templates(dev: Objects) -> dict[str, dict[str, Any]]:
    """The pod template of every role's workload, by the name of its container."""
    cluster = dev["RayCluster", "seedcore"]["spec"]
    templates = [
        cluster["headGroupSpec"]["template"],
        *(group["template"] for group in cluster["workerGroupSpecs"]),
        *(o["spec"]["template"] for (kind, _), o in dev.items() if kind == "Deployment"),
    ]
    return {template["spec"]["containers"][0]["name"]: template for template in templates}


@pytest.fixture(scope="session")
def container(pod_templates: dict[str, dict[str, Any]]) -> Callable[[str], dict[str, Any]]:
    return lambda name: pod_templates[name]["spec"]["containers"][0]
