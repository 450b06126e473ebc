"""Which values may be shown: an allow-list, because a deny-list forgets the next secret."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

SHOWN_NAMES = frozenset(
    """
    RAY_ADDRESS RAY_HOST RAY_PORT RAY_CLIENT_PORT RAY_NAMESPACE RAY_IP FQ_RAY_IP
    RAY_SERVE_URL RAY_SERVE_ADDRESS RAY_DASHBOARD_URL RAY_DASHBOARD_ADDRESS
    RAY_API_SERVER_ADDRESS RAY_ENABLE_AUTO_CONNECT RAY_AUTH_MODE RAY_JOB_SUBMISSION_ID
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

_USERINFO = re.compile(r"(?<=://)[^/@\s]*@")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def is_connection_variable(name: str) -> bool:
    """Whether the tool compares the variable: RAY_*, in either case after the prefix, and kin."""
    return name.startswith("RAY_") or name in {"FQ_RAY_IP", "GRPC_ENABLE_FORK_SUPPORT"}


def without_userinfo(text: str) -> str:
    """The text with `user:password@` in any URL replaced by `***@` and control characters shown."""
    return _CONTROL.sub(lambda found: repr(found.group())[1:-1], _USERINFO.sub("***@", text))


@dataclass(frozen=True, slots=True)
class EnvValue:
    """A variable's value: its text where it may be shown, and a salted digest to compare by."""

    text: str | None
    digest: str

    def display(self) -> str:
        """What a person may read of the value."""
        return "(hidden)" if self.text is None else self.text


@dataclass(frozen=True, slots=True)
class Discloser:
    """Turns raw values into what may be kept; one salt a snapshot, which is never stored."""

    salt: bytes

    def value(self, name: str, raw: str) -> EnvValue:
        """The value as the snapshot may hold it. Raw text of names not on the list is dropped."""
        as_read = raw.encode("utf-8", "surrogateescape")
        digest = hashlib.blake2b(as_read, key=self.salt, digest_size=12).hexdigest()
        hidden = name not in SHOWN_NAMES
        return EnvValue(None if hidden else without_userinfo(raw), digest)
