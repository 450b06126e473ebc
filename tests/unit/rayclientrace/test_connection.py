"""What is made of an answer from the client pod."""

from __future__ import annotations

import ast
import json

import pytest
from rayclientrace.connection import DEADLINE_S, SOURCE, read
from rayclientrace.kubectl import Answer
from rayclientrace.model import Attempt, Outcome


def line(**changes: object) -> str:
    told = {"ok": True, "error": "", "load": 1.5, "seconds": 2.25} | changes
    return json.dumps(told) + "\n"


def test_a_good_connection_has_seconds_and_load() -> None:
    assert read(Answer(0, line(), "")) == Attempt(Outcome.OK, 2.25, "", 1.5)


def test_a_failure_keeps_the_class_and_the_words_in_one_line() -> None:
    attempt = read(Answer(0, line(ok=False, error="ConnectionError: no\n  way"), ""))
    assert (attempt.outcome, attempt.error) == (Outcome.FAILED, "ConnectionError: no way")


def test_other_words_around_the_line_do_not_matter() -> None:
    assert read(Answer(0, "a warning\n" + line() + "bye\n", "")).outcome is Outcome.OK


@pytest.mark.parametrize("code", [124, 137])
def test_the_deadline_is_a_failure_of_the_connection(code: int) -> None:
    attempt = read(Answer(code, "", f"command terminated with exit code {code}"))
    assert (attempt.outcome, attempt.seconds) == (Outcome.FAILED, DEADLINE_S)


def test_a_connection_that_was_told_in_time_counts_though_its_end_hung() -> None:
    assert read(Answer(124, line(), "")).outcome is Outcome.OK


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(0, "", ""), id="ended well without a word"),
        pytest.param(Answer(0, line()[:20], ""), id="cut off"),
        pytest.param(Answer(1, "", "error: dialing backend: EOF"), id="kubectl could not reach it"),
        pytest.param(Answer(None, "", "kubectl exec did not end in 150 s"), id="never ended"),
        pytest.param(Answer(0, '{"ok": true}\n["ok"]\n', ""), id="not our line"),
    ],
)
def test_without_our_line_nothing_is_known(answer: Answer) -> None:
    attempt = read(answer)
    assert attempt.outcome is Outcome.UNMEASURED
    assert attempt.error


def test_what_runs_in_the_pod_is_python_38_and_imports_nothing_of_ours() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert imported == {"json", "os", "ray", "sys", "time"}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
