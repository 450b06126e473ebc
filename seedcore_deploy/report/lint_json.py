"""What lint says, for programs: JSON as docs/schema/lint-v1.json describes it."""

from __future__ import annotations

import json

from seedcore_deploy import __version__
from seedcore_deploy.model.lint import LintReport, SourceFinding
from seedcore_deploy.model.source import Position
from seedcore_deploy.report.json import Json, finding_json

VERSION = 1


def render(report: LintReport) -> str:
    """One JSON object and a newline; plain ASCII."""
    document: Json = {
        "version": VERSION,
        "tool": f"seedcore-deploy {__version__}",
        "exit_code": int(report.exit_code),
        "overlays": list(report.overlays),
        "files": report.files,
        "findings": [_finding(each) for each in report.findings],
        "ignored": [_finding(each) for each in report.ignored],
        "gaps": [{**_place(each.at), "why": each.why, "mend": each.mend} for each in report.gaps],
    }
    return json.dumps(document, indent=2) + "\n"


def _finding(each: SourceFinding) -> Json:
    return {
        **_place(each.at),
        **finding_json(each.finding),
        "overlays": list(each.overlays),
        "fixable": bool(each.changes),
    }


def _place(at: Position) -> dict[str, Json]:
    return {"file": at.file, "line": at.line, "column": at.column}
