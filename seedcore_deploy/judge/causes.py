"""One root cause, one finding: what follows from it stands under it, not beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from seedcore_deploy.judge.claims import Claim
from seedcore_deploy.model.finding import Finding, Severity


def fold(claims: Iterable[Claim], order: Sequence[str]) -> tuple[Claim, ...]:
    """The root claims, deepest cause first, each with its consequences.

    `order` are the rules' ids from the deepest cause to the last symptom. A claim that deeper
    ones explain wholly becomes a consequence of the first of them; claims of one rule about one
    subject become one.
    """
    rank = {rule: place for place, rule in enumerate(order)}
    roots: list[Claim] = []
    for claim in sorted(claims, key=lambda each: (each.symptom, rank[each.finding.rule])):
        twin = next((index for index, root in enumerate(roots) if _twins(root, claim)), None)
        if twin is not None:
            roots[twin] = _merge(roots[twin], claim)
            continue
        causes = [
            index
            for index, root in enumerate(roots)
            if root.finding.severity is Severity.ERROR and root.explains & claim.about
        ]
        explained = {effect for index in causes for effect in roots[index].explains}
        if claim.about and claim.about <= explained:
            roots[causes[0]] = _absorb(roots[causes[0]], claim)
        else:
            roots.append(claim)
    return tuple(roots)


def _twins(one: Claim, other: Claim) -> bool:
    same_rule = one.finding.rule == other.finding.rule
    return same_rule and one.finding.subject == other.finding.subject


def _absorb(root: Claim, claim: Claim) -> Claim:
    finding = claim.finding
    said = f"{finding.rule} {finding.subject}: {finding.summary}"
    added = _with_consequences(root.finding, (said, *finding.consequences))
    return Claim(added, root.about, root.explains | claim.explains | claim.about)


def _merge(root: Claim, claim: Claim) -> Claim:
    """Two claims of one rule about one subject: the first speaks, the commands of both run."""
    first, second = root.finding, claim.finding
    said = () if second.summary == first.summary else (second.summary,)
    commands = tuple(dict.fromkeys((*first.fix.commands, *second.fix.commands)))
    merged = replace(first, fix=replace(first.fix, commands=commands))
    added = _with_consequences(merged, (*said, *second.consequences))
    return Claim(added, root.about | claim.about, root.explains | claim.explains)


def _with_consequences(finding: Finding, more: Iterable[str]) -> Finding:
    every = dict.fromkeys((*finding.consequences, *more))
    return replace(finding, consequences=tuple(every))
