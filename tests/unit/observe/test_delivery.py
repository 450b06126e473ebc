"""Getting the answer of a payload back: whole, or not at all."""

from typing import Any, cast

import pytest

from seedcore_deploy.kube.client import Connection
from seedcore_deploy.kube.exec import ExecResult
from seedcore_deploy.model.look import NotSeen
from seedcore_deploy.observe import delivery
from seedcore_deploy.observe.payloads import frame

PLACE = delivery.Place("seedcore-dev", "seedcore-api-1", "api")
CUT = ExecResult(b"", b"", None, "the exec connection broke: lost")
ENDED = ExecResult(b"", b"killed", 137)


def delivered(monkeypatch: pytest.MonkeyPatch, *results: ExecResult | None) -> tuple[Any, int]:
    """The answer, and how often was asked; None stands for a whole answer."""
    left = list(results)
    monkeypatch.setattr("secrets.token_hex", lambda _: "n0")

    def run(*_: object, **__: object) -> ExecResult:
        result = left.pop(0)
        return result or ExecResult(frame.framed("seedcore-n0", {"pid": 1}), b"", 0)

    monkeypatch.setattr(delivery, "run_in_pod", run)
    connection = cast("Connection", None)
    answer = delivery.deliver(connection, PLACE, "python3", "environment", {}, deadline_s=30.0)
    return answer, len(results) - len(left)


def test_connection_that_is_cut_once_is_ridden_out(monkeypatch: pytest.MonkeyPatch) -> None:
    answer, asked = delivered(monkeypatch, CUT, None)

    assert answer == {"pid": 1}
    assert asked == 2


def test_connection_that_is_cut_again_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    answer, asked = delivered(monkeypatch, CUT, CUT, None)

    assert isinstance(answer, NotSeen)
    assert "broke" in answer.why
    assert asked == 2


def test_program_that_ended_without_an_answer_is_not_run_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer, asked = delivered(monkeypatch, ENDED, None)

    assert isinstance(answer, NotSeen)
    assert asked == 1
