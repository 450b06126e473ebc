"""The cgroups of one cluster: one folder in every controller's tree (v1), or one (v2)."""

from __future__ import annotations

import os
import time
from pathlib import Path

from localcluster import controllers
from localcluster.folders import state_folder
from localcluster.locks import held

MOUNTS = Path("/proc/self/mounts")


def hierarchies(mounts: str, kinds: tuple[str, ...] = ("cgroup", "cgroup2")) -> list[Path]:
    """Return where the cgroup trees are mounted, from the text of /proc/self/mounts."""
    found = []
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) > 2 and fields[2] in kinds:
            found.append(Path(fields[1]))
    return found


def folders(cgroup: str) -> list[Path]:
    """Return the folder of a cgroup, such as ``/seedcore-x``, in every tree that has it."""
    return [place for place in _places(MOUNTS.read_text(), cgroup) if place.is_dir()]


def create(cgroup: str) -> None:
    """Make the cgroup in every tree; with v1 the kubelet wants it in all of them.

    With v2 the tree has to pass its controllers on, else the kubelet does not start.
    """
    mounts = MOUNTS.read_text()
    with held(state_folder() / ".index.lock"):
        controllers.enable(hierarchies(mounts, ("cgroup2",)))
        for place in _places(mounts, cgroup):
            place.mkdir(exist_ok=True)
    for tree, place in zip(hierarchies(mounts), _places(mounts, cgroup), strict=True):
        for setting in ("cpuset.cpus", "cpuset.mems"):
            wanted, target = tree / setting, place / setting
            if wanted.exists() and target.exists() and not target.read_text().strip():
                target.write_text(wanted.read_text())


def _places(mounts: str, cgroup: str) -> list[Path]:
    """Return where the folder of a cgroup belongs in every tree."""
    return [tree / cgroup.lstrip("/") for tree in hierarchies(mounts)]


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
        if not standing:
            with held(state_folder() / ".index.lock"):
                controllers.disable()
            return []
        if time.monotonic() >= end:
            return standing
        time.sleep(0.05)
