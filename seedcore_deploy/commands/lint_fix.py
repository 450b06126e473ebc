"""`lint --fix`: changes are tried out in memory and rendered, and written if that is better."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from seedcore_deploy.act.rewrite import rewrite
from seedcore_deploy.commands.progress import say
from seedcore_deploy.errors import Refused
from seedcore_deploy.model.lint import LintReport, SourceFinding
from seedcore_deploy.sources.workspace import Workspace

_ROUNDS = 10
Lint = Callable[[Workspace], LintReport]
Key: TypeAlias = str


@dataclass(frozen=True, slots=True)
class Mended:
    """The files after all that is safe, and what lint says before and after."""

    workspace: Workspace
    before: LintReport
    after: LintReport


def mended(lint: Lint, may_change: Callable[[Path], bool]) -> Mended:
    """Change, and judge again, until nothing more is to be done: one mend can need another.

    Changes of a file that has an error then which it had not before are left. Raises Refused where
    such an error remains.
    """
    before = lint(Workspace())
    in_vain: set[Key] = set()
    while True:
        attempt = _attempt(lint, before, may_change, in_vain)
        left = attempt.in_vain or _harmful(before, attempt)
        if not left:
            break
        in_vain |= left
    _refuse_worse(before, attempt.after)
    return Mended(attempt.workspace, before, attempt.after)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """The files after all changes; `in_vain` are findings that stayed though theirs were made.

    `made` has the files that each finding's changes touched.
    """

    workspace: Workspace
    after: LintReport
    in_vain: frozenset[Key]
    made: Mapping[Key, Collection[str]]


def _attempt(
    lint: Lint, before: LintReport, may_change: Callable[[Path], bool], leave: Collection[Key]
) -> _Attempt:
    workspace, after = Workspace(), before
    touched: dict[Key, set[str]] = {}
    for _ in range(_ROUNDS):
        chosen = {
            (_key(each), number): each.changes
            for number, each in enumerate(after.findings)
            if each.changes
            and _key(each) not in leave
            and all(may_change(Path(change.file)) for change in each.changes)
        }
        made = workspace.with_changes(chosen)
        if not made.keys:
            break
        for key, number in made.keys:
            touched.setdefault(key, set()).update(each.file for each in chosen[key, number])
        were = Counter(map(_key, after.findings))
        workspace = made.workspace
        after = lint(workspace)
        are = Counter(map(_key, after.findings))
        in_vain = frozenset(key for key, _ in made.keys if are[key] >= were[key])
        if in_vain:
            return _Attempt(workspace, after, in_vain, touched)
    return _Attempt(workspace, after, frozenset(), touched)


def show_and_write(result: Mended, output: str, *, dry_run: bool) -> None:
    """The diff on stdout, or on stderr where stdout is for a program; then the files."""
    diff = "".join(result.workspace.differences())
    (sys.stdout if output == "table" else sys.stderr).write(diff)
    files = result.workspace.changed
    gone = len(result.before.findings) - len(result.after.findings)
    what = "would be" if dry_run else "were"
    if not dry_run:
        for path, source in files.items():
            rewrite(path, source)
    say(f"{len(files)} file(s) {what} changed, which mends {gone} finding(s)")


def _harmful(before: LintReport, attempt: _Attempt) -> frozenset[Key]:
    """The findings whose changes touched a file in which there is a new error."""
    spoiled = {each.at.file for each in _new_errors(before, attempt.after)}
    return frozenset(key for key, files in attempt.made.items() if not spoiled.isdisjoint(files))


def _new_errors(before: LintReport, after: LintReport) -> list[SourceFinding]:
    known = _errors(before.findings)
    return [each for key, each in _errors(after.findings).items() if key not in known]


def _refuse_worse(before: LintReport, after: LintReport) -> None:
    new = _new_errors(before, after)
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


def _key(each: SourceFinding) -> Key:
    """What makes it the same finding after lines were taken away above it."""
    said = each.finding
    return f"{said.rule} {said.subject} {said.summary} {each.at.file} {said.actual}"
