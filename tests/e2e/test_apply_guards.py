"""What apply does not touch, what it carries along, and what it leaves behind it."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from seedcore_deploy import __version__
from tests.e2e.conftest import STAGE_NAMESPACE
from tests.support.apiproxy import ApiProxy
from tests.support.light import RECORD, Light
from tests.support.tool import Bench

NAMESPACE = f"{STAGE_NAMESPACE}-guards"
GROUP = "/spec/workerGroupSpecs/0"


@pytest.fixture(scope="module")
def guarded(cut: Light) -> Light:
    """The pattern without a pod, applied."""
    cut.applied()
    return cut


def group(light: Light) -> dict[str, Any]:
    found: dict[str, Any] = light.get("raycluster", "seedcore")["spec"]["workerGroupSpecs"][0]
    return found


def live(light: Light, **numbers: int) -> None:
    """Change numbers on the cluster, as the autoscaler or a person does."""
    light.patch(
        "raycluster/seedcore",
        *({"op": "add", "path": f"{GROUP}/{key}", "value": each} for key, each in numbers.items()),
    )


def overlay_says(light: Light, replicas: int) -> None:
    operation = json.dumps([{"op": "add", "path": f"{GROUP}/replicas", "value": replicas}])
    patch = {"target": {"kind": "RayCluster"}, "patch": operation}
    light.change(lambda found: found["patches"].append(patch))


OWNED = [
    pytest.param(
        ("annotate", "deployment", "seedcore-api"),
        f"argocd.argoproj.io/tracking-id=ray:apps/Deployment:{NAMESPACE}/seedcore-api",
        "deployment/seedcore-api (Argo CD, application ray;",
        id="argo",
    ),
    pytest.param(
        ("label", "configmap", "seedcore-env"),
        "kustomize.toolkit.fluxcd.io/name=apps",
        "configmap/seedcore-env (Flux, Kustomization apps;",
        id="flux",
        marks=pytest.mark.long,
    ),
]


@pytest.mark.parametrize(("how", "mark", "told"), OWNED)
def test_what_another_tool_owns_is_not_touched_without_permission(
    guarded: Light,
    through: tuple[Bench, ApiProxy],
    how: tuple[str, ...],
    mark: str,
    told: str,
) -> None:
    bench, proxy = through
    proxy.forget()
    guarded.kubectl(*how, mark)

    refused = guarded.apply(bench=bench)
    sent = list(proxy.mutating)
    permitted = guarded.apply("--take-ownership")
    guarded.kubectl(*how, f"{mark.partition('=')[0]}-")

    assert refused.code == 1, str(refused)
    assert told in refused.err
    assert "--take-ownership" in refused.err
    assert sent == []
    assert f"note: taking over {told}" in permitted.err
    assert "PROVEN" in permitted.out or "WRONG" in permitted.out


def test_worker_numbers_that_were_changed_live_stay_until_the_overlay_changes_its_own(
    guarded: Light,
) -> None:
    live(guarded, replicas=3, maxReplicas=8)
    once, again = guarded.applied(), guarded.applied()
    kept = group(guarded)
    live(guarded, replicas=2)
    later = guarded.applied()
    scaled = group(guarded)
    overlay_says(guarded, 4)
    changed = guarded.applied()

    for ended in (once, again):
        assert "raycluster/seedcore group workers: replicas stays 3" in ended.err
        assert "the overlay says 1" in ended.err
        assert "maxReplicas stays 8" in ended.err
    assert (kept["replicas"], kept["maxReplicas"]) == (3, 8)
    assert "replicas stays 2" in later.err
    assert scaled["replicas"] == 2
    assert " replicas stays" not in changed.err
    assert group(guarded)["replicas"] == 4


def test_plain_apply_that_is_printed_brings_the_overlays_own_numbers(guarded: Light) -> None:
    live(guarded, replicas=3)
    said = guarded.applied().err
    (line,) = (each for each in said.splitlines() if "come with a plain apply: " in each)

    ended = guarded.bench.shell(line.partition("come with a plain apply: ")[2])

    assert ended.code == 0, str(ended)
    assert group(guarded)["replicas"] != 3
    assert " stays " not in guarded.applied().err


def test_pods_that_the_autoscaler_lets_go_stay_chosen(guarded: Light) -> None:
    leaving = {"workersToDelete": ["seedcore-workers-x"]}
    guarded.patch(
        "raycluster/seedcore", {"op": "add", "path": f"{GROUP}/scaleStrategy", "value": leaving}
    )

    guarded.applied()

    assert group(guarded)["scaleStrategy"] == leaving
    guarded.patch("raycluster/seedcore", {"op": "remove", "path": f"{GROUP}/scaleStrategy"})


def test_leftovers_are_listed_with_the_command_and_never_removed(guarded: Light) -> None:
    extra = {"name": "former", "literals": ["A=1"]}
    guarded.change(lambda found: found["configMapGenerator"].append(extra))
    guarded.applied()
    guarded.change(lambda found: found["configMapGenerator"].remove(extra))

    ended = guarded.applied()
    there = guarded.get("configmap", "former")
    (line,) = (each for each in ended.err.splitlines() if "when nobody needs it any more" in each)
    removed = guarded.bench.shell(line.partition("any more: ")[2])
    after = guarded.applied()

    assert "the overlay no longer has configmap/former" in ended.err
    assert there["data"] == {"A": "1"}
    assert removed.code == 0, str(removed)
    assert "no longer has" not in after.err


def test_label_is_on_the_objects_and_in_no_template_or_selector(guarded: Light) -> None:
    found = guarded.get(
        "deployments.apps,services,rayclusters.ray.io", "-l", "seedcore.dev/overlay"
    )

    assert len(found["items"]) == 5
    for each in found["items"]:
        assert "seedcore.dev/overlay" not in json.dumps(each["spec"])


def test_record_says_what_was_applied_and_does_not_show_as_a_change(guarded: Light) -> None:
    guarded.applied()
    raycluster = guarded.get("raycluster", "seedcore")
    record = json.loads(raycluster["metadata"]["annotations"][RECORD])
    events = guarded.get("events", "--field-selector", "reason=Applied")["items"]
    diff = guarded.bench.run(*shlex.split(f"kubectl -n {NAMESPACE} diff -k"), str(guarded.overlay))

    assert record["overlay"].endswith("overlays/dev")
    assert record["tool"] == __version__
    assert record["verdict"] == "findings"
    assert record["at"] >= raycluster["metadata"]["creationTimestamp"]
    assert events[-1]["involvedObject"]["name"] == "seedcore"
    assert events[-1]["type"] == "Warning"
    assert RECORD not in diff.out
    guarded.applied()
    assert (
        guarded.get("raycluster", "seedcore")["metadata"]["generation"]
        == (raycluster["metadata"]["generation"])
    )
