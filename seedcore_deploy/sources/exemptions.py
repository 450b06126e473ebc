"""`# seedcore: ignore[SC201] reason`: which findings a comment in the source sets aside."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from seedcore_deploy.errors import UsageError
from seedcore_deploy.model.lint import SourceFinding
from seedcore_deploy.sources.workspace import Workspace

_COMMENT = re.compile(
    r"#\s*seedcore:\s*ignore\[(?P<rules>[\sA-Za-z0-9,]*)\][ \t]*(?P<reason>[^\r\n]*)"
)
_ALONE = re.compile(r"\s*#")


def exemptions(
    findings: Iterable[SourceFinding], workspace: Workspace
) -> dict[SourceFinding, bool]:
    """The findings that a comment on their line, or on its own above it, speaks of.

    True where it gives a reason: only that sets a finding aside.
    """
    found: dict[SourceFinding, bool] = {}
    for each in findings:
        for line in _lines(each, workspace):
            comment = _COMMENT.search(line)
            if comment and each.finding.rule in _ids(comment["rules"]):
                found[each] = bool(comment["reason"].strip()) or found.get(each, False)
    return found


def _ids(text: str) -> set[str]:
    return {each.strip().upper() for each in text.split(",")}


def _lines(each: SourceFinding, workspace: Workspace) -> tuple[str, ...]:
    """The finding's own line, and the one above where that is a comment and no more."""
    try:
        source = workspace.text(Path(each.at.file))
    except UsageError:
        return ()
    above = source.line(each.at.line - 1)
    own = source.line(each.at.line)
    return (own, above) if _ALONE.match(above) else (own,)
