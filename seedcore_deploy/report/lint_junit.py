"""What lint says, for pipelines: JUnit XML, one test case for each finding."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from seedcore_deploy.model.lint import LintReport, SourceFinding
from seedcore_deploy.report.junit import add_finding, counted, one_case
from seedcore_deploy.report.text import safe


def render(report: LintReport) -> str:
    """A finding is a failure, a gap an error, a hint the output of the suite."""
    suite = ET.Element("testsuite", name="seedcore-deploy lint")
    for overlay in report.overlays:
        one_case(suite, overlay, "rendered and judged")
    for each in report.findings:
        if each.is_error:
            case = add_finding(suite, str(each.at), each.finding)
            case.set("file", safe(each.at.file))
            case.set("line", str(each.at.line))
    for gap in report.gaps:
        case = one_case(suite, str(gap.at), "could not look")
        error = ET.SubElement(case, "error", message=safe(gap.why), type="could not look")
        error.text = safe(f"mend: {gap.mend}")
    hints = [_hint(each) for each in report.findings if not each.is_error]
    if hints:
        ET.SubElement(suite, "system-out").text = "\n".join(hints)
    return counted(suite)


def _hint(each: SourceFinding) -> str:
    return safe(f"{each.at}: {each.finding.rule}: {each.finding.summary}")
