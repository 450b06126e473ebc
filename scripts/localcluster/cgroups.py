"""The cgroups of one cluster: one folder in every controller's tree (v1), or one (v2)."""

from __future__ import annotations

import os
import time
from pathlib import Path

MOUNTS = Path("/proc/self/mounts")


def hierarchies(mounts: str) -> list[Path]:
    """Return where the cgroup trees are mounted, from the text of /proc/self/mounts."""
    found = []
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) > 2 and fields[2] in ("cgroup", "cgroup2"):
            found.append(Path(fields[1]))
    return found


def folders(cgroup: str) -> list[Path]:
    """Return the folder of a cgroup, such as ``/seedcore-x``, in every tree that has it."""
    places = [tree / cgroup.lstrip("/") for tree in hierarchies(MOUNTS.read_text())]
    return [place for place in places if place.is_dir()]


def create(cgroup: str) -> None:
    """Make the cgroup in every tree; with v1 the kubelet wants it in all of them."""
    for tree in hierarchies(MOUNTS.read_text()):
        place = tree / cgroup.lstrip("/")
        place.mkdir(exist_ok=True)
        for setting in ("cpuset.cpus", "cpuset.mems"):
            wanted, target = tree / setting, place / setting
            if wanted.exists() and target.exists() and not target.read_text().strip():
                target.write_text(wanted.read_text())


def processes(cgroup: str) -> set[int]:
    """List the processes in a cgroup and below it."""
    found: set[int] = set()
    for place in folders(cgroup):
        for path, _, _ in os.walk(place):
            try:
                found.update(map(int, (Path(path) / "cgroup.procs").read_text().split()))
            except OSError:
                continue
    return found


def remove(cgroup: str, seconds: float = 10) -> list[Path]:
    """Remove a cgroup and what is below it; return what still stands after `seconds`.

    The kernel refuses for a moment after the last process of a cgroup has ended.
    """
    end = time.monotonic() + seconds
    while True:
        standing = folders(cgroup)
        for place in standing:
            for path, _, _ in os.walk(place, topdown=False):
                try:
                    Path(path).rmdir()
                except OSError:
                    continue
        standing = folders(cgroup)
        if not standing or time.monotonic() >= end:
            return standing
        time.sleep(0.05)
