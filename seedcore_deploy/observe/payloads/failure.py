"""From what ray raised to a class of failure. Runs inside pods: Python 3.8, standard library."""

from __future__ import annotations

import re
from typing import Any

_BY_MESSAGE = (
    (r"requires pip package ray\[client\]|ray\[client\]", "no-client-extra"),
    (r"Starting Ray client server failed", "client-server"),
    (r"Version mismatch", "version-mismatch"),
    # What an older client meets at a newer head, measured between releases.
    (r"Initialization failure from server(?s:.*)has no attribute", "version-mismatch"),
    (r"(?i)unauthenticated|authentication|invalid token|auth token", "auth"),
    (r"Could not find any running Ray instance", "no-instance"),
    (r"ray client connection timeout", "timeout"),
)
"""Ray 2.60.0's own words, measured; the first that matches names the class."""


def reason_of(found: dict[str, Any]) -> str:
    """The class for the reports of a session that did not come to its end."""
    stage, kind, error = found["stage"], found.get("kind", ""), found.get("error", "")
    if not kind:
        if found["exit"] is None:
            return "deadline"
        return "crashed"
    if stage == "import" and kind in {"ImportError", "ModuleNotFoundError"}:
        return "no-ray"
    if kind == "AuthenticationError":
        return "auth"
    for pattern, reason in _BY_MESSAGE:
        if re.search(pattern, error):
            return reason
    if stage in {"task", "nodes"}:
        return "task-failed"
    return "other"


def sentence_of(found: dict[str, Any]) -> str:
    """What happened, in the words of ray or of the watchdog."""
    if found.get("kind"):
        lines = found.get("error", "").strip().splitlines()
        return f"{found['kind']}: {lines[0] if lines else ''}"[:500]
    if found["exit"] is None:
        return f"no answer within {found['seconds']:.0f} s (stage {found['stage']})"
    last = found.get("stderr", "").strip().splitlines()[-1:]
    return f"the probe ended with status {found['exit']} in stage {found['stage']}: {''.join(last)}"
