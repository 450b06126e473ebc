"""The native provider: the whole cluster in namespaces of its own on this machine."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from localcluster import (
    kubectls,
    leftovers,
    native_images,
    native_report,
    native_start,
    parts,
    state,
)
from localcluster.errors import NoSuchCluster
from localcluster.folders import cluster_folder, state_folder
from localcluster.locks import held
from localcluster.prerequisites import ensure_root
from localcluster.processes import Identity, wait_until
from localcluster.progress import say, step
from localcluster.report import ClusterReport
from localcluster.settings import CONTAINERD_SOCKET

PATIENCE = 30.0
"""Seconds that a busy machine gets before a silent part means a broken cluster."""


class Native:
    """A cluster of this machine's own processes; needs Linux and root."""

    label = native_report.PROVIDER

    def __init__(self, name: str) -> None:
        self._name = name
        self._folder = cluster_folder(name)

    def up(self) -> None:
        """Start the cluster, or see that it is up; remove leftovers of an earlier run."""
        ensure_root()
        with held(self._folder.lock, f"waiting for another command on {self._name} ...") as lock:
            if self._is_up():
                say(f"cluster {self._name} is up already, and all its parts answer")
                return
            programs = native_start.binaries_and_prerequisites()
            if self._exists():
                say(f"removing what an earlier run of {self._name} has left")
                native_start.clear(self._folder)
            started = time.monotonic()
            try:
                with step(f"starting cluster {self._name}"):
                    native_start.start(self._folder, programs, lock)
            except BaseException:
                native_start.clear(self._folder)
                raise
            say(f"cluster {self._name} is up: {time.monotonic() - started:.1f} s to node Ready")

    def down(self) -> None:
        """End everything of the cluster; the cache of binaries and images stays."""
        ensure_root()
        with held(self._folder.lock, f"waiting for another command on {self._name} ..."):
            if not self._exists():
                say(f"there is no cluster {self._name}")
            leftovers.remove(self._folder, state.read_record(self._folder), keep_logs=False)

    def report(self) -> ClusterReport:
        """Ask all parts whether they answer."""
        return native_report.report(self._folder)

    def kubeconfig(self) -> Path:
        """Return the kubeconfig's path."""
        self._first_process()
        return self._folder.kubeconfig

    def kubectl(self) -> Path:
        """Return the kubectl that is built with the cluster, or one that is as good."""
        return kubectls.path(self._folder)

    def load(self, images: Sequence[str], dockerfile: Path | None) -> None:
        """Build images that have changed, and import those that the cluster does not have."""
        first = self._first_process()
        native_images.load(first, images, dockerfile)

    def execute(self, argv: Sequence[str]) -> NoReturn:
        """Become a program inside the cluster's namespaces, with its tools at hand."""
        record = state.read_record(self._folder)
        programs = record.programs if record is not None else ""
        env = {
            "PATH": f"{programs}:{native_start.MINIMAL_PATH}",
            "HOME": str(self._folder.data),
            "LANG": "C.UTF-8",
            "TERM": os.environ.get("TERM", "dumb"),
            "KUBECONFIG": str(self._folder.settings / "admin.kubeconfig"),
            "CONTAINERD_ADDRESS": str(CONTAINERD_SOCKET),
            "CONTAINERD_NAMESPACE": "k8s.io",
        }
        command = native_report.entering(self._first_process(), list(argv))
        os.execvpe(command[0], command, env)  # noqa: S606

    def _exists(self) -> bool:
        """Tell whether there is anything of this cluster to remove."""
        return self._folder.root.exists() or bool(leftovers.outer_processes(self._folder))

    def _first_process(self) -> Identity:
        """Return the cluster's first process; raise when it is not running."""
        first = native_start.first_process(self._folder)
        if first is None:
            raise NoSuchCluster(
                f"the cluster {self._name} is not running",
                mend=f"scripts/cluster up --name {self._name}",
            )
        return first

    def _is_up(self) -> bool:
        """Tell whether all is well; a part that is only slow gets time to answer."""
        last: list[ClusterReport] = []

        def settled() -> bool:
            last[:] = [self.report()]
            dead = any(part.problem.startswith("dead") for part in last[0].parts)
            return not last[0].running or not last[0].parts or last[0].healthy or dead

        wait_until(settled, PATIENCE, every=1)
        for part in last[0].parts:
            if not part.answers:
                say(f"{part.name}: {part.problem}")
        # A start that was killed halfway has no veth pair, or parts that never started.
        return last[0].healthy and bool(last[0].parts)


def names() -> list[str]:
    """List the native clusters that are up; one that was killed or never got up is not."""
    if not state_folder().exists():
        return []
    found = (cluster_folder(path.name) for path in state_folder().iterdir() if path.is_dir())
    return sorted(
        folder.name
        for folder in found
        if native_start.first_process(folder) is not None and parts.read(folder.parts).phase == "up"
    )
