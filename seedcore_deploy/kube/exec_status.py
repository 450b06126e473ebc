"""The status channel of an exec stream: the only thing that tells how a program ended."""

from __future__ import annotations

import json
from typing import Any


def ending(status: bytes) -> tuple[int | None, str]:
    """Exit code and "", or None and why there is none.

    Only a well-formed Status counts: Success is 0, NonZeroExitCode carries the code in a cause.
    """
    if not status:
        return None, "the connection ended before the program did"
    try:
        answer = json.loads(status)
    except ValueError:
        return None, "the connection ended with half a status"
    if not isinstance(answer, dict):
        return None, "the status of the exec is malformed"
    if answer.get("status") == "Success":
        return 0, ""
    if answer.get("reason") == "NonZeroExitCode":
        code = _exit_code(answer)
        return (None, "the status of the exec has no exit code") if code is None else (code, "")
    message = str(answer.get("message") or answer.get("reason") or "failed without a reason")
    return None, " ".join(message.split())


def _exit_code(answer: dict[str, Any]) -> int | None:
    details = answer.get("details")
    causes = details.get("causes") if isinstance(details, dict) else None
    for cause in causes or []:
        if isinstance(cause, dict) and cause.get("reason") == "ExitCode":
            text = str(cause.get("message", ""))
            return int(text) if text.isdigit() else None
    return None
