"""The verdict for people: problems first, one line a pod, and a last line that says what it is."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence

from seedcore_deploy.model.disclosure import without_userinfo
from seedcore_deploy.model.finding import Finding, Gap, Severity
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.variable import LayerVerdict
from seedcore_deploy.model.verdict import Mark, Outcome, PodLine, Verdict

Paint = Callable[[str, str], str]

_STYLES = {"red": "31", "green": "32", "yellow": "33", "bold": "1", "dim": "2"}
_MARKS = {
    Mark.OK: ("ok", "green"),
    Mark.WRONG: ("WRONG", "red"),
    Mark.UNKNOWN: ("unknown", "yellow"),
    Mark.NOT_APPLICABLE: ("-", "dim"),
}
_LAST_LINES = {
    Outcome.PROVEN: (
        "green",
        (
            "PROVEN: every role's environment is right, and every probe ran a "
            "task on the head of this session"
        ),
    ),
    Outcome.FINDINGS: ("red", "WRONG: {errors} to mend, see above"),
    Outcome.SETTLING: (
        "yellow",
        (
            "SETTLING: nothing is wrong so far, but not everything is there "
            "yet; look again, or use --wait 5m"
        ),
    ),
    Outcome.INCONCLUSIVE: (
        "yellow",
        "COULD NOT LOOK: nothing is known to be wrong, and nothing is proven",
    ),
}
_NARROWEST = 40


def render(verdict: Verdict, snapshot: Snapshot, *, width: int, color: bool, verbose: bool) -> str:
    """The verdict as text; commands are never wrapped, so that they can be pasted."""
    paint = _ansi if color else _plain
    width = max(width, _NARROWEST)
    blocks = [
        *([_finding(each, width, paint)] for each in verdict.findings),
        *([_gap(each, width, paint)] for each in verdict.gaps),
        [*_pods(verdict.pods, width, paint)],
        *([*_variables(each, paint)] for each in verdict.pods if verbose),
        [*_closing(verdict, snapshot, width, paint)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _plain(text: str, _style: str) -> str:
    return text


def _ansi(text: str, style: str) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


def _finding(finding: Finding, width: int, paint: Paint) -> str:
    style = "red" if finding.severity is Severity.ERROR else "yellow"
    head = f"{finding.rule} {finding.severity.value} {finding.subject}: {finding.summary}"
    facts = [
        ("expected", finding.expected),
        ("actual", finding.actual),
        ("because", finding.because),
        *(("hence", each) for each in finding.consequences),
        ("mend", finding.fix.text),
    ]
    return "\n".join(
        [
            paint(_wrapped(head, width, ""), style),
            *(_fact(name, text, width) for name, text in facts if text),
            *(f"    {_shown(command)}" for command in finding.fix.commands),
        ]
    )


def _gap(gap: Gap, width: int, paint: Paint) -> str:
    word = "settling" if gap.settling else "could not look"
    head = paint(_wrapped(f"{word}: {gap.subject}: {gap.why}", width, ""), "yellow")
    return f"{head}\n{_fact('mend', gap.mend, width)}" if gap.mend else head


def _fact(name: str, text: str, width: int) -> str:
    label = f"  {name + ':':<10}"
    return _wrapped(text, width, label)


def _wrapped(text: str, width: int, label: str) -> str:
    lines = textwrap.wrap(
        _shown(text),
        width,
        initial_indent=label,
        subsequent_indent=" " * (len(label) or 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines) or label.rstrip()


def _pods(pods: Sequence[PodLine], width: int, paint: Paint) -> Iterable[str]:
    if not pods:
        return
    titles = ("POD", "ROLE", "READY", "ENVIRONMENT", "PROOF", "APPLICATION")
    rows = [
        (
            _shown(pod.pod),
            pod.role.value,
            "yes" if pod.ready else "no",
            *(_MARKS[mark][0] for mark in (pod.environment, pod.proof, pod.application)),
        )
        for pod in pods
    ]
    widths = [max(len(row[column]) for row in (titles, *rows)) for column in range(len(titles))]
    yield paint(_row(titles, widths).rstrip(), "bold")
    for pod, row in zip(pods, rows, strict=True):
        cells = [cell.ljust(size) for cell, size in zip(row, widths, strict=True)]
        marks = (pod.environment, pod.proof, pod.application)
        painted = [
            *cells[:3],
            *(paint(cell, _MARKS[mark][1]) for cell, mark in zip(cells[3:], marks, strict=True)),
        ]
        yield "  ".join(painted).rstrip()
        if pod.note:
            yield _wrapped(pod.note, width, "    ")


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(size) for cell, size in zip(cells, widths, strict=True))


def _variables(pod: PodLine, paint: Paint) -> Iterable[str]:
    if not pod.variables:
        return
    yield paint(_shown(pod.pod), "bold")
    longest = max(len(each.name) for each in pod.variables)
    for each in pod.variables:
        yield f"  {each.name:<{longest}}  {_shown(each.value)}  {paint(f'[{each.origin}]', 'dim')}"
        if each.verdict not in {LayerVerdict.AGREED, LayerVerdict.UNKNOWN}:
            layers = ", ".join(f"{layer} {_shown(value)}" for layer, value in each.layers)
            yield f"  {'':<{longest}}  {paint(each.verdict.value, 'red')}: {layers}"


def _closing(verdict: Verdict, snapshot: Snapshot, width: int, paint: Paint) -> Iterable[str]:
    target = snapshot.target
    where = f"context {target.context}, namespace {target.namespace}"
    yield _shown(where + (f", overlay {target.overlay}" if target.overlay else ""))
    if verdict.session:
        yield f"Ray session {_shown(verdict.session)}"
    for line in verdict.fine_print:
        yield paint(_wrapped(line, width, "note: "), "dim")
    style, last = _LAST_LINES[verdict.outcome]
    errors = sum(each.severity is Severity.ERROR for each in verdict.findings)
    counted = f"{errors} finding{'' if errors == 1 else 's'}"
    if verdict.outcome is Outcome.FINDINGS and verdict.gaps:
        last += "; besides, some things could not be looked at"
    yield paint(_wrapped(last.format(errors=counted), width, ""), style)


def _shown(text: str) -> str:
    """The text with control characters made visible: a value must not steer the terminal."""
    return without_userinfo(text)
