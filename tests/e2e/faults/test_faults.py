"""Each declared fault, brought about, judged, and mended as printed."""

from __future__ import annotations

import contextlib
import json
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.stage import Stage
from tests.support.tool import REPOSITORY, Report

from .conftest import RUN, clock, count
from .declaration import WAITED, Answer, Fault, Miss, misjudged, subject_of
from .matrix import FAULTS
from .scorecard import RECORDINGS, Result, Scorecard

PARAMETERS = [
    pytest.param(fault, id=fault.slug, marks=() if fault.ci else (pytest.mark.long,))
    for fault in FAULTS
]


@pytest.mark.parametrize("fault", PARAMETERS)
def test_fault(fault: Fault, stage: Stage, scorecard: Scorecard, tmp_path: Path) -> None:
    began = clock()
    outcome = _Outcome()
    try:
        _play(fault, stage, tmp_path, outcome)
    finally:
        seconds = clock() - began
        day = datetime.now(UTC).date().isoformat()
        count(scorecard, Result(fault, outcome.miss, round(seconds, 1), outcome.said, day))
    assert outcome.miss is None, f"{outcome.miss}: {outcome.told}"


class _Outcome:
    """What came of it; until a report is there nothing was proven."""

    miss: Miss | None = Miss.WRONG_CAUSE
    said: str = "nothing"
    told: str = ""


def _play(fault: Fault, stage: Stage, folder: Path, outcome: _Outcome) -> None:
    """Given the fault, when verify looks, then it says what was declared, and its mend mends."""
    snapshot = folder / "snapshot.json"
    with contextlib.ExitStack() as until_mended:
        made = fault.make(stage)
        seen = (until_mended.enter_context(made) if made is not None else None) or stage
        with fault.during(seen) if fault.during else contextlib.nullcontext() as seen_as:
            report = (seen_as or seen).verify(*fault.options, "--save-snapshot", str(snapshot))
        outcome.said, outcome.told = _said(report), str(report)
        outcome.miss = misjudged(fault, report)
        assert outcome.miss is None, f"{outcome.miss}: {report}"
        for finding in report.json["findings"]:
            assert finding["because"], finding
            assert finding["fix"]["text"], finding
        if RUN is not None:
            _record(fault, snapshot)
        outcome.miss = Miss.NOT_MENDED
        _mend(fault, seen, report, outcome)
    if fault.expected in {Answer.SETTLING, Answer.INCONCLUSIVE} and fault.by_hand is None:
        _prove(stage, outcome)
    elif made is not None and fault.expected is Answer.PROVEN:
        stage.await_calm()
    outcome.miss = None


def _mend(fault: Fault, seen: Stage, report: Report, outcome: _Outcome) -> None:
    """Run what verify printed, or what only people can do, and see the proof."""
    if fault.by_hand is not None:
        fault.by_hand(seen)
    elif fault.expected is Answer.FINDINGS:
        assert report.commands, f"nothing to run: {report}"
        for command in report.commands:
            ended = seen.bench.shell(command)
            outcome.told = f"{command}: {ended}"
            assert ended.code == 0, outcome.told
    else:
        return
    _prove(seen, outcome)


def _prove(stage: Stage, outcome: _Outcome) -> None:
    mended = stage.verify(*WAITED)
    outcome.told = str(mended)
    assert mended.code == 0, outcome.told


def _said(report: Report) -> str:
    found = [f"{each['rule']} {subject_of(each)}" for each in report.json["findings"]]
    return "<br>".join(found) or str(report.json["outcome"])


def _record(fault: Fault, snapshot: Path) -> None:
    """Keep the look, without this machine's paths."""
    RECORDINGS.mkdir(exist_ok=True)
    text = snapshot.read_text().replace(f"{REPOSITORY}/", "")
    text = re.sub(rf"{tempfile.gettempdir()}/seedcore-variant-\w+", "overlay", text)
    text = re.sub(rf"{tempfile.gettempdir()}/pytest-of-\w+/pytest-\d+/", "", text)
    (RECORDINGS / f"{fault.slug}.json").write_text(json.dumps(json.loads(text)) + "\n")
