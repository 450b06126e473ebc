"""The verdict as a person reads it: problems first, then one line a pod, then the outcome."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from seedcore_deploy.model.finding import Finding, Fix, Gap, Severity
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.verdict import Mark, Outcome, PodLine, Verdict
from seedcore_deploy.report.lines import Line, printed, wrapped
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
    return printed(lines, width, color=color)


def _lines(verdict: Verdict, snapshot: Snapshot, width: int, *, verbose: bool) -> Iterator[Line]:
    target = snapshot.target
    where = f"context {target.context}, namespace {target.namespace}"
    overlay = f", overlay {target.overlay}" if target.overlay else ""
    yield from wrapped(f"{where}{overlay}, seen at {snapshot.taken_at}", width, "dim")
    yield Line("")
    for finding in verdict.findings:
        yield from _finding(finding, width)
        yield Line("")
    for gap in verdict.gaps:
        yield from _gap(gap, width)
        yield Line("")
    yield from _pods(verdict.pods, width, verbose=verbose)
    yield Line("")
    if verdict.session:
        yield from wrapped(f"session {verdict.session}", width)
    for note in verdict.fine_print:
        yield from wrapped(f"note: {note}", width, "dim", indent=6)
    if verdict.findings:
        rules = dict.fromkeys(finding.rule for finding in verdict.findings)
        yield Line(f"more: seedcore-deploy explain {' '.join(rules)}", "dim")
    # Never wrapped: scripts and people look at the last line alone.
    yield Line(safe(outcome_line(verdict, snapshot)), _OUTCOMES[verdict.outcome])


def _finding(finding: Finding, width: int) -> Iterator[Line]:
    wrong = finding.severity is Severity.ERROR
    style = "bold red" if wrong else "bold cyan"
    title = f"{finding.severity} {finding.rule} {finding.subject}: {finding.summary}"
    yield from wrapped(title, width, style, indent=2)
    yield from _labelled("expected", finding.expected, width)
    yield from _labelled("actual", finding.actual, width)
    yield from _labelled("because", finding.because, width)
    for consequence in finding.consequences:
        yield from _labelled("so", consequence, width)
    yield from _fix(finding.fix, width)


def _fix(fix: Fix, width: int) -> Iterator[Line]:
    yield from _labelled("mend", fix.text, width)
    for command in fix.commands:
        yield Line(f"    {safe(command)}", "green")


def _gap(gap: Gap, width: int) -> Iterator[Line]:
    what = "settling" if gap.settling else "could not look"
    yield from wrapped(f"{what}: {gap.subject}: {gap.why}", width, "yellow", indent=2)
    yield from _labelled("mend", gap.mend, width)


def _labelled(label: str, text: str, width: int) -> Iterator[Line]:
    return wrapped(f"  {label + ':':<{_LABEL}}{text}", width, indent=_LABEL + 2)


def _pods(pods: Sequence[PodLine], width: int, *, verbose: bool) -> Iterator[Line]:
    if not pods:
        yield Line("no pods")
        return
    rows = [_HEADINGS, *(_cells(pod) for pod in pods)]
    widths = _widths(rows, width)
    yield Line(_row(_HEADINGS, widths), "bold")
    for pod, cells in zip(pods, rows[1:], strict=True):
        yield Line(_row(cells, widths), _style(pod))
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


def _variables(pod: PodLine, width: int) -> Iterator[Line]:
    for variable in pod.variables:
        text = f"    {variable.name}={variable.value}  [{variable.origin}; {variable.verdict}]"
        yield from wrapped(text, width, "dim", indent=8)
