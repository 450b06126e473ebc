"""Which pods have a role, and what the API server is asked for it."""

from __future__ import annotations

from typing import Any
from unittest.mock import create_autospec

import pytest

from seedcore_deploy.kube.client import Connection
from seedcore_deploy.model.contract import Contract, Role, WorkloadContract
from seedcore_deploy.model.disclosure import Discloser
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import Target
from seedcore_deploy.observe.collect import collect_cluster

PODS = "/api/v1/namespaces/here/pods"


def pod(name: str, **labels: str) -> dict[str, Any]:
    containers = [{"name": "c", "image": "x:1"}]
    return {
        "metadata": {"name": name, "uid": f"uid-{name}", "labels": labels},
        "spec": {"containers": containers},
    }


def collected(selector: str) -> tuple[list[str], list[dict[str, str]]]:
    """The names of the pods with a role, and the queries for pods."""
    asked: list[dict[str, str]] = []

    def get(path: str, query: dict[str, str]) -> dict[str, Any]:
        if path != PODS:
            return {"items": []}
        asked.append(query)
        return {"items": [pod("api", app="api", tier="a"), pod("other", app="other")]}

    connection = create_autospec(Connection, instance=True)
    connection.get.side_effect = get
    connection.server_time = ""
    contract = Contract(workloads=(WorkloadContract("api", Role.CLIENT, selector),))
    found = collect_cluster(
        connection, Target("test", "here"), contract, NotSeen("no"), Discloser(b"salt")
    )
    assert isinstance(found.pods, Seen)
    return [each.name for each in found.pods.value], asked


@pytest.mark.parametrize("selector", ["app=api", "app==api", "app=api, tier=a"])
def test_equality_is_told_without_asking_again(selector: str) -> None:
    names, asked = collected(selector)

    assert names == ["api"]
    assert asked == [{}]


@pytest.mark.parametrize("selector", ["app in (api)", "app!=other", "tier", "app=api,tier"])
def test_any_other_selector_is_for_the_api_server_to_tell(selector: str) -> None:
    _, asked = collected(selector)

    assert asked == [{}, {"labelSelector": selector}]
