"""Which kubectl the machine is told to use, at the least cost."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

from localcluster import binaries, state
from localcluster.commands import output_of
from localcluster.errors import LocalClusterError
from localcluster.folders import ClusterFolder

OLDEST = (1, 27)
"""An older kubectl does not know all that is asked of it here."""


def version(text: str) -> tuple[int, int] | None:
    """Read what `kubectl version --client -o json` says; None when it is something else."""
    try:
        said = json.loads(text)["clientVersion"]["gitVersion"]
    except (ValueError, KeyError, TypeError):
        return None
    found = re.match(r"v(\d+)\.(\d+)", str(said))
    return (int(found.group(1)), int(found.group(2))) if found else None


def choice(ours: Path | None, theirs: Path | None, said: str) -> Path | None:
    """Choose between ours, if it is built, and the one on PATH, which says its version so."""
    if ours is not None:
        return ours
    number = version(said)
    return theirs if number is not None and number >= OLDEST else None


def real(found: Path) -> Path:
    """Return what a link leads to, unless it goes by another name: that tells it what to be."""
    target = found.resolve()
    return target if target.name == found.name else found.absolute()


def path(folder: ClusterFolder) -> Path:
    """Return the cluster's kubectl if it is built, else a fit one on PATH, else build it.

    Needs neither root nor a provider.
    """
    ours = _built(folder)
    theirs = shutil.which("kubectl") if ours is None else None
    found = real(Path(theirs)) if theirs is not None else None
    return choice(ours, found, _said(found)) or binaries.kubectl()


def _built(folder: ClusterFolder) -> Path | None:
    """Return the kubectl of the running cluster, or of the binaries as they would be now."""
    record = state.read_record(folder)
    if record is not None and (Path(record.programs) / "kubectl").exists():
        return Path(record.programs) / "kubectl"
    place = binaries.built()
    return place / "kubectl" if place is not None else None


def _said(kubectl: Path | None) -> str:
    """Ask a kubectl for its version; nothing when it does not run."""
    if kubectl is None:
        return ""
    argv = [str(kubectl), "version", "--client", "-o", "json"]
    try:
        return output_of(argv, env=os.environ | {"KUBECONFIG": os.devnull}, timeout=20)
    except (LocalClusterError, OSError):
        return ""
