"""Where a local cluster keeps its things: one cache for all, one state folder for each."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
"""The folder of this package, which is also the Go module's."""

REPOSITORY = PACKAGE.parent.parent
"""The repository's root, which is the build context of the images."""

RUN = Path("/run/seedcore")
"""Sockets of a native cluster; only inside its own mount namespace."""


def _base(variable: str, otherwise: str) -> Path:
    """Return an XDG base directory; a relative value is ignored (XDG specification)."""
    value = os.environ.get(variable, "")
    return Path(value) if value.startswith("/") else Path.home() / otherwise


def cache_folder() -> Path:
    """Return the folder of everything that can be made again: binaries, images."""
    return _base("XDG_CACHE_HOME", ".cache") / "seedcore-localcluster"


def state_folder() -> Path:
    """Return the folder that holds one folder for each cluster."""
    return _base("XDG_STATE_HOME", ".local/state") / "seedcore-localcluster"


@dataclass(frozen=True, slots=True)
class ClusterFolder:
    """The places of one cluster's files."""

    name: str
    root: Path

    @property
    def record(self) -> Path:
        """What was started: index, process, provider."""
        return self.root / "record.json"

    @property
    def process(self) -> Path:
        """Identity of the process whose end ends the cluster."""
        return self.root / "process.json"

    @property
    def parts(self) -> Path:
        """What the supervisor says of each part."""
        return self.root / "parts.json"

    @property
    def kubeconfig(self) -> Path:
        """The kubeconfig for people and tools outside."""
        return self.root / "kubeconfig"

    @property
    def logs(self) -> Path:
        """One log file for each part."""
        return self.root / "logs"

    @property
    def keys(self) -> Path:
        """Certificates and keys."""
        return self.root / "keys"

    @property
    def settings(self) -> Path:
        """Configuration files and kubeconfigs of the parts."""
        return self.root / "settings"

    @property
    def data(self) -> Path:
        """What etcd, containerd and the kubelet store."""
        return self.root / "data"

    @property
    def lock(self) -> Path:
        """Held while somebody starts or ends this cluster; beside the folder, which goes."""
        return self.root.parent / f".{self.name}.lock"


def cluster_folder(name: str) -> ClusterFolder:
    """Return the places of the cluster of this name."""
    return ClusterFolder(name, state_folder() / name)
