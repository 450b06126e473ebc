"""Results as text, in the format that was asked for and for the terminal that is there."""

from __future__ import annotations

import os
import shutil
import sys

from seedcore_deploy.model.lint import LintReport
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.verdict import Verdict

PLAIN_WIDTH = 100


def rendered(verdict: Verdict, snapshot: Snapshot, output: str, verbose: int) -> str:
    """The verdict as `table`, `json` or `junit`. Only the format in use is imported."""
    if output == "json":
        from seedcore_deploy.report import json

        return json.render(verdict, snapshot)
    if output == "junit":
        from seedcore_deploy.report import junit

        return junit.render(verdict, snapshot)
    from seedcore_deploy.report import table

    width, color = _terminal()
    return table.render(verdict, snapshot, width=width, color=color, verbose=verbose > 0)


def rendered_lint(report: LintReport, output: str) -> str:
    """What lint says, as `table`, `json`, `junit`, `sarif` or `github`."""
    if output == "json":
        from seedcore_deploy.report import lint_json

        return lint_json.render(report)
    if output == "junit":
        from seedcore_deploy.report import lint_junit

        return lint_junit.render(report)
    if output == "sarif":
        from seedcore_deploy.report import sarif

        return sarif.render(report)
    if output == "github":
        from seedcore_deploy.report import github

        return github.render(report)
    from seedcore_deploy.report import lint_table

    width, color = _terminal()
    return lint_table.render(report, width=width, color=color)


def _terminal() -> tuple[int, bool]:
    """The width to keep to, and whether to color."""
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else PLAIN_WIDTH
    return width, terminal and not os.environ.get("NO_COLOR")
