"""Which provider a command means, and why."""

from __future__ import annotations

import shutil
import sys

from localcluster.commands import succeeds
from localcluster.errors import MissingPrerequisite
from localcluster.prerequisites import is_root
from localcluster.providers import Provider
from localcluster.providers.existing import Existing
from localcluster.providers.kind import Kind
from localcluster.providers.native import Native

NAMES = ("auto", "kind", "native")


def docker_answers() -> bool:
    """Ask the daemon, not the path: a machine may have the client without a daemon."""
    return shutil.which("docker") is not None and succeeds(["docker", "info"], timeout=15)


def choose(provider: str, name: str, context: str | None) -> tuple[Provider, str]:
    """Return the provider and the reason why it was taken."""
    if context is not None:
        return Existing(context), f"--context {context} names a cluster that exists"
    if provider == "kind":
        return Kind(name), "--provider kind"
    if provider == "native":
        return Native(name), "--provider native"
    kind = shutil.which("kind") is not None
    docker = kind and docker_answers()
    if docker:
        return Kind(name), "a Docker daemon answers and kind is on PATH"
    why_not = "no Docker daemon answers" if kind else "kind is not on PATH"
    if sys.platform == "linux" and is_root():
        return Native(name), f"{why_not}, and this is Linux as root"
    raise MissingPrerequisite(
        f"no provider fits: {why_not}, and native needs Linux and root",
        mend="install Docker and kind (https://kind.sigs.k8s.io), or run it with sudo on Linux",
    )
