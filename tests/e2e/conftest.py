"""The real cluster, and the pattern deployed on it."""

from __future__ import annotations

import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from pytest_kind import KindCluster

from tests.support.tool import REPOSITORY, Bench

CLUSTER = "seedcore-test"
NAMESPACE = "seedcore-dev"
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
