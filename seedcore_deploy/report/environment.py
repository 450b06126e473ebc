"""The environment of pods as a person reads it: differences first, then a table for each pod."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterator, Sequence

from seedcore_deploy.model.environment import Difference, Environments, PodEnvironment
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.variable import LayerVerdict, Origin, VariableLine
from seedcore_deploy.report.lines import Line, printed, wrapped
from seedcore_deploy.report.text import count, safe

_HEADINGS = ("VARIABLE", "VALUE", "LAYER", "ORIGIN")
_GAP = "  "
_NARROWEST = 40
_GIVING_WAY = ((3, 20), (1, 24), (3, 7), (1, 7), (0, 7))


def render(environments: Environments, snapshot: Snapshot, *, width: int, color: bool) -> str:
    """The whole report. A row that is wider than `width` goes on below itself; nothing is cut."""
    lines = list(_lines(environments, snapshot, max(width, _NARROWEST)))
    return printed(lines, width, color=color)


def _lines(environments: Environments, snapshot: Snapshot, width: int) -> Iterator[Line]:
    target = snapshot.target
    overlay = f", overlay {target.overlay}" if target.overlay else ""
    where = f"context {target.context}, namespace {target.namespace}{overlay}"
    yield from wrapped(f"{where}, seen at {snapshot.taken_at}", width, "dim")
    for difference in environments.differences:
        yield Line("")
        yield from _difference(difference, width)
    for pod in environments.pods:
        yield Line("")
        yield from _pod(pod, width)
    if not environments.pods:
        yield from wrapped(f"no pods with a role in namespace {target.namespace}", width)
    unread = [pod for pod in environments.pods if pod.serving and not pod.looked_into]
    if unread:
        yield Line("")
        yield from wrapped(f"COULD NOT LOOK into {count(len(unread), 'pod')}", width, "bold yellow")


def _difference(difference: Difference, width: int) -> Iterator[Line]:
    title = f"DIFFERS: {difference.variable} between the pods of {difference.workload}"
    yield from wrapped(title, width, "bold yellow", 2)
    for value, pods in difference.values:
        yield from wrapped(f"  {value or '(empty)'}  in {', '.join(pods)}", width, "yellow", 6)


def _pod(pod: PodEnvironment, width: int) -> Iterator[Line]:
    workload = "" if pod.workload == pod.role else f" {pod.workload}"
    title = f"POD {pod.pod} ({pod.role}{workload})"
    state = "" if pod.ready else ", not ready"
    style = "bold" if pod.looked_into else "bold yellow"
    yield from wrapped(title + state + (f": {pod.note}" if pod.note else ""), width, style, 2)
    if pod.mend:
        yield from wrapped(f"  mend: {pod.mend}", width, indent=4)
    if not pod.variables:
        return
    rows = [_HEADINGS, *(_cells(variable) for variable in pod.variables)]
    widths = _widths(rows, width - len(_GAP))
    yield from _row(_HEADINGS, widths, " ", "dim")
    for variable, cells in zip(pod.variables, rows[1:], strict=True):
        remark = _remark(variable, differs=variable.name in pod.differing)
        yield from _row(cells, widths, "!" if remark else " ", "yellow" if remark else "")
        if remark:
            yield from wrapped(f"    {remark}", width, "yellow", 6)


def _cells(variable: VariableLine) -> tuple[str, ...]:
    origin = variable.origin
    if origin.key == variable.name:
        origin = Origin(origin.kind, origin.name)
    value = variable.value or "(empty)"
    return (safe(variable.name), safe(value), variable.layer, safe(str(origin)))


def _remark(variable: VariableLine, *, differs: bool) -> str:
    """What makes a variable stand out: its layers disagree, or its replicas do."""
    said = []
    if variable.verdict not in (LayerVerdict.AGREED, LayerVerdict.UNKNOWN):
        layers = ", ".join(f"{layer} {value or '(empty)'}" for layer, value in variable.layers)
        said.append(f"{variable.verdict}: {layers}")
    if differs:
        said.append("another replica has it otherwise")
    return "; ".join(said)


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Column widths: origin and value give way in turns, then the name; to a least each."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    for column, least in _GIVING_WAY:
        excess = sum(widths) + len(_GAP) * (len(widths) - 1) - width
        if excess > 0:
            widths[column] = max(min(widths[column], least), widths[column] - excess)
    return widths


def _row(cells: Sequence[str], widths: Sequence[int], mark: str, style: str) -> Iterator[Line]:
    """One row; a cell that is too long goes on in the lines below."""
    columns = [
        textwrap.wrap(cell, wide, break_on_hyphens=False) or [""]
        for cell, wide in zip(cells, widths, strict=True)
    ]
    for parts in itertools.zip_longest(*columns, fillvalue=""):
        padded = (f"{part:<{wide}}" for part, wide in zip(parts, widths, strict=True))
        yield Line(f"{mark} {_GAP.join(padded)}".rstrip(), style)
        mark = " "
