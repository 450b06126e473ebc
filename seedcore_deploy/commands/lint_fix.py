"""`lint --fix`: changes are tried out in memory and rendered, and written if that is better."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from seedcore_deploy.act.rewrite import rewrite
from seedcore_deploy.commands.progress import say
from seedcore_deploy.errors import Refused
from seedcore_deploy.model.change import Change
from seedcore_deploy.model.lint import LintReport, SourceFinding
from seedcore_deploy.sources.workspace import Workspace

_ROUNDS = 10
Lint = Callable[[Workspace], LintReport]


@dataclass(frozen=True, slots=True)
class Mended:
    """The files after all that is safe, and what lint says before and after."""

    workspace: Workspace
    before: LintReport
    after: LintReport


def mended(lint: Lint, may_change: Callable[[Path], bool]) -> Mended:
    """Change, and judge again, until nothing more is to be done: one mend can need another.

    Raises Refused where the result would have an error that was not there before.
    """
    workspace = Workspace()
    before = after = lint(workspace)
    for _ in range(_ROUNDS):
        then = workspace.with_changes(_groups(after, may_change))
        if then.changed == workspace.changed:
            break
        workspace = then
        after = lint(workspace)
    _refuse_worse(before, after)
    return Mended(workspace, before, after)


def show_and_write(result: Mended, output: str, *, dry_run: bool) -> None:
    """The diff on stdout, or on stderr where stdout is for a program; then the files."""
    diff = "".join(result.workspace.differences())
    (sys.stdout if output == "table" else sys.stderr).write(diff)
    files = result.workspace.changed
    gone = len(result.before.findings) - len(result.after.findings)
    what = "would be" if dry_run else "were"
    say(f"{len(files)} file(s) {what} changed, which mends {gone} finding(s)")
    if not dry_run:
        for path, source in files.items():
            rewrite(path, source)


def _groups(report: LintReport, may_change: Callable[[Path], bool]) -> Iterator[tuple[Change, ...]]:
    for each in report.findings:
        if each.changes and all(may_change(Path(change.file)) for change in each.changes):
            yield each.changes


def _refuse_worse(before: LintReport, after: LintReport) -> None:
    known = _errors(before.findings)
    new = [each for key, each in _errors(after.findings).items() if key not in known]
    if new:
        first = new[0]
        raise Refused(
            f"nothing was changed: what --fix would do leaves {len(new)} new error(s), first "
            f"{first.finding.rule} at {first.at}: {first.finding.summary}",
            f"{first.finding.fix.text}; then run it again",
        )


def _errors(findings: Iterable[SourceFinding]) -> dict[tuple[str, str], SourceFinding]:
    return {
        (each.finding.rule, str(each.finding.subject)): each for each in findings if each.is_error
    }
