"""When a doom is believed: once it has lasted long enough, and at two looks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from seedcore_deploy.model.finding import Subject

CONFIRM_S = 1.5
"""Between the two looks that a doom takes: lists of one look are of several moments."""
LONGEST_GAP_S = 30.0
"""After a longer gap between two looks (a stopped process) what was seen before says nothing."""

Clock = Callable[[], float]


class Foreseen(Protocol):
    """One thing that will not become ready, or will be known not to in a while."""

    @property
    def subject(self) -> Subject:
        """What it is."""

    @property
    def reason(self) -> str:
        """Why, in the field's words."""

    @property
    def mend(self) -> str:
        """What to change."""

    @property
    def pod(self) -> str:
        """The pod that has the log; empty where no pod does."""

    @property
    def container(self) -> str:
        """Its container."""

    @property
    def left_s(self) -> float | None:
        """Seconds until it counts; None where only who looks again can tell."""

    @property
    def patience_s(self) -> float:
        """How long it must last, where `left_s` is None."""


D = TypeVar("D", bound=Foreseen)


class Patience:
    """Remembers since when each doom is seen. Times are on `clock`, in seconds."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._first: dict[Subject, float] = {}
        self._counted: dict[Subject, float] = {}
        self._last = clock()

    def believed(self, dooms: Iterable[D]) -> tuple[D, ...]:
        """Those that counted at an earlier look as well, at least CONFIRM_S ago.

        None while others are about to be: who mends one thing wants to know of the next.
        """
        now, found = self._clock(), tuple(dooms)
        if now - self._last > LONGEST_GAP_S:
            self._first, self._counted = {}, {}
        self._last = now
        subjects = {each.subject for each in found}
        self._first = {each: self._first.get(each, now) for each in subjects}
        counting = tuple(each for each in found if self._left(each, now) <= 0)
        self._counted = {each.subject: self._counted.get(each.subject, now) for each in counting}
        ages = [now - self._counted[each.subject] for each in counting]
        if not ages or (min(ages) < CONFIRM_S and max(ages) < 2 * CONFIRM_S):
            return ()
        sure = zip(counting, ages, strict=True)
        return tuple(each for each, lasted in sure if lasted >= CONFIRM_S)

    def next_look_s(self, dooms: Iterable[Foreseen]) -> float | None:
        """In how many seconds another look may be the one that counts; None without a doom."""
        now = self._clock()
        lefts = (max(self._left(each, now), CONFIRM_S) for each in dooms)
        return min(lefts, default=None)

    def _left(self, doom: Foreseen, now: float) -> float:
        if doom.left_s is not None:
            return doom.left_s
        return self._first.get(doom.subject, now) + doom.patience_s - now
