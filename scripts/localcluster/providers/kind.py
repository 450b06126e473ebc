"""The kind provider: a node in a Docker container, KubeRay's operator as a Deployment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from localcluster import images
from localcluster.binaries import KUBERAY, KUBERNETES
from localcluster.commands import output_of, program
from localcluster.errors import (
    BuildFailed,
    LocalClusterError,
    MissingPrerequisite,
    NoSuchCluster,
    UsageError,
)
from localcluster.folders import cluster_folder
from localcluster.images import ImageSource
from localcluster.progress import say, step
from localcluster.report import ClusterReport, ask_parts

NODE_IMAGE = f"kindest/node:{KUBERNETES}"
OPERATOR = f"github.com/ray-project/kuberay/ray-operator/config/default?ref={KUBERAY}"
OPERATOR_NAMESPACE = "ray-system"

TOOLS = {
    "kubectl": "https://kubernetes.io/docs/tasks/tools",
    "git": "apt-get install git, or https://git-scm.com/downloads",
}
"""What `up` runs besides kind and Docker (kubectl runs git to fetch KubeRay's operator), and
where to get it."""


def missing_words(names: Sequence[str]) -> str:
    """Return one line that names the absent tools and where they come from, or nothing."""
    if not names:
        return ""
    sources = "; ".join(f"{name}: {TOOLS[name]}" for name in names)
    return f"kind needs {' and '.join(names)} on PATH; install {sources}"


class Kind:
    """A cluster that kind makes with Docker."""

    label = "kind"

    def __init__(self, name: str) -> None:
        self._name = name
        self._folder = cluster_folder(f"kind-{name}")

    def up(self) -> None:
        """Make the cluster and install KubeRay; what is there already stays."""
        absent = missing_words([name for name in TOOLS if shutil.which(name) is None])
        if absent:
            raise MissingPrerequisite(absent)
        if self._exists():
            say(f"cluster {self._name} exists already")
            self.kubeconfig()
        else:
            self._folder.root.mkdir(parents=True, mode=0o700, exist_ok=True)
            with step(f"making the kind cluster {self._name}"):
                output_of(
                    [
                        "kind",
                        "create",
                        "cluster",
                        f"--name={self._name}",
                        f"--kubeconfig={self._folder.kubeconfig}",
                        f"--image={NODE_IMAGE}",
                        "--wait=120s",
                    ],
                    mend="kind's own words are above; docker ps shows its containers",
                )
            self._folder.kubeconfig.chmod(0o600)
        with step(f"installing the KubeRay operator {KUBERAY}"):
            self._kubectl("create", "namespace", OPERATOR_NAMESPACE, quiet=True)
            self._kubectl(
                "apply",
                "--server-side",
                "--force-conflicts",
                "-n",
                OPERATOR_NAMESPACE,
                "-k",
                OPERATOR,
            )
            self._kubectl(
                "wait",
                "-n",
                OPERATOR_NAMESPACE,
                "--for=condition=Available",
                "--timeout=300s",
                "deployment/kuberay-operator",
            )

    def down(self) -> None:
        """Delete the cluster."""
        if self._exists():
            output_of(["kind", "delete", "cluster", f"--name={self._name}"])
        else:
            say(f"there is no cluster {self._name}")
        if self._folder.root.exists():
            for file in self._folder.root.iterdir():
                file.unlink()
            self._folder.root.rmdir()

    def report(self) -> ClusterReport:
        """Ask the API server, the node and the operator."""
        if not self._exists():
            return ClusterReport(self._name, self.label, running=False)
        available = ("wait", "--for=condition=Available", "--timeout=1s")
        operator = (*available, "-n", OPERATOR_NAMESPACE, "deployment/kuberay-operator")
        parts = ask_parts(
            self._kubectl,
            {
                "kube-apiserver": ("get", "--raw", "/readyz"),
                "coredns": (*available, "-n", "kube-system", "deployment/coredns"),
                "kuberay-operator": operator,
            },
        )
        return ClusterReport(
            self._name,
            self.label,
            running=True,
            node=self._node,
            node_problem=self._node_problem(),
            context=f"kind-{self._name}",
            kubeconfig=str(self._folder.kubeconfig),
            parts=parts,
        )

    def kubeconfig(self) -> Path:
        """Write the cluster's kubeconfig into its own folder and return the path."""
        if not self._exists():
            raise NoSuchCluster(
                f"there is no kind cluster {self._name}",
                mend=f"scripts/cluster up --name {self._name}",
            )
        if not self._folder.kubeconfig.exists():
            self._folder.root.mkdir(parents=True, mode=0o700, exist_ok=True)
            text = output_of(["kind", "get", "kubeconfig", f"--name={self._name}"])
            self._folder.kubeconfig.touch(mode=0o600)
            self._folder.kubeconfig.write_text(text)
        return self._folder.kubeconfig

    def kubectl(self) -> Path:
        """Return the machine's own kubectl."""
        return program("kubectl", "https://kubernetes.io/docs/tasks/tools")

    def load(self, names: Sequence[str], dockerfile: Path | None) -> None:
        """Build with Docker, whose cache knows what has changed, and load into the node."""
        known = images.all_sources()
        if dockerfile is None:
            wanted = images.chosen(names, known)
        elif len(names) == 1:
            wanted = [ImageSource(names[0], dockerfile, dockerfile.parent)]
        else:
            raise UsageError("--file wants one --tag")
        for source in images.build_order(wanted, known):
            arguments = images.build_arguments(source, known, images.DEBIAN)
            argv = ["docker", "build", "-t", source.tag, "-f", str(source.dockerfile)]
            for argument, value in arguments.items():
                argv += ["--build-arg", f"{argument}={value}"]
            if subprocess.run([*argv, str(source.context)], check=False).returncode != 0:
                raise BuildFailed(f"docker build {source.tag} failed", where=str(source.dockerfile))
        for source in wanted:
            with step(f"loading {source.tag}"):
                output_of(["kind", "load", "docker-image", f"--name={self._name}", source.tag])

    def execute(self, argv: Sequence[str]) -> int:
        """Run a program in the node's container."""
        command = ["docker", "exec", self._node, *argv]
        os.execvp(command[0], command)  # noqa: S606

    @property
    def _node(self) -> str:
        return f"{self._name}-control-plane"

    def _exists(self) -> bool:
        """Tell whether kind knows a cluster of this name."""
        return self._name in output_of(["kind", "get", "clusters"]).split()

    def _node_problem(self) -> str:
        """Return why the node is not ready, or nothing."""
        try:
            found = json.loads(self._kubectl("get", "node", self._node, "-o", "json"))
        except LocalClusterError as failure:
            return failure.what
        for condition in found["status"]["conditions"]:
            if condition["type"] == "Ready" and condition["status"] == "True":
                return ""
        return "its Ready condition is not True"

    def _kubectl(self, *arguments: str, quiet: bool = False) -> str:
        """Run kubectl with the cluster's kubeconfig; `quiet` lets it fail."""
        try:
            return output_of(["kubectl", f"--kubeconfig={self.kubeconfig()}", *arguments])
        except LocalClusterError:
            if quiet:
                return ""
            raise
