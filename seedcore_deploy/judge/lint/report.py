"""From LintFacts to what lint says: each cause once, at its place, without what is set aside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from seedcore_deploy.judge.lint.contract import render_findings
from seedcore_deploy.judge.lint.mending import with_changes
from seedcore_deploy.judge.lint.registry import LINT_RULES
from seedcore_deploy.judge.lint.rule import LintRule
from seedcore_deploy.judge.registry import RULES
from seedcore_deploy.judge.rule import Rule
from seedcore_deploy.model.lint import LintFacts, LintReport, SourceFinding
from seedcore_deploy.model.setting import ADDRESS

_MIGRATION = "SC5"


def findings_of(
    facts: LintFacts,
    rules: Sequence[Rule] = RULES,
    lint_rules: Sequence[LintRule] = LINT_RULES,
) -> tuple[SourceFinding, ...]:
    """All findings by file and line; `rules` and `lint_rules` can be fewer in tests."""
    found = [
        *render_findings(facts, rules),
        *(each for rule in lint_rules for each in rule.check(facts)),
    ]
    every = with_changes(facts, tuple(_merged(found)))
    return tuple(sorted(_without_repeats(every), key=_order))


def report_of(
    facts: LintFacts, findings: Iterable[SourceFinding], exempt: Mapping[SourceFinding, bool]
) -> LintReport:
    """The report; `exempt` tells of findings that a comment speaks of whether it sets them aside.

    A comment that gives no reason sets nothing aside, and the finding says so.
    """
    kept, ignored = [], []
    for each in findings:
        if exempt.get(each):
            ignored.append(each)
        elif each in exempt:
            kept.append(_without_reason(each))
        else:
            kept.append(each)
    overlays = tuple(tree.overlay for tree in facts.trees)
    return LintReport(tuple(kept), facts.gaps, tuple(ignored), overlays, facts.files)


def _without_reason(each: SourceFinding) -> SourceFinding:
    because = (
        f"{each.finding.because}; the ignore comment here gives no reason, so it does not count"
    )
    return replace(each, finding=replace(each.finding, because=because))


def _order(each: SourceFinding) -> tuple[object, ...]:
    return each.at, each.finding.rule, str(each.finding.subject), each.finding.summary


def _merged(found: Iterable[SourceFinding]) -> Iterator[SourceFinding]:
    """What several overlays show at one place is said once."""
    by_place: dict[tuple[object, ...], SourceFinding] = {}
    for each in found:
        key = (each.finding.rule, each.at, each.finding.subject.kind, each.finding.subject.detail)
        known = by_place.get(key)
        if known is None:
            by_place[key] = each
            continue
        overlays = tuple(dict.fromkeys((*known.overlays, *each.overlays)))
        changes = tuple(dict.fromkeys((*known.changes, *each.changes)))
        by_place[key] = replace(known, overlays=overlays, changes=changes)
    return iter(by_place.values())


def _without_repeats(found: Iterable[SourceFinding]) -> Iterator[SourceFinding]:
    """Where a rule of the contract speaks of a line, a leftover there is the same mistake."""
    every = list(found)
    leftovers = {_line(each): each for each in reversed(every) if _is_leftover(each)}
    spoken = set()
    for each in every:
        if _is_leftover(each):
            continue
        same = leftovers.get(_line(each)) if _is_about_the_address(each) else None
        if same is not None:
            spoken.add(_line(each))
        yield replace(each, changes=(*each.changes, *same.changes)) if same else each
    yield from (each for each in every if _is_leftover(each) and _line(each) not in spoken)


def _line(each: SourceFinding) -> tuple[str, int]:
    return each.at.file, each.at.line


def _is_leftover(each: SourceFinding) -> bool:
    return each.finding.rule.startswith(_MIGRATION)


def _is_about_the_address(each: SourceFinding) -> bool:
    return each.is_error and each.finding.subject.detail.split()[-1:] == [ADDRESS]
