"""Apply with a RayService in the RayCluster's place: what an upgrade keeps, costs and waits for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.faults.rayservice import in_place_of_the_cluster
from tests.support.light import RECORD
from tests.support.stage import HEAD, Stage

pytestmark = pytest.mark.long  # minutes: the whole pattern, and a second Ray cluster beside it
GROUP = "/spec/workerGroupSpecs/0"
SLEEPER = ("ray", "job", "submit", "--address", "http://127.0.0.1:8265", "--no-wait")


@pytest.fixture
def served(stage: Stage) -> Iterator[Stage]:
    """The pattern by a RayService, applied by the tool."""
    with in_place_of_the_cluster(stage) as made:
        made.apply()
        yield made


def running(stage: Stage) -> str:
    """The RayCluster that serves."""
    status = stage.get("rayservice", "seedcore")["status"]
    return str(status["activeServiceStatus"]["rayClusterName"])


def group(stage: Stage, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = stage.get("raycluster", name)["spec"]["workerGroupSpecs"][0]
    return found


def change(stage: Stage, how: Callable[[dict[str, Any]], object]) -> None:
    """Change the cluster of the overlay's RayService."""
    file = Path(stage.overlay[1]) / "all.yaml"
    found = json.loads(file.read_text())
    (service,) = (each for each in found["items"] if each["kind"] == "RayService")
    how(service["spec"]["rayClusterConfig"])
    file.write_text(json.dumps(found))


def pod_of_head(cluster: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = cluster["headGroupSpec"]["template"]["spec"]
    return found


def add_variable(cluster: dict[str, Any]) -> None:
    (head,) = pod_of_head(cluster)["containers"]
    head["env"].append({"name": "CHANGED", "value": "1"})


def test_upgrade_begins_with_the_workers_of_the_raycluster_that_runs(served: Stage) -> None:
    former = running(served)
    served.patch(f"raycluster/{former}", {"op": "add", "path": f"{GROUP}/replicas", "value": 2})
    change(served, add_variable)

    told = served.bench.tool("diff", served.namespace, *served.overlay, "-o", "json")
    plan = json.loads(told.out)
    served.apply()

    assert told.code == 1, str(told)
    assert {each["fate"] for each in plan["pods"] if each["role"] == "head"} == {"superseded"}
    assert any("replicas stays 2" in each for each in plan["kept"])
    assert running(served) != former
    assert group(served, running(served))["replicas"] == 2
    (left,) = served.get("raycluster")["items"]
    assert left["metadata"]["name"] == running(served)
    metadata = served.get("rayservice", "seedcore")["metadata"]
    assert json.loads(metadata["annotations"][RECORD])["verdict"] == "proven"


def test_overlays_own_number_waits_for_the_next_raycluster_and_is_told(served: Stage) -> None:
    change(served, lambda cluster: cluster["workerGroupSpecs"][0].update(replicas=2))

    said = [
        served.bench.tool("apply", served.namespace, *served.overlay, "--timeout", "10m").err
        for _ in range(2)
    ]
    (line,) = (each for each in said[1].splitlines() if "to give that to it now: " in each)
    ended = served.bench.shell(line.partition("to give that to it now: ")[2])

    for err in said:
        assert "replicas 2 is for the next RayCluster that KubeRay makes" in err
        assert "replicas stays" not in err
    assert ended.code == 0, str(ended)
    assert group(served, running(served))["replicas"] == 2


def test_upgrade_that_would_end_a_job_is_refused(served: Stage) -> None:
    former = running(served)
    head = str(served.pod(f"{HEAD},ray.io/cluster={former}")["metadata"]["name"])
    served.in_pod(head, *SLEEPER, "--submission-id", "nightly", "--", "sleep", "600")
    change(served, add_variable)

    refused = served.bench.tool("apply", served.namespace, *served.overlay)

    assert refused.code == 1, str(refused)
    assert f"once that serves, delete raycluster/{former}" in refused.err
    assert "job nightly" in refused.err
    assert "--restart-head" in refused.err
    assert [each["metadata"]["name"] for each in served.get("raycluster")["items"]] == [former]


def test_raycluster_that_cannot_follow_is_told_while_the_former_one_serves(served: Stage) -> None:
    former = running(served)
    change(served, lambda cluster: pod_of_head(cluster).update(nodeSelector={"disk": "none"}))

    doomed = served.bench.tool("apply", served.namespace, *served.overlay, "--timeout", "10m")
    still = running(served)
    change(served, lambda cluster: pod_of_head(cluster).pop("nodeSelector"))
    change(served, add_variable)
    served.apply()

    assert doomed.code == 1, str(doomed)
    assert "Unschedulable" in doomed.err
    assert "nodeSelector" in doomed.err
    assert f"doomed: pod/{former}" not in doomed.err
    assert still == former
