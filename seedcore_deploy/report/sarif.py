"""What lint says, for code scanning: SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0)."""

from __future__ import annotations

import json
from urllib.parse import quote

from seedcore_deploy import __version__
from seedcore_deploy.model.lint import LintReport, SourceFinding
from seedcore_deploy.model.source import Position
from seedcore_deploy.report.json import Json

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(report: LintReport) -> str:
    """One run: findings as results, those set aside as suppressed ones, gaps as notifications."""
    every = (*report.findings, *report.ignored)
    rules = sorted({each.finding.rule for each in every})
    results = [_result(each, rules) for each in report.findings]
    results += [
        {**_result(each, rules), "suppressions": [{"kind": "inSource"}]} for each in report.ignored
    ]
    run: Json = {
        "tool": {
            "driver": {
                "name": "seedcore-deploy",
                "version": __version__,
                "rules": [{"id": rule, "helpUri": f"docs/rules/{rule}.md"} for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not report.gaps,
                "exitCode": int(report.exit_code),
                "toolExecutionNotifications": [
                    {
                        "level": "error",
                        "message": {"text": f"{gap.why}. mend: {gap.mend}"},
                        "locations": [_location(gap.at)],
                    }
                    for gap in report.gaps
                ],
            }
        ],
        "results": list(results),
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _result(each: SourceFinding, rules: list[str]) -> dict[str, Json]:
    said = each.finding
    text = f"{said.subject}: {said.summary}. because: {said.because}. mend: {said.fix.text}"
    return {
        "ruleId": said.rule,
        "ruleIndex": rules.index(said.rule),
        "level": "error" if each.is_error else "note",
        "message": {"text": text},
        "locations": [_location(each.at)],
    }


def _location(at: Position) -> Json:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(at.file)},
            "region": {"startLine": at.line, "startColumn": at.column},
        }
    }
