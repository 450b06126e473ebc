"""Counting: a failure is a failure, and what was not measured is neither good nor bad."""

from __future__ import annotations

import pytest
from rayclientrace.model import Attempt, Head, Outcome, Variant, order
from rayclientrace.summary import percentile, summarise

UNMEASURED = Attempt(Outcome.UNMEASURED, 0.0, "the head: timed out")


def ok(seconds: float) -> Attempt:
    return Attempt(Outcome.OK, seconds)


def failed(seconds: float) -> Attempt:
    return Attempt(Outcome.FAILED, seconds, "ConnectionAbortedError: no")


def head(first: Attempt, second: Attempt | None = None, *, fixed: bool = False) -> Head:
    variant = Variant.WITH if fixed else Variant.WITHOUT
    return Head(1, variant, "2026-01-01T00:00:00+00:00", 6.0, first, second)


def test_the_variants_take_turns() -> None:
    assert list(order(2)) == [
        (1, Variant.WITHOUT),
        (1, Variant.WITH),
        (2, Variant.WITHOUT),
        (2, Variant.WITH),
    ]


def test_times_are_those_of_the_good_first_connections_alone() -> None:
    heads = [head(ok(1.0)), head(failed(40.0), ok(9.0)), head(ok(3.0)), head(UNMEASURED)]
    row = summarise(heads, Variant.WITHOUT)
    assert (row.median_s, row.p95_s, row.max_s) == (2.0, 3.0, 3.0)


def test_failures_of_the_first_and_of_the_second_connection_are_counted() -> None:
    heads = [head(failed(40.0), ok(2.0)), head(failed(31.0), failed(31.0)), head(ok(1.0))]
    row = summarise(heads, Variant.WITHOUT)
    assert (row.heads, row.failed_first, row.second, row.failed_second) == (3, 2, 2, 1)


def test_what_was_not_measured_counts_neither_as_good_nor_as_failed() -> None:
    heads = [head(UNMEASURED), head(failed(40.0), UNMEASURED)]
    row = summarise(heads, Variant.WITHOUT)
    assert (row.heads, row.failed_first, row.second, row.failed_second) == (1, 1, 0, 0)
    assert row.unmeasured == 2


def test_each_variant_counts_its_own_heads() -> None:
    heads = [head(failed(40.0)), head(ok(1.0), fixed=True)]
    assert summarise(heads, Variant.WITHOUT).failed_first == 1
    assert summarise(heads, Variant.WITH).failed_first == 0


def test_without_a_good_connection_there_are_no_times() -> None:
    row = summarise([head(failed(40.0))], Variant.WITHOUT)
    assert (row.median_s, row.p95_s, row.max_s) == (None, None, None)


@pytest.mark.parametrize(
    ("count", "share", "rank"), [(1, 0.95, 1), (19, 0.95, 19), (20, 0.95, 19), (30, 0.95, 29)]
)
def test_a_percentile_is_a_value_that_was_measured(count: int, share: float, rank: int) -> None:
    values = [float(value) for value in range(count, 0, -1)]
    assert percentile(values, share) == rank
