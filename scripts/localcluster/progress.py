"""Progress for the person who waits, on standard error only."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


def say(line: str) -> None:
    """Print one line of progress to standard error."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Say what is being done and, when it is done, the seconds that it took."""
    terminal = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    started = time.monotonic()
    sys.stderr.write(f"{text} ..." if terminal else f"{text} ...\n")
    sys.stderr.flush()
    try:
        yield
    except BaseException:
        if terminal:
            sys.stderr.write("\n")
        raise
    took = time.monotonic() - started
    if terminal:
        sys.stderr.write(f" {took:.0f} s\n")
    elif took >= 1:
        sys.stderr.write(f"{text} ... {took:.0f} s\n")
    sys.stderr.flush()
