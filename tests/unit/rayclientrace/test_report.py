"""The lines, the table and the JSON."""

from __future__ import annotations

import json

from rayclientrace.model import Attempt, Head, Outcome, Setting, Variant
from rayclientrace.report import as_json, as_line, as_table

SETTING = Setting("localhost/r:1", "ns", "2026-01-01T00:00:00+00:00", {"Ray": "2.60.0"})
WRAPPED = "ConnectionAbortedError: Traceback " + "x" * 300 + " Starting Ray client server failed."
FAILED = Attempt(Outcome.FAILED, 40.26, WRAPPED, 0.6)
GOOD = Attempt(Outcome.OK, 1.58, "", 0.8)
HEADS = [
    Head(1, Variant.WITHOUT, "t", 5.85, FAILED, GOOD, ("ray_client_server.err:3: fork",)),
    Head(1, Variant.WITH, "t", 6.0, GOOD),
]


def test_a_line_has_both_connections_and_the_class_and_end_of_a_long_error() -> None:
    line = as_line(HEADS[0])
    assert line.startswith(
        "without   1  ready   5.8 s  first failed 40.3 s: ConnectionAbortedError:"
    )
    assert "Starting Ray client server failed.  second ok 1.6 s" in line
    assert len(line) < 250


def test_a_short_error_stands_as_it_is() -> None:
    timed_out = Attempt(Outcome.FAILED, 90.0, "no answer in 90 s")
    assert "failed 90.0 s: no answer in 90 s" in as_line(Head(2, Variant.WITH, "t", 6.0, timed_out))


def test_a_head_that_was_not_measured_says_why() -> None:
    unknown = Attempt(Outcome.UNMEASURED, 0.0, "the head: timed out")
    line = as_line(Head(2, Variant.WITH, "t", 300.0, unknown))
    assert "unmeasured: the head: timed out" in line


def test_the_table_has_a_row_for_each_variant_and_no_times_without_a_good_one() -> None:
    lines = as_table(SETTING, HEADS).splitlines()
    assert lines[0] == "localhost/r:1: Ray 2.60.0; begun 2026-01-01T00:00:00+00:00"
    assert lines[3].split() == ["unset", "1", "1", "-", "-", "-", "0", "of", "1", "0"]
    assert lines[4].split()[:4] == ["0", "1", "0", "1.6"]


def test_the_json_has_everything_of_every_head() -> None:
    document = json.loads(as_json(SETTING, HEADS))
    assert [row["failed_first"] for row in document["summary"]] == [1, 0]
    first = document["heads"][0]
    assert first["first"] == {
        "outcome": "failed",
        "seconds": 40.26,
        "error": WRAPPED,
        "load": 0.6,
    }
    assert first["log"] == ["ray_client_server.err:3: fork"]
