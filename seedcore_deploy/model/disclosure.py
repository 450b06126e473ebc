"""What may be shown: values by an allow-list, because a deny-list forgets the next secret.

Free text (log lines, messages) has no names to allow: there secrets are known by their looks.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass

SHOWN_NAMES = frozenset(
    """
    RAY_ADDRESS RAY_HOST RAY_PORT RAY_CLIENT_PORT RAY_NAMESPACE RAY_IP FQ_RAY_IP
    RAY_SERVE_URL RAY_SERVE_ADDRESS RAY_DASHBOARD_URL RAY_DASHBOARD_ADDRESS
    RAY_API_SERVER_ADDRESS RAY_ENABLE_AUTO_CONNECT RAY_AUTH_MODE RAY_USE_TLS
    RAY_JOB_SUBMISSION_ID
    RAY_CLUSTER_NAME RAY_CLUSTER_NAMESPACE RAY_CLOUD_INSTANCE_ID RAY_NODE_TYPE_NAME
    RAY_USAGE_STATS_KUBERAY_IN_USE RAY_USAGE_STATS_EXTRA_TAGS RAY_USAGE_STATS_ENABLED
    RAY_DASHBOARD_ENABLE_K8S_DISK_USAGE RAY_enable_autoscaler_v2
    RAY_SERVE_KV_TIMEOUT_S RAY_timeout_ms_task_wait_for_death_info
    RAY_gcs_server_request_timeout_seconds RAY_IGNORE_VERSION_MISMATCH
    RAY_CLIENT_INITIAL_CONNECTION_TIMEOUT_S RAY_CLIENT_MAX_CONNECTION_TIMEOUT_S
    RAY_SERVICE_HOST RAY_SERVICE_PORT RAY_PORT_10001_TCP RAY_PORT_6379_TCP
    GRPC_ENABLE_FORK_SUPPORT
    """.split()
)
"""Names whose values may appear in output. Measured and read: Ray 2.60.0, KubeRay 1.6.1."""

HIDDEN = "***"
"""What stands where a part of a text was taken out."""

# Of values the seedcore client library hides the same (seedcore.utils.ray_config.redact).
_VALUE_USERINFO = re.compile(r"\A([A-Za-z][A-Za-z0-9+.-]*://)?.*@", re.DOTALL)
_VALUE_QUERY = re.compile(r"[?#].*", re.DOTALL)
_USERINFO = re.compile(
    r"(?<=://)\S{0,1024}@|(?<![\w/.:+-])[\w.+-]++:[^\s/@]++@(?!sha\d+:)(?=[\w\[])"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

_WORDS = (
    "token|password|passwd|passphrase|secret|authorization|credential|"
    "(?:api|access|private)[_-]?key"
)
# Nothing is matched twice (`++`): a log line can be long, and made to be slow.
_TELLING = rf"(?<![\w.-])(?=[\w.-]*?(?:{_WORDS}))"
_NAME = rf"{_TELLING}[\w.-]++(?<!\.yaml)(?<!\.yml)(?<!\.json)(?<!\.env)"
# `volume "token" : secret "x" not found` names no value: a blank before the colon needs quotes.
_BETWEEN = r"""(?:\\?["']?\s*+=\s*+|\\?["']?:\s*+|\s++:\s*+|\\?["']\s*+:\s*+(?=\\?["']))"""
_TEXT = r"""(?:\\?"[^"]*"?|\\?'[^']*'?|\S+)"""
_SECRET = re.compile(
    rf"(?i)({_NAME}{_BETWEEN})(?:(?:bearer|basic)\s+)?{_TEXT}"
    rf"|({_TELLING}-[\w.-]++\s++)(?!--){_TEXT}"
    rf"|(\bname[\"']?:\s*[\"']?{_TELLING}[\w.-]++[\"']?,?\s*[\"']?value[\"']?:\s*){_TEXT}"
    r"|(\bbearer\s+)\S+"
)


def is_connection_variable(name: str) -> bool:
    """Whether the tool compares the variable: RAY_*, in either case after the prefix, and kin."""
    return name.startswith("RAY_") or name in {"FQ_RAY_IP", "GRPC_ENABLE_FORK_SUPPORT"}


def without_userinfo(text: str) -> str:
    """Free text with `user:password@` replaced by `***@` and control characters shown."""
    return _printable(_USERINFO.sub(f"{HIDDEN}@", text))


def without_secrets(text: str, known: Collection[str] = ()) -> str:
    """Free text with all that looks like a credential hidden, and control characters shown.

    For text that may quote a program's output: log lines, termination messages, kubectl's words.
    `known` are values to hide whatever they look like.
    """
    # The longest first: one value can be a part of another.
    values = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
    hidden = _SECRET.sub(
        lambda found: f"{next(filter(None, found.groups()), '')}{HIDDEN}",
        _USERINFO.sub(f"{HIDDEN}@", re.sub(values, HIDDEN, text) if values else text),
    )
    return _printable(hidden)


def _printable(text: str) -> str:
    return _CONTROL.sub(lambda found: repr(found.group())[1:-1], text)


def _shown(raw: str) -> str:
    """A value without userinfo and query, whatever characters those have."""
    bare = _VALUE_USERINFO.sub(rf"\1{HIDDEN}@", raw)
    return _printable(_VALUE_QUERY.sub(f"?{HIDDEN}", bare))


@dataclass(frozen=True, slots=True)
class EnvValue:
    """A variable's value: its text where it may be shown, and a salted digest to compare by."""

    text: str | None
    digest: str

    def display(self) -> str:
        """What a person may read of the value."""
        return "(hidden)" if self.text is None else self.text

    @property
    def exact(self) -> str | None:
        """The whole value; None where it, or a part of it, is hidden or shown as an escape.

        A backslash may stand for itself or begin an escape: the text does not tell.
        """
        if self.text is None or HIDDEN in self.text or "\\" in self.text:
            return None
        return self.text

    def hidden(self) -> EnvValue:
        """The value to compare by, and no more."""
        return EnvValue(None, self.digest)


@dataclass(frozen=True, slots=True)
class Discloser:
    """Turns raw values into what may be kept; one salt a snapshot, which is never stored."""

    salt: bytes

    def value(self, name: str, raw: str) -> EnvValue:
        """The value as the snapshot may hold it. Raw text of names not on the list is dropped."""
        as_read = raw.encode("utf-8", "surrogateescape")
        digest = hashlib.blake2b(as_read, key=self.salt, digest_size=12).hexdigest()
        hidden = name not in SHOWN_NAMES
        return EnvValue(None if hidden else _shown(raw), digest)
