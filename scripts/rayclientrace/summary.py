"""Counts and times of one variant."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from rayclientrace.model import Head, Outcome, Variant


@dataclass(frozen=True, slots=True)
class Summary:
    """One row of the table; times in seconds, None where no first connection succeeded."""

    variant: Variant
    heads: int
    """Heads whose first connection was measured."""
    failed_first: int
    median_s: float | None
    p95_s: float | None
    max_s: float | None
    second: int
    failed_second: int
    unmeasured: int
    """Connections, first or second, of which nothing is known."""


def percentile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile: a value that was measured, never one in between."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def summarise(heads: Sequence[Head], variant: Variant) -> Summary:
    """Count what the heads of one variant met; what was not measured is counted apart."""
    ours = [head for head in heads if head.variant is variant]
    firsts = [head.first for head in ours]
    seconds = [head.second for head in ours if head.second is not None]
    good = [first.seconds for first in firsts if first.outcome is Outcome.OK]
    return Summary(
        variant=variant,
        heads=sum(first.outcome is not Outcome.UNMEASURED for first in firsts),
        failed_first=sum(first.outcome is Outcome.FAILED for first in firsts),
        median_s=statistics.median(good) if good else None,
        p95_s=percentile(good, 0.95) if good else None,
        max_s=max(good) if good else None,
        second=sum(second.outcome is not Outcome.UNMEASURED for second in seconds),
        failed_second=sum(second.outcome is Outcome.FAILED for second in seconds),
        unmeasured=sum(one.outcome is Outcome.UNMEASURED for one in (*firsts, *seconds)),
    )
