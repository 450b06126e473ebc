"""Processes by pid *and* start time, so that a reused pid is never mistaken for ours."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Identity:
    """One process for as long as it lives: its pid and its start time.

    `start_ticks` is field 22 of /proc/<pid>/stat: clock ticks since the machine booted.
    """

    pid: int
    start_ticks: int

    def alive(self) -> bool:
        """Tell whether this very process still runs; a zombie does not."""
        stat = read_stat(self.pid)
        return stat is not None and stat.start_ticks == self.start_ticks and stat.state != "Z"

    def kill(self) -> None:
        """Send SIGKILL, if the pid still belongs to this process."""
        if self.alive():
            try:
                os.kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                return


@dataclass(frozen=True, slots=True)
class Stat:
    """What /proc/<pid>/stat says of a process, as far as it is needed here."""

    pid: int
    name: str
    state: str
    parent: int
    start_ticks: int


def parse_stat(text: str) -> Stat:
    """Read one /proc/<pid>/stat; the name in it may hold blanks and brackets (proc(5))."""
    before, _, after = text.rpartition(")")
    pid, _, name = before.partition(" (")
    fields = after.split()
    return Stat(int(pid), name, fields[0], int(fields[1]), int(fields[19]))


def read_stat(pid: int) -> Stat | None:
    """Return what the kernel says of a pid now, or None when nobody has it."""
    try:
        return parse_stat((PROC / str(pid) / "stat").read_text(errors="replace"))
    except (OSError, ValueError, IndexError):
        return None


def identify(pid: int) -> Identity | None:
    """Return the identity of the process that has this pid now."""
    stat = read_stat(pid)
    return Identity(pid, stat.start_ticks) if stat else None


def age_seconds(identity: Identity) -> float:
    """Return how long a process has been running, in seconds."""
    uptime = float((PROC / "uptime").read_text().split()[0])
    return max(0.0, uptime - identity.start_ticks / os.sysconf("SC_CLK_TCK"))


def all_pids() -> list[int]:
    """List the pids that this /proc shows."""
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]


def first_child(parent: int) -> Identity | None:
    """Return the oldest child of a process, or None when it has none."""
    children = [
        Identity(stat.pid, stat.start_ticks)
        for stat in map(read_stat, all_pids())
        if stat is not None and stat.parent == parent
    ]
    return min(children, key=lambda child: child.start_ticks, default=None)


def pid_namespace(pid: int) -> str | None:
    """Return the name of a process's pid namespace, such as ``pid:[4026532198]``."""
    try:
        return str((PROC / str(pid) / "ns" / "pid").readlink())
    except OSError:
        return None


def members_of(namespace: str) -> list[int]:
    """List the living processes of a pid namespace, seen from outside."""
    found = []
    for pid in all_pids():
        stat = read_stat(pid)
        if stat is not None and stat.state != "Z" and pid_namespace(pid) == namespace:
            found.append(pid)
    return found


def pid_inside(status: str) -> int:
    """Return a process's pid in its innermost namespace, from its /proc/<pid>/status."""
    for line in status.splitlines():
        if line.startswith("NSpid:"):
            return int(line.split()[-1])
    raise ValueError("no NSpid line: a kernel older than 4.1?")


def outside_pids(namespace: str) -> dict[int, int]:
    """Map the pids inside a pid namespace to those that this /proc shows."""
    found = {}
    for pid in members_of(namespace):
        try:
            found[pid_inside((PROC / str(pid) / "status").read_text(errors="replace"))] = pid
        except (OSError, ValueError):
            continue
    return found


def wait_until(condition: Callable[[], bool], seconds: float, every: float = 0.02) -> bool:
    """Poll a condition until it holds; tell whether it did within `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end:
            return False
        time.sleep(every)
    return True
