"""How much memory the container has left. Runs inside pods: Python 3.8, standard library."""

# Plain names, since Path.readlink needs Python 3.9:
# ruff: noqa: PTH118, PTH123

from __future__ import annotations

import os

_UNLIMITED = 1 << 60


def headroom(proc: str = "/proc", cgroups: str = "/sys/fs/cgroup") -> int | None:
    """Bytes until the nearest limit, page cache that can go at once not counted; None: unknown."""
    found = [each for each in (_machine(proc), _container(proc, cgroups)) if each is not None]
    return min(found) if found else None


def _container(proc: str, cgroups: str) -> int | None:
    """The least headroom on the way from our own cgroup up to the top that we can see."""
    with_version, path = _own_cgroup(proc)
    if with_version == 2:
        base, limit, usage, cache = cgroups, "memory.max", "memory.current", "inactive_file"
    else:
        base = os.path.join(cgroups, "memory")
        limit, usage = "memory.limit_in_bytes", "memory.usage_in_bytes"
        cache = "total_inactive_file"
    found = []
    # Without a cgroup namespace the path is the host's, and what is mounted is already ours.
    parts = path.strip("/").split("/") if path.strip("/") else []
    for depth in range(len(parts), -1, -1):
        folder = os.path.join(base, *parts[:depth])
        most, used = _number(folder, limit), _number(folder, usage)
        if most is None or used is None or most >= _UNLIMITED:
            continue
        found.append(most - used + (_stat(folder, cache) or 0))
    return min(found) if found else None


def _own_cgroup(proc: str) -> tuple[int, str]:
    """1 or 2, and the path of our memory cgroup."""
    unified = ""
    try:
        with open(f"{proc}/self/cgroup") as file:
            for line in file:
                number, controllers, path = line.rstrip("\n").split(":", 2)
                if "memory" in controllers.split(","):
                    return 1, path
                if number == "0":
                    unified = path
    except (OSError, ValueError):
        pass
    return 2, unified


def _machine(proc: str) -> int | None:
    try:
        with open(f"{proc}/meminfo") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return None


def _number(folder: str, name: str) -> int | None:
    try:
        with open(os.path.join(folder, name)) as file:
            text = file.read().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def _stat(folder: str, name: str) -> int | None:
    try:
        with open(os.path.join(folder, "memory.stat")) as file:
            for line in file:
                key, _, value = line.partition(" ")
                if key == name:
                    return int(value)
    except (OSError, ValueError):
        pass
    return None
