"""Who holds a Lease: an identity that tells whether its process is still there."""

from __future__ import annotations

import getpass
import hashlib
import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

DURATION_S = 30
OVERLAY = "seedcore.dev/applies"
"""The annotation of a Lease that names the overlay."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a Lease, for which overlay, since when and until when (UTC)."""

    identity: str
    overlay: str
    since: str
    until: datetime

    def __str__(self) -> str:
        who, _, rest = self.identity.partition("/")
        pid = rest.partition("/")[0]
        about = f" (pid {pid})" if pid else ""
        return f"{who}{about}"


def own_identity() -> str:
    """user@host/pid/process-space/random: a pid alone may be used again."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())  # a container's uid without a name
    who = f"{user}@{socket.gethostname()}".replace("/", "-")
    return "/".join((who, str(os.getpid()), _process_space(), secrets.token_hex(4)))


def is_dead(identity: str) -> bool:
    """Whether the holder was a process beside us that has ended.

    Only where boot and pid namespace are ours: then its pid means the same to us. A pid that is in
    use again counts as alive, and its Lease as one that has to expire.
    """
    who, *rest = identity.split("/")
    own_space = _process_space()
    if not own_space or len(rest) != 3 or rest[1] != own_space or not rest[0].isdigit():
        return False
    if who.rpartition("@")[2] != socket.gethostname():
        return False
    try:
        os.kill(int(rest[0]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _process_space() -> str:
    """This boot of this machine and this pid namespace, as a short digest; empty off Linux."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""
    return hashlib.sha256(f"{boot} {space}".encode()).hexdigest()[:8]


def holder_of(lease: Mapping[str, Any]) -> Holder | None:
    """The holder that a Lease names; None for one that was released."""
    spec = lease.get("spec") or {}
    identity = str(spec.get("holderIdentity") or "")
    if not identity:
        return None
    renewed = moment(str(spec.get("renewTime") or spec.get("acquireTime") or ""))
    until = renewed + timedelta(seconds=int(spec.get("leaseDurationSeconds") or DURATION_S))
    annotations = (lease.get("metadata") or {}).get("annotations") or {}
    since = str(spec.get("acquireTime") or "").partition(".")[0]
    return Holder(identity, str(annotations.get(OVERLAY) or ""), f"{since}Z", until)


def moment(text: str) -> datetime:
    """RFC 3339 with or without a fraction; long ago where there is none."""
    if not text:
        return datetime.fromtimestamp(0, UTC)
    return datetime.fromisoformat(text)


def written(at: datetime) -> str:
    """A moment as the API server wants it: RFC 3339 with microseconds."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def shown(at: datetime) -> str:
    """A moment for a person."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
