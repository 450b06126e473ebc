"""One step or two, for every layout that overlays have; and what the lint stops is never sent."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.conftest import STAGE_NAMESPACE
from tests.support.apiproxy import ApiProxy
from tests.support.light import Light, light
from tests.support.tool import Bench

NAMESPACE = f"{STAGE_NAMESPACE}-steps"
RAY = {"kind": "RayCluster"}
CONFIGMAPS = {"ConfigMap/seedcore-env", "ConfigMap/seedcore-client-env"}
WORKLOADS = {
    "Deployment/seedcore-api",
    "Deployment/seedcore-serve",
    "Service/seedcore-api",
    "Service/seedcore-serve",
    "RayCluster/seedcore",
}
CLIENT_SETTINGS = {
    "RAY_ADDRESS": "ray://seedcore-head-svc:10001",
    "RAY_NAMESPACE": NAMESPACE,
    "RAY_SERVE_ADDRESS": "http://seedcore-head-svc:8000",
    "RAY_DASHBOARD_ADDRESS": "http://seedcore-head-svc:8265",
}
"""Of an overlay without a RayCluster to take them from."""
OFFLINE_S = 180.0
"""A render may take 120 s; the rest is for starting on a busy machine."""


@pytest.fixture(scope="module")
def rig(
    bench: Bench, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Light, Bench, ApiProxy]]:
    made = light(bench, NAMESPACE, tmp_path_factory.mktemp("steps"))
    with made.through_proxy(tmp_path_factory.mktemp("proxy")) as (through, proxy):
        yield made, through, proxy
    bench.run("kubectl", "delete", "namespace", NAMESPACE, "--wait=false")


@pytest.fixture
def steps(rig: tuple[Light, Bench, ApiProxy]) -> Iterator[Light]:
    """The overlay as it was, and nothing applied."""
    made, _, proxy = rig
    made.bench.run("kubectl", "-n", NAMESPACE, "delete", "lease", "seedcore-deploy")
    files = {file: file.read_text() for file in made.tree.rglob("*.yaml")}
    made.clear()
    proxy.forget()
    yield made
    for file in made.tree.rglob("*.yaml"):
        if file not in files:
            file.unlink()
    for file, text in files.items():
        file.write_text(text)


def patch(target: dict[str, str], path: str, value: str) -> Callable[[Any], None]:
    """A change of a kustomization: one more patch, of one value."""
    operation = f'[{{"op": "add", "path": "{path}", "value": {value}}}]'
    return lambda found: found["patches"].append({"target": target, "patch": operation})


def test_overlay_with_its_base_is_one_step(steps: Light) -> None:
    ended = steps.applied()

    assert "apply in one step: it contains every object of" in ended.err
    assert set(steps.state()) == CONFIGMAPS | WORKLOADS


def test_documents_own_layout_is_applied(steps: Light) -> None:
    base = steps.tree / "deploy" / "kustomize" / "base"
    env = steps.tree / "docker" / ".env"
    text = env.read_text()
    env.unlink()
    env.write_text(text.replace("SEEDCORE_TASK_TIMEOUT_S=30", "SEEDCORE_TASK_TIMEOUT_S=31"))
    file = base / "kustomization.yaml"
    file.write_text(file.read_text().replace("seedcore.env ", "../../../docker/.env "))

    ended = steps.applied()

    assert "uses files outside of its folder" in ended.err
    state = steps.state()
    assert set(state) == CONFIGMAPS | WORKLOADS
    assert state["ConfigMap/seedcore-env"][2]["SEEDCORE_TASK_TIMEOUT_S"] == "31"


def test_overlay_without_the_base_is_applied_after_it(steps: Light) -> None:
    bare = steps.overlay / "kustomization.yaml"
    steps.change(lambda found: [found.pop(key) for key in ("resources", "transformers", "patches")])
    steps.set_client(**CLIENT_SETTINGS)
    assert "base" not in bare.read_text()
    suspended = steps.tree / "deploy" / "kustomize" / "base" / "kustomization.yaml"
    suspended.write_text(
        suspended.read_text()
        + "namespace: "
        + NAMESPACE
        + '\npatches:\n  - target: {kind: Deployment}\n    patch: \'[{"op": "replace", "path":'
        ' "/spec/replicas", "value": 0}]\'\n  - target: {kind: RayCluster}\n    patch: \'[{"op":'
        ' "add", "path": "/spec/suspend", "value": true}]\'\n'
    )

    ended = steps.applied()

    assert "two steps: " in ended.err
    assert "does not contain" in ended.err
    assert set(steps.state()) == CONFIGMAPS | WORKLOADS


def test_two_steps_on_request_send_the_base_first(steps: Light) -> None:
    ended = steps.apply("--two-step", "--dry-run=client")

    assert ended.code == 0, str(ended)
    assert "two steps, as asked" in ended.err
    assert ended.err.count("configmap/seedcore-env") == 2


def test_component_is_part_of_the_one_step(steps: Light) -> None:
    component = steps.overlay.parents[1] / "components" / "extra"
    component.mkdir(parents=True, exist_ok=True)
    (component / "kustomization.yaml").write_text(
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
        "generatorOptions: {disableNameSuffixHash: true}\n"
        "configMapGenerator:\n  - name: extra\n    literals: [A=1]\n"
    )
    steps.change(lambda found: found.update(components=["../../components/extra"]))

    ended = steps.applied()

    assert "apply in one step: it contains every object of" in ended.err
    assert set(steps.state()) == {"ConfigMap/extra", *CONFIGMAPS, *WORKLOADS}


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("nameSuffix", "seedcore-x"),
        pytest.param("namePrefix", "x-seedcore", marks=pytest.mark.long),
    ],
)
def test_renaming_overlay_with_matching_references_is_one_step(
    steps: Light, key: str, name: str
) -> None:
    fix = "-x" if key == "nameSuffix" else "x-"
    env = f"{name.replace('seedcore', 'seedcore-env')}"
    steps.change(lambda found: found.update({key: fix}))
    for path in ("/spec/headGroupSpec", "/spec/workerGroupSpecs/0"):
        where = f"{path}/template/spec/containers/0/envFrom/0/configMapRef/name"
        steps.change(patch(RAY, where, f'"{env}"'))
    contract = steps.tree / "deploy" / "ray-contract.toml"
    client = env.replace("seedcore-env", "seedcore-client-env")
    contract.write_text(f'[configmaps]\nshared = "{env}"\nclient = "{client}"\n')

    ended = steps.bench.tool(*steps.words, "--dry-run=server", cwd=steps.tree)

    contract.unlink()
    assert ended.code == 0, str(ended)
    assert "apply in one step: it is built on" in ended.err
    assert f"raycluster.ray.io/{name} created (server dry run)" in ended.err


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        pytest.param(lambda found: found.update(nameSuffix="-x"), "SC205", id="nameSuffix"),
        pytest.param(
            lambda found: found.update(namePrefix="x-"),
            "SC205",
            id="namePrefix",
            marks=pytest.mark.long,
        ),
        pytest.param(
            patch(RAY, "/spec/headGroupSpec/headService", '{"metadata": {"name": "other"}}'),
            "SC203",
            id="renamed head service",
        ),
        pytest.param(
            patch(
                {"kind": "Deployment", "name": "seedcore-api"},
                "/spec/template/spec/containers/0/envFrom/-",
                '{"configMapRef": {"name": "nowhere"}}',
            ),
            "deployment/seedcore-api refers to configmap/nowhere, which neither",
            id="undefined ConfigMap",
        ),
        pytest.param(
            lambda found: [found.pop(key) for key in ("configMapGenerator", "transformers")],
            "SC201",
            id="undefined client settings",
            marks=pytest.mark.long,
        ),
    ],
)
def test_what_cannot_work_is_stopped_before_anything_is_sent(
    steps: Light, rig: tuple[Light, Bench, ApiProxy], change: Callable[[Any], None], rule: str
) -> None:
    _, through, proxy = rig
    steps.change(change)

    ended = steps.apply(bench=through)

    assert ended.code == 1, str(ended)
    assert "nothing was applied: " in ended.err
    assert rule in ended.err
    assert "mend: " in ended.err
    assert proxy.mutating == []
    assert steps.state() == {}


def test_overlay_of_another_namespace_is_never_sent(
    steps: Light, rig: tuple[Light, Bench, ApiProxy]
) -> None:
    _, through, proxy = rig
    steps.change(lambda found: found.update(namespace="elsewhere"))

    ended = steps.apply(bench=through)

    assert ended.code == 2, str(ended)
    assert "is for namespace elsewhere" in ended.err
    assert proxy.mutating == []


@pytest.mark.long
def test_remote_base_that_nobody_answers_is_told_in_bounded_time(
    steps: Light, rig: tuple[Light, Bench, ApiProxy]
) -> None:
    _, through, proxy = rig
    with socket.create_server(("127.0.0.1", 0)) as silent:
        remote = f"http://127.0.0.1:{silent.getsockname()[1]}/bases.git?ref=v1"
        steps.change(lambda found: found["resources"].append(remote))
        began = time.monotonic()

        ended = steps.apply(bench=through)

    assert ended.code == 3, str(ended)
    assert f"needs {remote}, which cannot be fetched" in ended.err
    assert "go online" in ended.err
    assert time.monotonic() - began < OFFLINE_S
    assert proxy.mutating == []


def test_remote_base_offline_is_told_at_once(steps: Light) -> None:
    remote = "https://bases.invalid/ray.git?ref=v1"
    steps.change(lambda found: found["resources"].append(remote))

    ended = steps.apply()

    assert ended.code == 3, str(ended)
    assert f"needs {remote}, which cannot be fetched" in ended.err


def test_apply_without_a_change_sends_nothing_that_stays(steps: Light) -> None:
    steps.applied()
    before = _versions(steps)

    ended = steps.applied()

    assert "created" not in ended.err
    assert _versions(steps) == before


def _versions(steps: Light) -> dict[str, object]:
    """Generations; and of what has none (no spec) its version."""
    return {
        f"{each['kind']}/{each['metadata']['name']}": each["metadata"].get(
            "generation", each["metadata"]["resourceVersion"]
        )
        for each in steps.get("configmaps,deployments.apps,rayclusters.ray.io")["items"]
    }
