"""Why a probe did not succeed: the stable classes of failure that rules are written for."""

from __future__ import annotations

from enum import StrEnum


class ProbeReason(StrEnum):
    """The values of `ProbeFacts.reason`; empty there when the probe succeeded."""

    ADDRESS_UNSET = "address-unset"
    ADDRESS_LOCAL = "address-local"
    ADDRESS_INVALID = "address-invalid"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    DNS = "dns"
    WRONG_PORT = "wrong-port"
    VERSION_MISMATCH = "version-mismatch"
    AUTH = "auth"
    TLS = "tls"
    NO_RAY = "no-ray"
    NO_CLIENT_EXTRA = "no-client-extra"
    NO_INSTANCE = "no-instance"
    CLIENT_SERVER = "client-server"
    LOCAL_RAY = "local-ray"
    WRONG_MODE = "wrong-mode"
    TASK_FAILED = "task-failed"
    DEADLINE = "deadline"
    CRASHED = "crashed"
    OTHER = "other"
