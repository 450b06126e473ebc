"""Ray's own words, measured, and the class of failure each stands for."""

from typing import Any

import pytest

from seedcore_deploy.model.probe_reason import ProbeReason
from seedcore_deploy.observe.payloads.failure import reason_of, sentence_of


def met(stage: str, kind: str = "", error: str = "", status: int | None = 1) -> dict[str, Any]:
    return {"stage": stage, "kind": kind, "error": error, "exit": status, "seconds": 45.0}


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (met("import", "ModuleNotFoundError", "No module named 'ray'"), ProbeReason.NO_RAY),
        (
            met("connect", "ConnectionError", "ray client connection timeout"),
            ProbeReason.TIMEOUT,
        ),
        (
            met("connect", "ConnectionAbortedError", "Starting Ray client server failed. See"),
            ProbeReason.CLIENT_SERVER,
        ),
        (
            met(
                "connect",
                "ConnectionAbortedError",
                "Initialization failure from server:\n'JobConfig' object has no attribute 'x'",
            ),
            ProbeReason.VERSION_MISMATCH,
        ),
        (
            met("connect", "RuntimeError", "Version mismatch: The cluster was started with"),
            ProbeReason.VERSION_MISMATCH,
        ),
        (met("connect", "AuthenticationError", "no token"), ProbeReason.AUTH),
        (
            met("connect", "ValueError", "Ray Client requires pip package `ray[client]`"),
            ProbeReason.NO_CLIENT_EXTRA,
        ),
        (
            met("connect", "ConnectionError", "Could not find any running Ray instance."),
            ProbeReason.NO_INSTANCE,
        ),
        (met("task", "GetTimeoutError", "Get timed out"), ProbeReason.TASK_FAILED),
        (met("connect", status=None), ProbeReason.DEADLINE),
        (met("connect", status=-11), ProbeReason.CRASHED),
        (met("connect", "ValueError", "something new"), ProbeReason.OTHER),
    ],
)
def test_each_has_its_class(found: dict[str, Any], reason: ProbeReason) -> None:
    assert reason_of(found) == reason


def test_a_process_that_died_without_a_word_is_described_by_its_last_output() -> None:
    found = {**met("connect", status=1), "stderr": "warning\nGCS is gone\n"}

    assert sentence_of(found) == "the probe ended with status 1 in stage connect: GCS is gone"
