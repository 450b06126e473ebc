"""Locks between processes, which end with the processes that hold them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from localcluster.progress import say


@contextmanager
def held(path: Path, waiting: str = "") -> Iterator[int]:
    """Hold an exclusive lock on a file and yield its descriptor.

    A process that inherits the descriptor holds the lock too, until it closes it.
    `waiting` is said once when somebody else has the lock.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting:
                say(waiting)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)
