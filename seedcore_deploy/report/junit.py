"""The verdict for pipelines: JUnit XML, one test case for each pod and rule family."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable

from seedcore_deploy.model.finding import Finding, Severity
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.verdict import Mark, PodLine, Verdict
from seedcore_deploy.report.text import safe

FAMILIES = {
    "SC1": "settings",
    "SC2": "references",
    "SC3": "readiness",
    "SC4": "connection",
}


def render(verdict: Verdict, snapshot: Snapshot) -> str:
    """The XML document: a finding is a failure, a gap an error, a hint the output of the suite."""
    target = snapshot.target
    suite = ET.Element("testsuite", name=safe(f"seedcore-deploy {target.context}"))
    for pod in verdict.pods:
        _pod_cases(suite, pod, verdict.findings)
    for finding in verdict.findings:
        if finding.severity is Severity.ERROR:
            add_finding(suite, str(finding.subject), finding)
    for gap in verdict.gaps:
        what = "settling" if gap.settling else "could not look"
        case = one_case(suite, str(gap.subject), what)
        error = ET.SubElement(case, "error", message=safe(gap.why), type=what)
        error.text = safe(f"mend: {gap.mend}")
    hints = [each for each in verdict.findings if each.severity is Severity.HINT]
    if hints:
        out = ET.SubElement(suite, "system-out")
        out.text = "\n".join(safe(f"{each.rule} {each.subject}: {each.summary}") for each in hints)
    return counted(suite)


def counted(suite: ET.Element) -> str:
    """The document of one suite, with the numbers that readers of JUnit ask for."""
    _count(suite)
    root = ET.Element("testsuites", {**suite.attrib, "time": "0"})
    root.append(suite)
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _pod_cases(suite: ET.Element, pod: PodLine, findings: Iterable[Finding]) -> None:
    """The four families of one pod; what it has no part in is skipped."""
    errors = [each for each in findings if each.severity is Severity.ERROR]
    idle = pod.environment is Mark.NOT_APPLICABLE
    for prefix, family in FAMILIES.items():
        case = one_case(suite, f"{pod.workload}.{pod.pod}", family)
        if idle:
            ET.SubElement(case, "skipped", message=safe(pod.note))
            continue
        named = [each for each in errors if each.rule.startswith(prefix) and _names(each, pod.pod)]
        if named:
            message = "; ".join(f"{each.rule} {each.subject}: {each.summary}" for each in named)
            ET.SubElement(case, "failure", message=safe(message), type=named[0].rule)
        elif _mark(pod, prefix) is Mark.WRONG:
            rules = ", ".join(dict.fromkeys(each.rule for each in errors))
            ET.SubElement(case, "failure", message=safe(f"{family}: see {rules}"), type=prefix)
        elif _mark(pod, prefix) is Mark.UNKNOWN:
            message = f"{family}: not shown" + (f": {pod.note}" if pod.note else "")
            ET.SubElement(case, "error", message=safe(message), type="not shown")


def _names(finding: Finding, pod: str) -> bool:
    return finding.subject.name == pod or f"pod/{pod}" in finding.summary.replace(",", " ").split()


def _mark(pod: PodLine, family: str) -> Mark:
    """What the pod's line says in the words of one family."""
    if family == "SC1":
        return pod.environment
    if family == "SC3":
        return Mark.OK if pod.ready else Mark.UNKNOWN
    if family == "SC4":
        marks = (pod.proof, pod.application)
        return next((each for each in (Mark.WRONG, Mark.UNKNOWN) if each in marks), Mark.OK)
    return Mark.OK


def add_finding(suite: ET.Element, where: str, finding: Finding) -> ET.Element:
    """A finding as a case that failed; `where` is what the reader groups it by."""
    case = one_case(suite, where, finding.rule)
    failure = ET.SubElement(case, "failure", message=safe(finding.summary), type=finding.rule)
    lines = (
        f"expected: {finding.expected}",
        f"actual: {finding.actual}",
        f"because: {finding.because}",
        *(f"so: {each}" for each in finding.consequences),
        f"mend: {finding.fix.text}",
        *(f"  {command}" for command in finding.fix.commands),
    )
    failure.text = "\n".join(map(safe, lines))
    return case


def one_case(suite: ET.Element, classname: str, name: str) -> ET.Element:
    """A case of the suite."""
    return ET.SubElement(suite, "testcase", classname=safe(classname), name=safe(name), time="0")


def _count(suite: ET.Element) -> None:
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for outcome, attribute in (
        ("failure", "failures"),
        ("error", "errors"),
        ("skipped", "skipped"),
    ):
        suite.set(attribute, str(sum(case.find(outcome) is not None for case in cases)))
