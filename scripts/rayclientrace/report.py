"""A line for each head, and the table or the JSON at the end."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

from rayclientrace.model import Attempt, Head, Outcome, Setting, Variant
from rayclientrace.summary import Summary, summarise

LONGEST = 120
"""Characters of an error in a line; the JSON has all of it."""

TITLES = (
    "GRPC_ENABLE_FORK_SUPPORT",
    "HEADS",
    "FAILED",
    "MEDIAN",
    "P95",
    "MAX",
    "SECOND FAILED",
    "UNMEASURED",
)


def as_line(head: Head) -> str:
    """Return what one head met: `without 3  ready 14.1 s  first failed 41.2 s: ...`."""
    parts = [f"{head.variant:<7} {head.number:>3}", f"ready {head.ready_s:5.1f} s"]
    parts.append("first " + _attempt(head.first))
    if head.second is not None:
        parts.append("second " + _attempt(head.second))
    if head.first.load is not None:
        parts.append(f"load {head.first.load:.1f}")
    return "  ".join(parts)


def as_table(setting: Setting, heads: Sequence[Head]) -> str:
    """Return the table; times are those of the first connections that succeeded."""
    versions = ", ".join(f"{name} {version}" for name, version in setting.versions.items())
    rows = [TITLES, *(_row(summarise(heads, variant)) for variant in Variant)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(TITLES))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([f"{setting.image}: {versions}; begun {setting.started}", "", *lines])


def as_json(setting: Setting, heads: Sequence[Head]) -> str:
    """Return everything that was measured, head by head."""
    document = {
        "setting": dataclasses.asdict(setting),
        "summary": [dataclasses.asdict(summarise(heads, variant)) for variant in Variant],
        "heads": [dataclasses.asdict(head) for head in heads],
    }
    return json.dumps(document, indent=2)


def _attempt(attempt: Attempt) -> str:
    if attempt.outcome is Outcome.UNMEASURED:
        return f"unmeasured: {attempt.error}"
    text = f"{attempt.outcome} {attempt.seconds:.1f} s"
    return f"{text}: {brief(attempt.error)}" if attempt.error else text


def brief(error: str) -> str:
    """Return an error for one line: its class and its end, where Ray wraps a whole traceback."""
    if len(error) <= LONGEST:
        return error
    return f"{error.partition(':')[0]}: ... {error[-LONGEST:].partition(' ')[2]}"


def _row(summary: Summary) -> tuple[str, ...]:
    times = (summary.median_s, summary.p95_s, summary.max_s)
    return (
        "unset" if summary.variant is Variant.WITHOUT else "0",
        str(summary.heads),
        str(summary.failed_first),
        *("-" if seconds is None else f"{seconds:.1f} s" for seconds in times),
        f"{summary.failed_second} of {summary.second}",
        str(summary.unmeasured),
    )
