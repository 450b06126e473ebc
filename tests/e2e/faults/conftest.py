"""The scorecard, and the figures at the end."""

from __future__ import annotations

import os
import time
from enum import StrEnum

import pytest

from .declaration import Fault
from .matrix import FAULTS
from .scorecard import PAGE, Result, Scorecard, keep, kept

SCORECARD = pytest.StashKey[Scorecard]()


class Run(StrEnum):
    """What `scripts/faults` was asked for; unset: nothing of a play is kept."""

    ALL = "all"
    AGAIN = "again"
    SOME = "some"


RUN = Run(asked) if (asked := os.environ.get("SEEDCORE_FAULTS_RUN")) else None


def pytest_configure(config: pytest.Config) -> None:
    """One scorecard a run; one that goes on with a former run has that one's results."""
    config.stash[SCORECARD] = kept(FAULTS) if RUN in (Run.AGAIN, Run.SOME) else Scorecard()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Only what was misjudged or not played yet, where that was asked for."""
    if RUN is not Run.AGAIN:
        return
    known = config.stash[SCORECARD].results
    well = {slug for slug, each in known.items() if each.miss is None}
    done = [each for each in items if _slug(each) in well]
    items[:] = [each for each in items if _slug(each) not in well]
    config.hook.pytest_deselected(items=done)


def _slug(item: pytest.Item) -> str:
    call = getattr(item, "callspec", None)
    fault = call.params.get("fault") if call is not None else None
    return fault.slug if isinstance(fault, Fault) else ""


@pytest.fixture(scope="session")
def scorecard(pytestconfig: pytest.Config) -> Scorecard:
    """Where the results go."""
    return pytestconfig.stash[SCORECARD]


def count(scorecard: Scorecard, result: Result) -> None:
    """Count a result, and keep it where the run was asked to."""
    scorecard.add(result)
    if RUN is not None:
        keep(scorecard)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A fault that was misjudged is told at once: the others may take an hour."""
    if report.failed:
        print(f"\n{report.longreprtext[-4000:]}")


def pytest_unconfigure(config: pytest.Config) -> None:
    """The figures, last of all; and the page, once every fault has a result."""
    scorecard = config.stash[SCORECARD]
    if not scorecard.results:
        return
    if RUN is not None and len(scorecard.results) == len(FAULTS):
        PAGE.write_text(kept(FAULTS).page())
    print("\n".join(("", *scorecard.lines())))


def clock() -> float:
    """Seconds, for measuring how long a fault took."""
    return time.monotonic()
