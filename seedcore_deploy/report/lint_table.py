"""What lint says, for people: each finding at its place, and one line at the end."""

from __future__ import annotations

from collections.abc import Iterator

from seedcore_deploy.model.lint import LintGap, LintReport, SourceFinding
from seedcore_deploy.report.lines import Line, printed, wrapped
from seedcore_deploy.report.text import count

_STYLES = {True: "bold red", False: "yellow"}


def render(report: LintReport, *, width: int, color: bool) -> str:
    """The report as text of a width in characters."""
    lines: list[Line] = []
    for each in report.findings:
        lines += _finding(each, width)
    for gap in report.gaps:
        lines += _gap(gap, width)
    lines += wrapped(summary(report), width)
    return printed(lines, width, color=color)


def _finding(each: SourceFinding, width: int) -> Iterator[Line]:
    said = each.finding
    yield from wrapped(
        f"{each.at}: {said.severity} {said.rule} {said.subject}: {said.summary}",
        width,
        _STYLES[each.is_error],
        indent=2,
    )
    yield from wrapped(f"  because:  {said.because}", width, indent=12)
    for consequence in said.consequences:
        yield from wrapped(f"  so:       {consequence}", width, indent=12)
    if each.overlays:
        yield from wrapped(f"  in:       {', '.join(each.overlays)}", width, indent=12)
    fixable = " (--fix does it)" if each.changes else ""
    yield from wrapped(f"  mend:     {said.fix.text}{fixable}", width, indent=12)


def _gap(gap: LintGap, width: int) -> Iterator[Line]:
    yield from wrapped(f"{gap.at}: could not look: {gap.why}", width, "yellow", indent=2)
    yield from wrapped(f"  mend:     {gap.mend}", width, indent=12)


def summary(report: LintReport) -> str:
    """One sentence with the outcome first."""
    errors = [each for each in report.findings if each.is_error]
    hints = len(report.findings) - len(errors)
    looked = f"{count(len(report.overlays), 'overlay')} and {count(report.files, 'file')}"
    more = f"; {count(hints, 'hint')}" if hints else ""
    more += f"; {len(report.ignored)} set aside by comments" if report.ignored else ""
    more += f"; {count(len(report.gaps), 'thing')} not looked at" if report.gaps else ""
    if errors:
        rules = ", ".join(sorted({each.finding.rule for each in errors}))
        return f"WRONG: {count(len(errors), 'finding')} to mend ({rules}) in {looked}{more}"
    if report.gaps:
        return f"COULD NOT LOOK at everything in {looked}{more}"
    if not (report.overlays or report.files or report.findings or report.ignored):
        return (
            f"NOTHING JUDGED: no overlay takes in what was given, and lint reads none of it{more}"
        )
    if not report.overlays:
        files = count(report.files, "file")
        return f"CLEAN: no leftovers in {files}; no overlay takes them in, so none was judged{more}"
    return f"CLEAN: nothing to mend in {looked}{more}"
