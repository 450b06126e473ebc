"""Ages: how long ago something was, by the snapshot's own clock."""

from __future__ import annotations

from datetime import UTC, datetime

YOUNG_POD_S = 120.0
"""A pod may take this long to become ready; measured: 60 s for a Ray worker."""
LOST_READINESS_S = 60.0
"""A pod that was ready may be unready for this long, as after a change of head."""
YOUNG_HEAD_S = 90.0
"""Workers and clients may take this long to find a new head; measured: 30-45 s."""
REFUSED_S = 30.0
"""A quota's count may lag behind the pods that went: a controller tries again within seconds."""
LONGEST_BACK_OFF_S = 330.0
"""The kubelet starts a container again after at most 300 s, and takes a moment to do so."""


def moment(text: str) -> datetime | None:
    """An RFC 3339 time; None where there is none or it is malformed."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def age(now: str, then: str) -> float | None:
    """Seconds from `then` to `now`; None where one of them is unknown."""
    end, start = moment(now), moment(then)
    return None if end is None or start is None else (end - start).total_seconds()


def later(then: str, other: str) -> bool:
    """Whether `then` is at or after `other`; False where one of them is unknown."""
    seconds = age(then, other)
    return seconds is not None and seconds >= 0
