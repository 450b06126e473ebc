"""A node with time to spare, for what is measured in fractions of a second."""

from __future__ import annotations

import time
from pathlib import Path

_IDLE_SHARE = 0.5
"""Half of the cores free: one of two for the tool, its watcher and the API server."""
_SAMPLE_S = 0.5
_WITHIN_S = 120.0
"""The time that a test has elsewhere for its pods to be ready; they are the load."""


def await_idle_cpu() -> None:
    """Until half of the machine's CPU time is free; fails when it never is.

    What is measured then is the tool, and not the pods that other tests started or ended before.
    """
    deadline = time.monotonic() + _WITHIN_S
    before = _spent()
    while True:
        time.sleep(_SAMPLE_S)
        now = _spent()
        idle, total = (new - old for new, old in zip(now, before, strict=True))
        if idle >= _IDLE_SHARE * total:
            return
        assert time.monotonic() < deadline, f"only {idle / total:.0%} of the CPU time is free"
        before = now


def _spent() -> tuple[int, int]:
    """Ticks without work and ticks in all, of all cores, since the machine's start (proc(5))."""
    ticks = [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return ticks[3] + ticks[4], sum(ticks)
