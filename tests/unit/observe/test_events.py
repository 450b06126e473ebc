from __future__ import annotations

from typing import Any

from seedcore_deploy.observe.events import events


def event(reason: str = "Failed", kind: str = "Pod", **more: Any) -> dict[str, Any]:
    return {
        "metadata": {"creationTimestamp": "2026-01-01T00:00:00Z"},
        "involvedObject": {"kind": kind, "name": "api"},
        "reason": reason,
        "message": "no",
        **more,
    }


def test_event_of_the_kubelet_has_its_first_and_last_time() -> None:
    times = {"firstTimestamp": "2026-01-01T00:00:01Z", "lastTimestamp": "2026-01-01T00:00:09Z"}

    (found,) = events([event(count=3, **times)])

    assert (found.first_at, found.last_at, found.count) == (*times.values(), 3)


def test_event_of_the_scheduler_has_one_time_to_the_microsecond() -> None:
    (found,) = events([event("FailedScheduling", eventTime="2026-01-01T00:00:05.611979Z")])

    assert found.first_at == found.last_at == "2026-01-01T00:00:05Z"


def test_series_has_the_time_of_its_last_event() -> None:
    series = {"count": 4, "lastObservedTime": "2026-01-01T00:01:00.000000Z"}

    (found,) = events(
        [event("FailedScheduling", eventTime="2026-01-01T00:00:05.0Z", series=series)]
    )

    assert (found.last_at, found.count) == ("2026-01-01T00:01:00Z", 4)


def test_oldest_event_comes_first() -> None:
    late = event(lastTimestamp="2026-01-01T00:00:09Z", message="late")
    early = event(lastTimestamp="2026-01-01T00:00:01Z", message="early")

    assert [each.message for each in events([late, early])] == ["early", "late"]


def test_event_that_quotes_a_program_is_left_out() -> None:
    assert events([event("Unhealthy"), event("FailedPostStartHook"), event(kind="Node")]) == ()


def test_credential_in_a_message_is_hidden() -> None:
    (found,) = events([event(message="Head https://me:hunter2@registry.example.org: refused")])

    assert "hunter2" not in found.message
