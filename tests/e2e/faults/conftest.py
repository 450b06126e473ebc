"""The scorecard, and the figures at the end."""

from __future__ import annotations

import os
import platform
import time
from datetime import UTC, datetime

import pytest

from .matrix import FAULTS
from .scorecard import PAGE, Scorecard

SCORECARD = pytest.StashKey[Scorecard]()
RECORD = bool(os.environ.get("SEEDCORE_FAULTS_RECORD"))


def pytest_configure(config: pytest.Config) -> None:
    """One scorecard a run."""
    config.stash[SCORECARD] = Scorecard()


@pytest.fixture(scope="session")
def scorecard(pytestconfig: pytest.Config) -> Scorecard:
    """Where the results go."""
    return pytestconfig.stash[SCORECARD]


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
