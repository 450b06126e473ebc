"""Bounds in time for looks that have none of their own. Runs inside pods: Python 3.8."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_LEAST_S = 0.05


class Budget:
    """Seconds that several looks share: each takes at most its part, and at most what is left.

    `pace` stretches the parts where the processor is slow; the seconds are stretched already.
    """

    def __init__(self, seconds: float, pace: float = 1.0) -> None:
        self.pace = pace
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """What is left, in seconds; never below zero."""
        return max(self._ends - time.monotonic(), 0.0)

    def part(self, most: float) -> float:
        """At most so many seconds (on a whole processor), and no more than are left."""
        return max(min(most * self.pace, self.left()), _LEAST_S)


def within(seconds: float, look: Callable[[], T]) -> T:
    """What the look gives or raises; TimeoutError when it is not done in time.

    A look that hangs is left behind in its thread, which ends with the process.
    """
    given: list[T] = []
    raised: list[Exception] = []

    def run() -> None:
        try:
            given.append(look())
        except Exception as fault:  # it is raised where it is awaited
            raised.append(fault)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if raised:
        raise raised[0]
    if not given:
        raise TimeoutError(f"no answer within {seconds:.1f} s")
    return given[0]
