"""A cluster that somebody else runs, named by a kubeconfig context."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from localcluster import images
from localcluster.commands import output_of, program
from localcluster.errors import NoSuchCluster, UsageError
from localcluster.progress import say
from localcluster.report import ClusterReport, ask_parts


class Existing:
    """Nothing is started or ended; the cluster is only looked at."""

    label = "context"

    def __init__(self, context: str) -> None:
        self._context = context

    def up(self) -> None:
        """Say that there is nothing to start."""
        say(f"the context {self._context} is somebody else's cluster: nothing to start")

    def down(self) -> None:
        """Refuse: what was not started here is not ended here."""
        raise UsageError(
            f"the context {self._context} is somebody else's cluster: it is not ended here"
        )

    def report(self) -> ClusterReport:
        """Ask the API server, and whether KubeRay's resources are known to it."""
        parts = ask_parts(
            self._kubectl,
            {
                "kube-apiserver": ("get", "--raw", "/readyz"),
                "kuberay-crds": ("get", "crd", "rayclusters.ray.io", "-o", "name"),
            },
        )
        return ClusterReport(
            self._context,
            self.label,
            running=True,
            context=self._context,
            parts=parts,
            kubeconfig=os.environ.get("KUBECONFIG", str(Path.home() / ".kube" / "config")),
        )

    def kubeconfig(self) -> Path:
        """Return the first kubeconfig that kubectl reads."""
        named = os.environ.get("KUBECONFIG", "").split(os.pathsep)[0]
        path = Path(named) if named else Path.home() / ".kube" / "config"
        if not path.exists():
            raise NoSuchCluster(f"there is no kubeconfig {path}", mend="set KUBECONFIG")
        return path

    def kubectl(self) -> Path:
        """Return the machine's own kubectl."""
        return program("kubectl", "https://kubernetes.io/docs/tasks/tools")

    def load(self, images_wanted: Sequence[str], dockerfile: Path | None) -> None:
        """Say how to push: only the cluster's owner knows its registry."""
        if dockerfile is not None:
            raise UsageError("--file builds for kind and native; push to this cluster's registry")
        known = images.all_sources()
        say(f"{self._context} takes images from a registry. Build and push, with REGISTRY yours:")
        for source in images.build_order(images.chosen(images_wanted, known), known):
            remote = f"REGISTRY/{source.tag.removeprefix('localhost/')}"
            file = source.dockerfile.relative_to(source.context)
            print(f"docker build -t {source.tag} -t {remote} -f {file} .")
            print(f"docker push {remote}")
        say("then name them in your overlay: kustomize's `images:` (newName, newTag)")

    def execute(self, argv: Sequence[str]) -> int:
        """Refuse: its nodes are not reachable from here."""
        raise UsageError(
            f"exec works in local clusters; {self._context} is somebody else's: {json.dumps(argv)}"
        )

    def _kubectl(self, *arguments: str) -> str:
        """Ask the cluster with kubectl."""
        return output_of(
            ["kubectl", "--context", self._context, "--request-timeout=10s", *arguments],
            mend="kubectl config get-contexts lists the contexts",
        )
