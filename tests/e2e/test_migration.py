"""A repository of the old pattern, migrated as docs/migration.md says, applies and verifies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import STAGE_NAMESPACE
from tests.support.migration import Migration, migration
from tests.support.stage import Stage
from tests.support.tool import Bench

NAMESPACE = f"{STAGE_NAMESPACE}-migrated"


@pytest.fixture
def old(bench: Bench, tmp_path: Path) -> Iterator[Migration]:
    yield migration(bench, tmp_path, NAMESPACE)
    bench.run("kubectl", "delete", "namespace", NAMESPACE, "--wait=true")


@pytest.mark.long  # minutes: the whole pattern from nothing
def test_every_step_of_the_document_works_to_the_proof(old: Migration) -> None:
    *_, last = old.follow()

    assert "PROVEN" in last.out
    report = old.bench.report("verify", NAMESPACE)
    assert report.code == 0, str(report)
    assert {pod["role"] for pod in report.json["pods"]} == {"head", "worker", "client"}


@pytest.mark.long  # minutes: a head and clients of the old pattern, and then the new one over them
def test_what_runs_with_the_old_settings_is_taken_over(old: Migration) -> None:
    # given
    overlay = "deploy/kustomize/overlays/dev"
    old.bench.run("kubectl", "create", "namespace", NAMESPACE)
    before = old.bench.run(
        "kubectl", "kustomize", "--load-restrictor=LoadRestrictionsNone", overlay
    )
    old.bench.kubectl("apply", "-f", "-", stdin=before.out)
    running = Stage(old.bench, NAMESPACE, (), old.tree)
    running.await_head()
    running.await_running("app=seedcore-api")  # with these settings it need not become ready

    # when
    old.follow()

    # then
    report = old.bench.report("verify", NAMESPACE)
    assert report.code == 0, str(report)
    assert report.json["findings"] == []
