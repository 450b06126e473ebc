"""The RayCluster renamed in one place, and a new repository: applied and proven."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.conftest import STAGE_NAMESPACE
from tests.support.light import Light, light
from tests.support.tool import Bench

RENAMED = f"{STAGE_NAMESPACE}-renamed"
BEGUN = f"{STAGE_NAMESPACE}-begun"
IN_API = ("exec", "deploy/seedcore-api", "--", "env")
pytestmark = pytest.mark.long  # minutes each: the whole pattern from nothing


@pytest.fixture
def renamed(bench: Bench, tmp_path: Path) -> Iterator[Light]:
    """The whole pattern in a namespace of its own, and its tree."""
    made = light(bench, RENAMED, tmp_path, pods=True)
    yield made
    bench.run("kubectl", "delete", "namespace", RENAMED, "--wait=true")


@pytest.fixture
def begun(bench: Bench) -> Iterator[str]:
    """The namespace of a new repository; apply makes it."""
    yield BEGUN
    bench.run("kubectl", "delete", "namespace", BEGUN, "--wait=true")


def test_renaming_the_raycluster_in_one_place_moves_everything(renamed: Light) -> None:
    # given
    first = renamed.apply("--timeout", "10m")
    assert first.code == 0, str(first)
    file = renamed.tree / "deploy" / "kustomize" / "base" / "raycluster.yaml"
    text, places = re.subn(r"(?m)^  name: seedcore$", "  name: moved", file.read_text())
    assert places == 1

    # when
    file.write_text(text)
    moved = renamed.apply("--timeout", "10m")

    # then
    assert moved.code == 0, str(moved)
    assert "the overlay no longer has raycluster/seedcore" in moved.err
    (line,) = (each for each in moved.err.splitlines() if "when nobody needs it any more" in each)
    removed = renamed.bench.shell(line.partition("any more: ")[2])
    assert removed.code == 0, str(removed)
    proof = renamed.bench.report("verify", RENAMED, "-k", str(renamed.overlay), "--wait", "5m")
    assert proof.code == 0, str(proof)
    assert proof.json["findings"] == []
    status = renamed.get("raycluster", "moved")["status"]
    assert status["head"]["serviceName"] == "moved-head-svc"
    environment = renamed.kubectl(*IN_API)
    for setting in (
        "RAY_ADDRESS=ray://moved-head-svc:10001",
        "RAY_SERVE_ADDRESS=http://moved-head-svc:8000",
        "RAY_DASHBOARD_ADDRESS=http://moved-head-svc:8265",
        "RAY_HOST=moved-head-svc",
        f"RAY_NAMESPACE={RENAMED}",
    ):
        assert f"{setting}\n" in environment


def test_what_init_writes_applies_and_verifies(bench: Bench, begun: str, tmp_path: Path) -> None:
    # given
    written = bench.tool("init", str(tmp_path))
    assert written.code == 0, str(written)
    overlay = tmp_path / "deploy" / "kustomize" / "overlays" / "dev" / "kustomization.yaml"
    overlay.write_text(overlay.read_text().replace("seedcore-dev", begun))
    there = replace(bench, cwd=tmp_path)

    # when
    ended = there.tool("apply", begun, "--overlay", "dev", "--create-namespace", "--timeout", "10m")

    # then
    assert ended.code == 0, str(ended)
    proof = there.report("verify", begun, "--overlay", "dev")
    assert proof.code == 0, str(proof)
    assert proof.json["findings"] == []
    assert f"RAY_NAMESPACE={begun}\n" in bench.kubectl("-n", begun, *IN_API)
