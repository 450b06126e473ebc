"""What every pod of ours must have, and what the roles for people may do."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROLES = ("ray-head", "ray-worker", "api", "serve")
UNITS = {"Mi": 1, "Gi": 1024}
READS = {"get", "list", "watch"}

Objects = dict[tuple[str, str], dict[str, Any]]
Container = Callable[[str], dict[str, Any]]


def mebibytes(quantity: str) -> int:
    return int(quantity[:-2]) * UNITS[quantity[-2:]]


def cores(quantity: str) -> float:
    return int(quantity[:-1]) / 1000 if quantity.endswith("m") else float(quantity)


@pytest.mark.parametrize("name", ROLES)
def test_pod_runs_without_root_and_without_rights(
    pod_templates: dict[str, Any], container: Container, name: str
) -> None:
    pod = pod_templates[name]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 1000
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert container(name)["securityContext"]["allowPrivilegeEscalation"] is False
    assert container(name)["securityContext"]["capabilities"] == {"drop": ["ALL"]}


@pytest.mark.parametrize("name", ROLES)
def test_service_links_cannot_shadow_a_setting(pod_templates: dict[str, Any], name: str) -> None:
    assert pod_templates[name]["spec"]["enableServiceLinks"] is False


@pytest.mark.parametrize("name", ROLES)
def test_image_is_pinned_and_not_pulled_without_need(container: Container, name: str) -> None:
    assert not container(name)["image"].endswith(":latest")
    assert re.search(r":\d+\.\d+\.\d+$", container(name)["image"])
    assert container(name)["imagePullPolicy"] == "IfNotPresent"


@pytest.mark.parametrize("name", ["api", "serve"])
def test_clients_have_all_three_probes(container: Container, name: str) -> None:
    paths = {
        kind: container(name)[kind]["httpGet"]["path"]
        for kind in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    assert paths == {
        "startupProbe": "/healthz",
        "livenessProbe": "/healthz",
        "readinessProbe": "/readyz",
    }


def test_requests_fit_a_laptop(container: Container) -> None:
    requests = [container(name)["resources"]["requests"] for name in ROLES]
    assert sum(cores(request["cpu"]) for request in requests) <= 0.8
    assert sum(mebibytes(request["memory"]) for request in requests) <= 2048


@pytest.mark.parametrize("name", ROLES)
def test_limits_leave_room_for_the_probe(container: Container, name: str) -> None:
    limits = container(name)["resources"]["limits"]
    assert mebibytes(limits["memory"]) >= 768
    assert cores(limits.get("cpu", "1")) >= 1


def test_verifier_reads_and_executes_and_nothing_else(rbac: Objects) -> None:
    for rule in rbac["Role", "seedcore-verifier"]["rules"]:
        if rule["resources"] == ["pods/exec"]:
            assert set(rule["verbs"]) == {"get", "create"}
        else:
            assert set(rule["verbs"]) == READS


def test_no_role_reads_secrets_or_has_wildcards(rbac: Objects) -> None:
    rules = [rule for o in rbac.values() for rule in o.get("rules", [])]
    words = {word for rule in rules for key in rule for word in rule[key]}
    assert not words & {"*", "secrets"}


def test_deployer_deletes_nothing(rbac: Objects) -> None:
    deletes = [
        resource
        for rule in rbac["Role", "seedcore-deployer"]["rules"]
        if {"delete", "deletecollection"} & set(rule["verbs"])
        for resource in rule["resources"]
    ]
    assert deletes == []


def test_deployer_may_write_every_kind_of_the_overlay(rbac: Objects, dev: Objects) -> None:
    writable = {
        resource
        for rule in rbac["Role", "seedcore-deployer"]["rules"]
        if {"create", "update", "patch"} <= set(rule["verbs"])
        for resource in rule["resources"]
    }
    assert {f"{kind.lower()}s" for kind, _ in dev} <= writable


def test_deployer_reads_what_the_verifier_reads(rbac: Objects) -> None:
    binding = rbac["RoleBinding", "seedcore-deployer-reads"]
    assert binding["roleRef"]["name"] == "seedcore-verifier"
    assert [subject["name"] for subject in binding["subjects"]] == ["seedcore-deployer"]


def test_build_context_holds_only_what_the_images_copy() -> None:
    lines = (Path(__file__).parents[2] / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    copied = [line[1:] for line in rules if line.startswith("!")]
    assert all(path.split("/")[0] in ("deploy", "src") for path in copied)
