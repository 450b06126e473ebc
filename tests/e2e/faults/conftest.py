"""The stage for the faults, and the figures at the end."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.e2e.conftest import FAILED, NAMESPACE
from tests.support.tool import REPOSITORY, Bench

from .matrix import FAULTS
from .scorecard import PAGE, Scorecard
from .stage import Stage

SCORECARD = pytest.StashKey[Scorecard]()
OWN_NAMESPACE = os.environ.get("SEEDCORE_FAULTS_NAMESPACE", NAMESPACE)
RECORD = bool(os.environ.get("SEEDCORE_FAULTS_RECORD"))


def pytest_configure(config: pytest.Config) -> None:
    """One scorecard a run."""
    config.stash[SCORECARD] = Scorecard()


@pytest.fixture(scope="session")
def scorecard(pytestconfig: pytest.Config) -> Scorecard:
    """Where the results go."""
    return pytestconfig.stash[SCORECARD]


@pytest.fixture(scope="session")
def pattern(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The dev overlay, applied and proven, in the namespace that the environment may choose."""
    overlay = REPOSITORY / "deploy" / "kustomize" / "overlays" / "dev"
    words: tuple[str, ...] = ()
    if OWN_NAMESPACE != NAMESPACE:
        overlay = _copy_for(OWN_NAMESPACE, tmp_path_factory.mktemp("overlay"))
        words = ("-k", str(overlay))
    stage = Stage(bench, OWN_NAMESPACE, words, overlay)
    stage.apply()
    return stage


def _copy_for(namespace: str, folder: Path) -> Path:
    """The dev overlay for another namespace; kustomize takes relative paths only."""
    overlay = REPOSITORY / "deploy" / "kustomize" / "overlays" / "dev"
    text = (overlay / "kustomization.yaml").read_text()
    base = os.path.relpath(overlay.parents[1] / "base", folder)
    text = text.replace("../../base", base).replace("seedcore-dev", namespace)
    (folder / "kustomization.yaml").write_text(text)
    return folder


@pytest.fixture
def stage(pattern: Stage, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """The proven deployment; a test that fails gives way to a new one, not to its leftovers."""
    yield pattern
    if request.node.stash.get(FAILED, False):
        pattern.bench.kubectl("delete", "namespace", pattern.namespace, "--wait=true")
        pattern.apply()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A fault that was misjudged is told at once: the others may take an hour."""
    if report.failed:
        print(f"\n{report.longreprtext[-4000:]}")


def pytest_unconfigure(config: pytest.Config) -> None:
    """The figures, last of all; and the page, where a whole run was asked to write it."""
    scorecard = config.stash[SCORECARD]
    if not scorecard.results:
        return
    if RECORD and len(scorecard.results) == len(FAULTS):
        PAGE.write_text(scorecard.page(_conditions(scorecard)))
    print("\n".join(("", *scorecard.lines())))


def _conditions(scorecard: Scorecard) -> str:
    minutes = sum(each.seconds for each in scorecard.results) / 60
    day = datetime.now(UTC).date()
    return (
        f"Measured on {day} with `scripts/faults` on {os.cpu_count()} cores "
        f"({platform.system()}, the native provider of `scripts/cluster`): {minutes:.0f} minutes."
    )


def clock() -> float:
    """Seconds, for measuring how long a fault took."""
    return time.monotonic()
