"""Waiting until everything is ready: look, judge, and sleep until something changes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from seedcore_deploy.errors import CouldNotLook, TimedOut
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import Look, NotSeen, Seen

RESYNC_S = 10.0
"""The longest time without a fresh look: a watch can die without a word."""
SETTLE_S = 0.2
"""The shortest time between two looks, so that a burst of events costs one."""

_PASSES_NEVER = frozenset({401, 403})

_AGE = re.compile(r" \([^()]*\d+ s ago\)")

S = TypeVar("S")
Clock = Callable[[], float]


class Unready(Protocol):
    """One thing that is not as it should be yet, and why."""

    @property
    def subject(self) -> Subject:
        """What is not ready."""

    @property
    def why(self) -> str:
        """Why, in a few words."""


class WakesUp(Protocol):
    """Something that returns early from a wait when there is news (kube/watch.py)."""

    def wait(self, timeout_s: float) -> bool:
        """True when something changed, False after `timeout_s`."""


def wait_until_ready(
    observe: Callable[[], S],
    judge_pending: Callable[[S], Sequence[Unready]],
    waker: WakesUp,
    deadline: float,
    report: Callable[[str], None],
    explain: Callable[[Sequence[Unready], S | None], str],
    clock: Clock = time.monotonic,
    *,
    resync_s: float = RESYNC_S,
) -> S:
    """The first look at which nothing is pending; `deadline` is on `clock`, in seconds.

    `report` gets a line whenever something changed. A look that fails with what may pass is
    repeated; missing permissions and credentials are raised at once. Raises TimedOut at the
    deadline with what `explain` says of the last things pending.
    """
    told: Mapping[Subject, str] = {}
    while True:
        began = clock()
        look = _look(observe)
        if isinstance(look, Seen):
            seen: S | None = look.value
            pending = judge_pending(look.value)
        else:
            seen, pending = None, (_NoLook(Subject("Cluster", "the API server"), look.why),)
        now = reasons(pending)
        for line in changes(told, now):
            report(line)
        told = now
        if seen is not None and not pending:
            return seen
        left = deadline - clock()
        if left <= 0:
            raise TimedOut(
                explain(pending, seen),
                "mend what stands above and run apply again; --timeout waits longer",
            )
        _pause(waker, min(left, resync_s), began, clock)


def changes(before: Mapping[Subject, str], now: Mapping[Subject, str]) -> tuple[str, ...]:
    """Lines for what is newly pending, pending for another reason, or pending no more."""
    waiting = (
        f"waiting: {who}: {why}"
        for who, why in now.items()
        if _timeless(before.get(who, "")) != _timeless(why)
    )
    done = (f"done:    {who}" for who in before if who not in now)
    return (*done, *waiting)


def _timeless(why: str) -> str:
    """The reason without how long it has been so, which alone is no change."""
    return _AGE.sub("", why)


def reasons(pending: Iterable[Unready]) -> dict[Subject, str]:
    """Why each thing is pending; a thing may be so for several reasons."""
    found: dict[Subject, list[str]] = {}
    for each in pending:
        found.setdefault(each.subject, []).append(each.why)
    return {subject: "; ".join(whys) for subject, whys in found.items()}


def _look(observe: Callable[[], S]) -> Look[S]:
    try:
        return Seen(observe())
    except CouldNotLook as fault:
        if getattr(fault, "status", 0) in _PASSES_NEVER:
            raise
        return NotSeen(fault.what, fault.mend)


def _pause(waker: WakesUp, timeout_s: float, began: float, clock: Clock) -> None:
    waker.wait(timeout_s)
    too_soon = began + SETTLE_S - clock()
    if too_soon > 0:
        time.sleep(min(too_soon, timeout_s))  # events that come meanwhile wake the next wait


class _NoLook:
    """The pending thing when the look itself failed."""

    def __init__(self, subject: Subject, why: str) -> None:
        self.subject = subject
        self.why = why
