"""What lint says in each format, read back where there is a reader for it."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote

import jsonschema
import pytest
from junitparser import Error, Failure, JUnitXml

from seedcore_deploy.model.change import AddGenerator
from seedcore_deploy.model.finding import Finding, Fix, Severity, Subject
from seedcore_deploy.model.lint import LintGap, LintReport, SourceFinding
from seedcore_deploy.model.source import Position
from seedcore_deploy.model.verdict import ExitCode
from seedcore_deploy.report import github, lint_json, lint_junit, lint_table, sarif

SCHEMA = json.loads((Path(__file__).parents[3] / "docs/schema/lint-v1.json").read_text())
ODD = "a b,c:d%/ü\x1b[31m.env"


def finding(rule: str, severity: Severity, file: str = "docker/.env") -> SourceFinding:
    said = Finding(
        rule, severity, Subject("File", file, "RAY_ADDRESS"), "it is\nhard-coded", "none",
        "ray://old:10001", "100% of it", Fix("remove it"), ("so it goes",),
    )  # fmt: skip
    change = AddGenerator("f", "c", ())
    return SourceFinding(said, Position(file, 3, 7), ("overlays/dev",), (change,))


ERROR = finding("SC501", Severity.ERROR)
HINT = finding("SC206", Severity.HINT, "b")
GAP = LintGap(Position("overlays/x", 2, 1), "it needs a remote base", "vendor it")
IGNORED = finding("SC510", Severity.ERROR)
FINDINGS = (ERROR, finding("SC501", Severity.ERROR, ODD), HINT)
REPORT = LintReport(FINDINGS, (GAP,), (IGNORED,), ("overlays/dev",), 12)
EMPTY = LintReport((), files=3)


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (REPORT, ExitCode.FINDINGS),
        (EMPTY, ExitCode.PROVEN),
        (LintReport((HINT,)), ExitCode.PROVEN),
        (LintReport((HINT,), (GAP,)), ExitCode.INCONCLUSIVE),
    ],
)
def test_errors_win_over_gaps_and_hints_decide_nothing(report: LintReport, code: ExitCode) -> None:
    assert report.exit_code is code


@pytest.mark.parametrize("report", [REPORT, EMPTY])
def test_json_is_valid_against_its_schema(report: LintReport) -> None:
    said = json.loads(lint_json.render(report))

    jsonschema.validate(said, SCHEMA)
    assert said["exit_code"] == report.exit_code
    assert len(said["findings"]) == len(report.findings)


def test_junit_has_a_failure_for_each_error_and_an_error_for_each_gap() -> None:
    read = JUnitXml.fromstring(lint_junit.render(REPORT).encode())

    results = [result for suite in read for case in suite for result in case.result]
    assert (read.failures, read.errors) == (2, 1)
    assert [type(each) for each in results] == [Failure, Failure, Error]
    assert "mend: remove it" in (results[0].text or "")


def test_sarif_has_places_levels_and_what_is_set_aside() -> None:
    said = json.loads(sarif.render(REPORT))

    (run,) = said["runs"]
    assert said["version"] == "2.1.0"
    assert [each["level"] for each in run["results"]] == ["error", "error", "note", "error"]
    aside = [bool(each.get("suppressions")) for each in run["results"]]
    assert aside == [False, False, False, True]
    places = [each["locations"][0]["physicalLocation"] for each in run["results"]]
    assert places[0]["region"] == {"startLine": 3, "startColumn": 7}
    assert unquote(places[1]["artifactLocation"]["uri"]) == ODD
    rules = [each["id"] for each in run["tool"]["driver"]["rules"]]
    assert [rules[each["ruleIndex"]] for each in run["results"]] == [
        each["ruleId"] for each in run["results"]
    ]
    assert not run["invocations"][0]["executionSuccessful"]


def test_github_annotations_are_one_line_each_and_escaped() -> None:
    lines = github.render(REPORT).splitlines()

    assert [line.partition(" ")[0] for line in lines] == [
        "::error", "::error", "::notice", "::warning", "WRONG:",
    ]  # fmt: skip
    assert lines[0].startswith("::error file=docker/.env,line=3,col=7,title=SC501::")
    assert "100%25 of it" in lines[0]
    assert "file=a b%2Cc%3Ad%25/ü\\x1b[31m.env,line" in lines[1]


def test_table_has_place_cause_mend_and_the_outcome_last() -> None:
    text = lint_table.render(REPORT, width=100, color=False)

    assert "docker/.env:3:7: error SC501" in text
    assert "because:  100% of it" in text
    assert "mend:     remove it (--fix does it)" in text
    assert "could not look: it needs a remote base" in text
    assert "\x1b" not in text
    assert text.splitlines()[-2].startswith("WRONG: 2 findings to mend (SC501)")


@pytest.mark.parametrize(
    ("report", "begins"),
    [
        (
            LintReport((HINT,), overlays=("a",), files=2),
            "CLEAN: nothing to mend in 1 overlay and 2 files; 1 hint",
        ),
        (EMPTY, "CLEAN: no leftovers in 3 files; no overlay takes them in, so none was judged"),
        (LintReport((HINT,), files=1), "CLEAN: no leftovers in 1 file; no overlay"),
        (LintReport(()), "NOTHING JUDGED"),
        (LintReport((), (GAP,)), "COULD NOT LOOK"),
    ],
)
def test_the_outcome_is_one_sentence(report: LintReport, begins: str) -> None:
    assert lint_table.summary(report).startswith(begins)
