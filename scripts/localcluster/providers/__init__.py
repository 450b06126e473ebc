"""Where a cluster comes from: native, kind, or one that exists already."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from localcluster.report import ClusterReport


class Provider(Protocol):
    """What every provider can do with its cluster."""

    @property
    def label(self) -> str:
        """The provider's name, as --provider takes it."""

    def up(self) -> None:
        """Start the cluster; nothing happens when it is up and healthy."""

    def down(self) -> None:
        """End the cluster and remove all of it; nothing happens when there is none."""

    def report(self) -> ClusterReport:
        """Ask all parts whether they answer."""

    def kubeconfig(self) -> Path:
        """Return the path of the kubeconfig; raise NoSuchCluster when there is none."""

    def kubectl(self) -> Path:
        """Return the path of a kubectl that fits the cluster's version."""

    def load(self, images: Sequence[str], dockerfile: Path | None) -> None:
        """Build and load images; with a Dockerfile, that one under the one name given."""

    def execute(self, argv: Sequence[str]) -> int:
        """Run a program inside the cluster's node and return its exit code."""
