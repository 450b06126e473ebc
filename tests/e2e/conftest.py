"""The real cluster, and the pattern deployed on it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_kind import KindCluster

from tests.support import registry
from tests.support.apiproxy import ApiProxy
from tests.support.light import Light, light
from tests.support.stage import Stage
from tests.support.tiny import IMAGE, Tiny
from tests.support.tool import REPOSITORY, Bench

CLUSTER = "seedcore-test"
NAMESPACE = "seedcore-dev"
STAGE_NAMESPACE = os.environ.get("SEEDCORE_STAGE_NAMESPACE", NAMESPACE)
"""Where the stage is: another one lets several runs share the cluster."""
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let fixtures know that their test failed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


def _cluster_script(*words: str) -> str:
    command = [str(REPOSITORY / "scripts" / "cluster"), *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


@pytest.fixture(scope="session")
def bench() -> Bench:
    """A cluster with KubeRay and the images. It is left up for the next run."""
    _cluster_script("up", "--name", CLUSTER)
    _cluster_script("load", "--name", CLUSTER)
    kubeconfig = Path(_cluster_script("kubeconfig", "--name", CLUSTER))
    kubectl = Path(_cluster_script("kubectl"))
    kind = KindCluster(
        CLUSTER,
        kubeconfig=kubeconfig,
        kind_path=REPOSITORY / "scripts" / "kind",
        kubectl_path=kubectl,
    )
    kind.create()
    assert kind.api.version
    return Bench(kubeconfig, kubectl.parent)


@pytest.fixture(scope="session")
def deployed(bench: Bench) -> Bench:
    """The dev overlay, applied and proven."""
    ended = bench.tool("apply", NAMESPACE, "--create-namespace", "--timeout", "10m")
    assert ended.code == 0, str(ended)
    return bench


@pytest.fixture(scope="session")
def pattern(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The dev overlay, applied and proven, in the namespace that the environment may choose."""
    overlay = REPOSITORY / "deploy" / "kustomize" / "overlays" / "dev"
    words: tuple[str, ...] = ()
    if STAGE_NAMESPACE != NAMESPACE:
        overlay = overlay_for(STAGE_NAMESPACE, tmp_path_factory.mktemp("overlay"))
        words = ("-k", str(overlay))
    stage = Stage(bench, STAGE_NAMESPACE, words, overlay)
    stage.apply()
    return stage


def overlay_for(namespace: str, folder: Path) -> Path:
    """The dev overlay for another namespace; kustomize takes relative paths only."""
    overlay = REPOSITORY / "deploy" / "kustomize" / "overlays" / "dev"
    text = (overlay / "kustomization.yaml").read_text()
    manifests = os.path.relpath(overlay.parents[1], folder)
    text = text.replace("../..", manifests).replace("seedcore-dev", namespace)
    (folder / "kustomization.yaml").write_text(text)
    return folder


@pytest.fixture
def stage(pattern: Stage, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """The proven deployment; a test that fails gives way to a new one, not to its leftovers."""
    yield pattern
    if request.node.stash.get(FAILED, False):
        pattern.bench.kubectl("delete", "namespace", pattern.namespace, "--wait=true")
        pattern.apply()


@pytest.fixture(scope="module")
def tiny(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tiny]:
    """A namespace for the pattern with tiny pods, which is there and ready, and a registry."""
    namespace = "seedcore-tiny" if STAGE_NAMESPACE == NAMESPACE else STAGE_NAMESPACE
    made = Tiny(bench, namespace, tmp_path_factory.mktemp("tiny"))
    bench.run("kubectl", "create", "namespace", namespace)
    made.clear()
    made.create(registry.pod(namespace, IMAGE))
    made.kubectl("wait", "--for=condition=Ready", "pod/registry", "--timeout=120s")
    made.apply_by_kubectl()
    yield made
    made.revoke_deployer()
    bench.kubectl("delete", "namespace", namespace, "--wait=true")


@pytest.fixture(scope="module")
def cut(
    bench: Bench, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Light]:
    """The pattern without a pod, in the NAMESPACE of the module; nothing is applied yet."""
    namespace: str = request.module.NAMESPACE
    yield light(bench, namespace, tmp_path_factory.mktemp("cut"))
    bench.run("kubectl", "delete", "namespace", namespace, "--wait=false")


@pytest.fixture(scope="module")
def through(
    cut: Light, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Bench, ApiProxy]]:
    """The deployer's bench through a proxy, which chooses where an apply is cut."""
    with cut.through_proxy(tmp_path_factory.mktemp("proxy")) as found:
        yield found


@pytest.fixture
def calm(through: tuple[Bench, ApiProxy]) -> None:
    """The proxy without what former tests asked of it."""
    through[1].forget()
