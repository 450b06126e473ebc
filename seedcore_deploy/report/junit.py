"""The verdict as JUnit XML, for pipelines: a test case for each pod and for each finding's family.

Could not look is an `error`, a finding is a `failure`; a hint fails nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from seedcore_deploy.model.finding import Finding, Gap, Severity
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.verdict import Mark, Outcome, PodLine, Verdict

FAMILIES = {
    "SC1": "environment",
    "SC2": "objects",
    "SC3": "workloads",
    "SC4": "connection",
}
"""The families of rules by the first letters of their ids."""

_NOT_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


@dataclass(frozen=True, slots=True)
class _Case:
    """One test case; `failures` and `errors` are (message, text) pairs."""

    group: str
    name: str
    failures: tuple[tuple[str, str], ...] = ()
    errors: tuple[tuple[str, str], ...] = ()


def render(verdict: Verdict, snapshot: Snapshot) -> str:
    """One suite with every case; well-formed whatever the values hold."""
    cases = [*_rule_cases(verdict), *_pod_cases(verdict.pods), _gap_case(verdict)]
    failed = sum(bool(case.failures) for case in cases)
    broken = sum(bool(case.errors) and not case.failures for case in cases)
    counts = {"tests": str(len(cases)), "failures": str(failed), "errors": str(broken)}
    suites = Element("testsuites", counts)
    name = f"seedcore-deploy {snapshot.target.context}/{snapshot.target.namespace}"
    suite = SubElement(suites, "testsuite", {"name": _xml(name), "skipped": "0", **counts})
    for case in cases:
        _write(suite, case)
    indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suites, "unicode") + "\n"


def _rule_cases(verdict: Verdict) -> Iterable[_Case]:
    errors = [each for each in verdict.findings if each.severity is Severity.ERROR]
    for prefix, family in FAMILIES.items():
        mine = [each for each in errors if each.rule.startswith(prefix)]
        yield _Case("rules", family, failures=tuple(_told(each) for each in mine))


def _told(finding: Finding) -> tuple[str, str]:
    lines = [
        f"expected: {finding.expected}",
        f"actual:   {finding.actual}",
        f"because:  {finding.because}",
        *(f"hence:    {each}" for each in finding.consequences),
        f"mend:     {finding.fix.text}",
        *(f"  {command}" for command in finding.fix.commands),
    ]
    return f"{finding.rule} {finding.subject}: {finding.summary}", "\n".join(lines)


def _pod_cases(pods: Sequence[PodLine]) -> Iterable[_Case]:
    for pod in pods:
        for part in ("environment", "proof", "application"):
            mark: Mark = getattr(pod, part)
            if mark is Mark.NOT_APPLICABLE:
                continue
            said = ((f"{pod.pod}: {part} {mark.value}", pod.note),)
            yield _Case(
                f"pod.{pod.role.value}.{pod.pod}",
                part,
                failures=said if mark is Mark.WRONG else (),
                errors=said if mark is Mark.UNKNOWN else (),
            )


def _gap_case(verdict: Verdict) -> _Case:
    errors = tuple(_gap_told(gap) for gap in verdict.gaps)
    if verdict.outcome in {Outcome.INCONCLUSIVE, Outcome.SETTLING} and not errors:
        errors = ((verdict.outcome.value, "not everything could be proven"),)
    return _Case("verdict", "everything could be looked at", errors=errors)


def _gap_told(gap: Gap) -> tuple[str, str]:
    settling = "settling: " if gap.settling else ""
    return f"{settling}{gap.subject}: {gap.why}", f"mend: {gap.mend}"


def _write(suite: Element, case: _Case) -> None:
    element = SubElement(
        suite, "testcase", {"classname": _xml(case.group), "name": _xml(case.name)}
    )
    for tag, said in (("failure", case.failures), ("error", case.errors)):
        for message, text in said:
            SubElement(element, tag, {"message": _xml(message)}).text = _xml(text)


def _xml(text: str) -> str:
    """The text without the characters that XML cannot hold, not even escaped."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
