"""Durations as Go and kubectl write them."""

from __future__ import annotations

import argparse
import math
import re

_DURATION = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:ms|h|m|s)", re.ASCII)
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def duration(text: str) -> float:
    """Seconds of a Go duration such as `5m`, `1h30m`, `1.5s` or `0`.

    Raises argparse.ArgumentTypeError for anything else.
    """
    if text == "0":
        return 0.0
    parts = _DURATION.findall(text)
    if not parts or "".join(parts) != text:
        raise argparse.ArgumentTypeError(f"{text!r} is not a duration: write it like 90s or 5m")
    total = 0.0
    for part in parts:
        unit = part.lstrip("0123456789.")
        total += float(part[: -len(unit)]) * _SECONDS[unit]
    if not math.isfinite(total):
        raise argparse.ArgumentTypeError(f"{text!r} is too long a duration")
    return total
