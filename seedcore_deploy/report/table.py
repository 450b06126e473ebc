"""The verdict as a person reads it: problems first, then one line a pod, then the outcome."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from seedcore_deploy.model.finding import Finding, Fix, Gap, Severity
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.verdict import Mark, Outcome, PodLine, Verdict
from seedcore_deploy.report.outcome import outcome_line
from seedcore_deploy.report.text import safe, shortened

_HEADINGS = ("POD", "ROLE", "WORKLOAD", "READY", "ENV", "PROOF", "APP", "NOTE")
_LABEL = 10
_NARROWEST = 40
_NAME = 16
_MARKS = {Mark.OK: "ok", Mark.WRONG: "WRONG", Mark.UNKNOWN: "unknown", Mark.NOT_APPLICABLE: "-"}
_OUTCOMES = {
    Outcome.PROVEN: "bold green",
    Outcome.FINDINGS: "bold red",
    Outcome.SETTLING: "bold yellow",
    Outcome.INCONCLUSIVE: "bold yellow",
}


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    style: str = ""


def render(
    verdict: Verdict,
    snapshot: Snapshot,
    width: int,
    color: bool,
    verbose: bool,
) -> str:
    """The whole report.

    `width` in columns; commands are never wrapped, so that they can be pasted. Without `color`
    nothing but plain text comes out, and rich is not imported.
    """
    lines = list(_lines(verdict, snapshot, max(width, _NARROWEST), verbose=verbose))
    if not color:
        return "".join(f"{line.text}\n" for line in lines)
    return _colored(lines, width)


def _colored(lines: Sequence[_Line], width: int) -> str:
    import io

    from rich.console import Console
    from rich.text import Text

    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=width, color_system="standard")
    for line in lines:
        console.print(Text(line.text, style=line.style), soft_wrap=True)
    return out.getvalue()


def _lines(verdict: Verdict, snapshot: Snapshot, width: int, *, verbose: bool) -> Iterator[_Line]:
    target = snapshot.target
    where = f"context {target.context}, namespace {target.namespace}"
    overlay = f", overlay {target.overlay}" if target.overlay else ""
    yield from _wrapped(f"{where}{overlay}, seen at {snapshot.taken_at}", width, "dim")
    yield _Line("")
    for finding in verdict.findings:
        yield from _finding(finding, width)
        yield _Line("")
    for gap in verdict.gaps:
        yield from _gap(gap, width)
        yield _Line("")
    yield from _pods(verdict.pods, width, verbose=verbose)
    yield _Line("")
    if verdict.session:
        yield from _wrapped(f"session {verdict.session}", width)
    for note in verdict.fine_print:
        yield from _wrapped(f"note: {note}", width, "dim", indent=6)
    if verdict.findings:
        rules = dict.fromkeys(finding.rule for finding in verdict.findings)
        yield _Line(f"more: seedcore-deploy explain {' '.join(rules)}", "dim")
    # Never wrapped: scripts and people look at the last line alone.
    yield _Line(safe(outcome_line(verdict, snapshot)), _OUTCOMES[verdict.outcome])


def _finding(finding: Finding, width: int) -> Iterator[_Line]:
    wrong = finding.severity is Severity.ERROR
    style = "bold red" if wrong else "bold cyan"
    title = f"{finding.severity} {finding.rule} {finding.subject}: {finding.summary}"
    yield from _wrapped(title, width, style, indent=2)
    yield from _labelled("expected", finding.expected, width)
    yield from _labelled("actual", finding.actual, width)
    yield from _labelled("because", finding.because, width)
    for consequence in finding.consequences:
        yield from _labelled("so", consequence, width)
    yield from _fix(finding.fix, width)


def _fix(fix: Fix, width: int) -> Iterator[_Line]:
    yield from _labelled("mend", fix.text, width)
    for command in fix.commands:
        yield _Line(f"    {safe(command)}", "green")


def _gap(gap: Gap, width: int) -> Iterator[_Line]:
    what = "settling" if gap.settling else "could not look"
    yield from _wrapped(f"{what}: {gap.subject}: {gap.why}", width, "yellow", indent=2)
    yield from _labelled("mend", gap.mend, width)


def _labelled(label: str, text: str, width: int) -> Iterator[_Line]:
    return _wrapped(f"  {label + ':':<{_LABEL}}{text}", width, indent=_LABEL + 2)


def _wrapped(text: str, width: int, style: str = "", indent: int = 0) -> Iterator[_Line]:
    parts = textwrap.wrap(
        safe(text),
        width,
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
        replace_whitespace=False,
        drop_whitespace=True,
    )
    return (_Line(part, style) for part in parts or [""])


def _pods(pods: Sequence[PodLine], width: int, *, verbose: bool) -> Iterator[_Line]:
    if not pods:
        yield _Line("no pods")
        return
    rows = [_HEADINGS, *(_cells(pod) for pod in pods)]
    widths = _widths(rows, width)
    yield _Line(_row(_HEADINGS, widths), "bold")
    for pod, cells in zip(pods, rows[1:], strict=True):
        yield _Line(_row(cells, widths), _style(pod))
        if verbose:
            yield from _variables(pod, width)


def _cells(pod: PodLine) -> tuple[str, ...]:
    return (
        safe(pod.pod),
        str(pod.role),
        safe(pod.workload),
        "yes" if pod.ready else "NO",
        _MARKS[pod.environment],
        _MARKS[pod.proof],
        _MARKS[pod.application],
        safe(pod.note),
    )


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Column widths: the note gives way first, then the workload, then the pod's name."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    for column, least in ((7, 0), (2, 4), (0, _NAME)):
        excess = sum(widths) + 2 * (len(widths) - 1) - width
        if excess > 0:
            widths[column] = max(min(widths[column], least), widths[column] - excess)
    return widths


def _row(cells: Iterable[str], widths: Iterable[int]) -> str:
    parts = (f"{shortened(cell, wide):<{wide}}" for cell, wide in zip(cells, widths, strict=True))
    return "  ".join(parts).rstrip()


def _style(pod: PodLine) -> str:
    marks = {pod.environment, pod.proof, pod.application}
    if Mark.WRONG in marks:
        return "red"
    return "yellow" if Mark.UNKNOWN in marks or not pod.ready else ""


def _variables(pod: PodLine, width: int) -> Iterator[_Line]:
    for variable in pod.variables:
        text = f"    {variable.name}={variable.value}  [{variable.origin}; {variable.verdict}]"
        yield from _wrapped(text, width, "dim", indent=8)
