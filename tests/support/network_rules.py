"""Rules of the node's packet filter, for faults that no Kubernetes object shows.

NetworkPolicies have no effect on the native provider's bridge; what crosses it is filtered all
the same, since its node has `bridge-nf-call-iptables=1`.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from localcluster import native_start
from localcluster.folders import ClusterFolder, state_folder
from localcluster.native_report import entering


@dataclass(frozen=True, slots=True)
class NodeNetwork:
    """The packet filter of a test cluster's only node; `mark` tells our rules from others'."""

    cluster: str
    mark: str

    @contextlib.contextmanager
    def dropped(self, source: str, target: str, port: int) -> Iterator[None]:
        """Drop what goes from one pod to a TCP port of another, until the block ends."""
        self._run("-I", "FORWARD", *self._rule(source, target, port))
        try:
            yield
        finally:
            self.let_all_pass()

    def let_all_pass(self) -> None:
        """Remove every rule with our mark."""
        for line in self._run("-S", "FORWARD").splitlines():
            words = [word.strip('"') for word in line.split()]
            if self.mark in words:
                self._run("-D", *words[1:])

    def _rule(self, source: str, target: str, port: int) -> Sequence[str]:
        return (
            *("-s", source, "-d", target, "-p", "tcp", "--dport", str(port)),
            *("-m", "comment", "--comment", self.mark, "-j", "DROP"),
        )

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            (*self._node(), "iptables", *words), check=True, capture_output=True, text=True
        )
        return done.stdout

    def _node(self) -> Sequence[str]:
        """The words that run a command on the node: a process's namespaces, or kind's container."""
        folder = ClusterFolder(self.cluster, state_folder() / self.cluster)
        first = native_start.first_process(folder)
        if first is not None:
            return entering(first, [])
        assert shutil.which("docker"), f"no node of cluster {self.cluster} on this machine"
        return ("docker", "exec", f"{self.cluster}-control-plane")
