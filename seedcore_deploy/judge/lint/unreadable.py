"""SC510: a file that nobody can vouch for, since it could not be read."""

from __future__ import annotations

from collections.abc import Iterator

from seedcore_deploy.judge.lint.rule import LintRule, Words, finding
from seedcore_deploy.model.finding import Severity, Subject
from seedcore_deploy.model.lint import LintFacts, SourceFinding


def unreadable_files(facts: LintFacts) -> Iterator[SourceFinding]:
    """SC510: what it holds is not known, so that "all good" would be a guess."""
    for each in facts.unreadable:
        words = Words(
            summary="it cannot be read",
            expected="a file that can be read",
            actual=each.why,
            because=each.why,
            mend=each.mend,
        )
        severity = Severity.ERROR if each.suspect else Severity.HINT
        found = finding("SC510", Subject("File", each.at.file), words, severity)
        yield SourceFinding(found, each.at)


RULES = (LintRule("SC510", "a file cannot be read", unreadable_files),)
