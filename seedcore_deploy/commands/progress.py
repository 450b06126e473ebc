"""What a verb says while it works: plain lines on stderr, so that stdout holds only results."""

from __future__ import annotations

import sys


def say(text: str) -> None:
    """One line of progress."""
    print(text, file=sys.stderr, flush=True)
