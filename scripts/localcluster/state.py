"""What is written down about a cluster, so that a later command finds all of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from localcluster.addresses import Veth
from localcluster.folders import ClusterFolder
from localcluster.processes import Identity


@dataclass(frozen=True, slots=True)
class Record:
    """One native cluster: its name, the index that its link and addresses come from, and
    the folder of the binaries that it was started from."""

    name: str
    index: int
    programs: str

    @property
    def node(self) -> str:
        """The node's name, the same as kind gives it."""
        return f"{self.name}-control-plane"

    @property
    def context(self) -> str:
        """The kubeconfig context's name."""
        return f"native-{self.name}"

    @property
    def cgroup(self) -> str:
        """The cluster's cgroup in every tree."""
        return f"/seedcore-{self.name}"

    @property
    def veth(self) -> Veth:
        """The link between the cluster and the machine."""
        return Veth(self.index)


def write_record(folder: ClusterFolder, record: Record) -> None:
    """Write the record in one step."""
    _replace(folder.record, json.dumps(asdict(record)))


def read_record(folder: ClusterFolder) -> Record | None:
    """Return the record, or None when there is no such cluster."""
    stored = _load(folder.record)
    if stored is None:
        return None
    try:
        return Record(str(stored["name"]), int(str(stored["index"])), str(stored["programs"]))
    except (KeyError, ValueError):
        return None


def write_identity(path: Path, identity: Identity) -> None:
    """Write a process's identity in one step."""
    _replace(path, json.dumps(asdict(identity)))


def read_identity(path: Path) -> Identity | None:
    """Return a process's identity, whether it still lives or not."""
    stored = _load(path)
    if stored is None:
        return None
    try:
        return Identity(int(str(stored["pid"])), int(str(stored["start_ticks"])))
    except (KeyError, ValueError):
        return None


def _replace(path: Path, text: str) -> None:
    """Put a file in its place whole, or not at all."""
    attempt = path.with_name(path.name + ".new")
    attempt.write_text(text)
    attempt.rename(path)


def _load(path: Path) -> dict[str, object] | None:
    """Read a JSON object; None when the file is absent, unreadable or something else."""
    try:
        stored = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return stored if isinstance(stored, dict) else None
