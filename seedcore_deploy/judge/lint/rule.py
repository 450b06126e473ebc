"""What a rule of lint is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from seedcore_deploy.model.finding import Finding, Fix, Severity, Subject
from seedcore_deploy.model.lint import LintFacts, SourceFinding


@dataclass(frozen=True, slots=True)
class LintRule:
    """A stable id, what it says in a few words, and the check. An id can have several rows."""

    id: str
    title: str
    check: Callable[[LintFacts], Iterable[SourceFinding]]


@dataclass(frozen=True, slots=True)
class Words:
    """What a finding says, besides its rule and its place."""

    summary: str
    expected: str
    actual: str
    because: str
    mend: str


def finding(
    rule: str, subject: Subject, words: Words, severity: Severity = Severity.ERROR
) -> Finding:
    """A finding whose mend is a sentence."""
    return Finding(
        rule,
        severity,
        subject,
        words.summary,
        words.expected,
        words.actual,
        words.because,
        Fix(words.mend),
    )
