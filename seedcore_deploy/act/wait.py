"""Waiting until everything is ready: look, judge, and sleep until something changes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from seedcore_deploy.act.patience import Foreseen, Patience
from seedcore_deploy.errors import CouldNotLook, Doomed, TimedOut
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import Look, NotSeen, Seen

RESYNC_S = 10.0
"""The longest time without a fresh look: a watch can die without a word."""
SETTLE_S = 0.2
"""The shortest time between two looks, so that a burst of events costs one."""

_MEND = "mend what stands above and run apply again"
_PASSES_NEVER = frozenset({401, 403})

_AGE = re.compile(r" \([^()]*\d+ s ago\)")

S = TypeVar("S")
S_contra = TypeVar("S_contra", contravariant=True)
Clock = Callable[[], float]


class Unready(Protocol):
    """One thing that is not as it should be yet, and why."""

    @property
    def subject(self) -> Subject:
        """What is not ready."""

    @property
    def why(self) -> str:
        """Why, in a few words."""


class Foresight(Protocol[S_contra]):
    """What tells that waiting is in vain, and how to say so."""

    def dooms(self, look: S_contra) -> Sequence[Foreseen]:
        """What will not become ready without a change, or is about to be known as such."""

    def told(self, dooms: Sequence[Foreseen], look: S_contra) -> str:
        """What stands in the way, and the mend, for people."""


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
    foresight: Foresight[S] | None = None,
    show: Callable[[Mapping[Subject, str]], None] | None = None,
) -> S:
    """The first look at which nothing is pending; `deadline` is on `clock`, in seconds.

    `report` gets a line whenever something changed, `show` all that is pending at each look. A
    look that fails with what may pass is repeated; missing permissions and credentials are
    raised at once. Raises Doomed for what `foresight` sees at two looks, TimedOut with what
    `explain` says of the last things pending.

    The clock goes on while this process is stopped (SIGSTOP), since who set a deadline waits for
    it. But the last look always begins after the deadline, and a doom takes two looks after the
    stop, so that nothing is given up for what was seen before.
    """
    told: Mapping[Subject, str] = {}
    patience = Patience(clock)
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
        if show is not None:
            show(now)
        if seen is not None and not pending:
            return seen
        dooms = foresight.dooms(seen) if foresight is not None and seen is not None else ()
        believed = patience.believed(dooms)
        if believed and foresight is not None and seen is not None:
            raise Doomed(foresight.told(believed, seen), _MEND)
        if began >= deadline:
            raise TimedOut(explain(pending, seen), f"{_MEND}; --timeout waits longer")
        due_s = patience.next_look_s(dooms)
        left = max(deadline - clock(), 0)
        _pause(waker, min(left, resync_s, due_s or resync_s), began, clock)


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
