"""What a question over HTTP to one of a pod's own addresses came to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AnswerEnd(StrEnum):
    """How a question to an HTTP address ended."""

    ANSWERED = "answered"
    NEEDS_TOKEN = "needs-token"  # noqa: S105 (the name of an end)
    REFUSED = "refused"
    DNS = "dns"
    SILENT = "silent"
    NOT_HTTP = "not-http"
    UNTRUSTED = "untrusted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AddressAnswer:
    """What was asked of an address inside a pod (without userinfo), and what came of it.

    `said` is a sentence's part on anything but an answer. `session` and `ray_version` are the
    dashboard's words. Of a Serve that did not answer, `serves` is whether the dashboard reports
    proxies or applications (None: it did not tell), and `reported` which.
    """

    asked: str
    ended: AnswerEnd
    said: str = ""
    session: str = ""
    ray_version: str = ""
    serves: bool | None = None
    reported: str = ""
