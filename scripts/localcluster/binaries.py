"""The programs of a cluster, built once from one go.mod and kept by content."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from localcluster import toolchain
from localcluster.commands import last_lines, output_of
from localcluster.errors import BuildFailed
from localcluster.folders import PACKAGE, cache_folder
from localcluster.locks import held
from localcluster.prerequisites import ensure_certificates
from localcluster.progress import say

KUBERNETES = "v1.34.4"
KUBERAY = "v1.6.1"

FLAGS = (
    "-trimpath",
    "-ldflags",
    f"-s -w -X k8s.io/component-base/version.gitVersion={KUBERNETES}",
)
"""Without the -X a node reports v0.0.0-master as its version."""


@dataclass(frozen=True, slots=True)
class Program:
    """A binary, and the Go package that it is built from."""

    name: str
    package: str


PROGRAMS = (
    Program("kubelet", "k8s.io/kubernetes/cmd/kubelet"),
    Program("kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver"),
    Program("kube-controller-manager", "k8s.io/kubernetes/cmd/kube-controller-manager"),
    Program("kube-scheduler", "k8s.io/kubernetes/cmd/kube-scheduler"),
    Program("kube-proxy", "k8s.io/kubernetes/cmd/kube-proxy"),
    Program("kubectl", "k8s.io/kubernetes/cmd/kubectl"),
    Program("etcd", "go.etcd.io/etcd/server/v3"),
    Program("kuberay-operator", "github.com/ray-project/kuberay/ray-operator"),
    Program("coredns", "./coredns"),
    Program("pause", "./pause"),
)

CRDS = "kuberay-crds"
"""The folder beside the binaries that holds KubeRay's resource definitions."""


def content_key(files: Iterable[Path], root: Path, words: Iterable[str]) -> str:
    """Return a short key of files (their names below root and contents) and words."""
    digest = hashlib.sha256()
    for word in words:
        digest.update(f"word {len(word)} {word}\n".encode())
    for path in sorted(files):
        content = path.read_bytes()
        digest.update(f"file {path.relative_to(root)} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:20]


def _sources() -> list[Path]:
    """List the files of the Go module that decide what the binaries are."""
    return [PACKAGE / "go.mod", PACKAGE / "go.sum", *PACKAGE.glob("*/*.go")]


def folder() -> Path:
    """Return the folder with all binaries, building what is not there yet."""
    go = toolchain.find()
    place = _place(go)
    if place.exists():
        return place
    shelf = place.parent
    with held(shelf / ".lock", "waiting for another build of the binaries ..."):
        if not place.exists():
            _remove_attempts(shelf)
            _build(go, place)
    return place


def built() -> Path | None:
    """Return the folder with all binaries if it is there; nothing is built or installed."""
    go = toolchain.present()
    place = _place(go) if go is not None else None
    return place if place is not None and place.exists() else None


def kubectl() -> Path:
    """Return kubectl, building it alone, beside the folder of all, when it is not there yet."""
    go = toolchain.find()
    whole = _place(go)
    place = whole.with_name(whole.name + ".kubectl")
    with held(whole.parent / ".lock", "waiting for another build of the binaries ..."):
        for folder_of_it in (whole, place):
            if folder_of_it.exists():
                return folder_of_it / "kubectl"
        _remove_attempts(whole.parent)
        ensure_certificates()
        attempt = place.with_name(place.name + ".building")
        attempt.mkdir(parents=True)
        [program] = [program for program in PROGRAMS if program.name == "kubectl"]
        _build_one(go, program, attempt / program.name, "alone, once")
        attempt.rename(place)
    return place / "kubectl"


def _place(go: toolchain.Toolchain) -> Path:
    """Return where the binaries belong that this toolchain makes of the sources as they are."""
    return cache_folder() / "bin" / content_key(_sources(), PACKAGE, (go.version, *FLAGS))


def _remove_attempts(shelf: Path) -> None:
    """Remove what builds that were killed have left; the caller holds the lock."""
    for leftover in shelf.glob("*.building"):
        shutil.rmtree(leftover)


def _environment() -> dict[str, str]:
    """Return the environment of the Go commands: sums verified, no C, no other toolchain."""
    return os.environ | {
        "HOME": str(Path.home()),  # without one Go has no build cache, and refuses to build
        "CGO_ENABLED": "0",
        "GOFLAGS": "-mod=readonly -buildvcs=false",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }


def _build(go: toolchain.Toolchain, place: Path) -> None:
    """Build everything beside its place and move it there when it is complete."""
    ensure_certificates()
    attempt = place.with_name(place.name + ".building")
    attempt.mkdir(parents=True)
    say(f"building the cluster's binaries with {go.version}, once; 5 to 15 minutes")
    for number, program in enumerate(PROGRAMS, 1):
        _build_one(go, program, attempt / program.name, f"{number}/{len(PROGRAMS)}")
    module = output_of(
        [go.go, "list", "-m", "-f", "{{.Dir}}", "github.com/ray-project/kuberay/ray-operator"],
        env=_environment(),
        cwd=PACKAGE,
    ).strip()
    shutil.copytree(Path(module) / "config" / "crd", attempt / CRDS)
    for path in (attempt / CRDS, *(attempt / CRDS).rglob("*")):  # the module cache is read-only
        path.chmod(path.stat().st_mode | stat.S_IWUSR)
    attempt.rename(place)


def _build_one(go: toolchain.Toolchain, program: Program, target: Path, which: str) -> None:
    """Build one binary, saying from time to time how long it has taken so far."""
    started = time.monotonic()
    say(f"building {program.name} ({which}) ...")
    argv = [str(go.go), "build", *FLAGS, "-o", str(target), program.package]
    log = target.with_suffix(".log")
    with log.open("wb") as output:
        build = subprocess.Popen(
            argv,
            env=_environment(),
            cwd=PACKAGE,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            while True:
                try:
                    code = build.wait(timeout=30)
                    break
                except subprocess.TimeoutExpired:
                    took = time.monotonic() - started
                    say(f"building {program.name} ({which}) ... {took:.0f} s")
        except BaseException:
            build.kill()
            build.wait()
            raise
    if code != 0:
        raise BuildFailed(
            f"go build {program.package} ended with {code}:\n"
            + last_lines(log.read_text(errors="replace")),
            where=str(PACKAGE),
            mend="see the compiler's words above; a missing module needs network access once",
        )
    log.unlink()
    say(f"built {program.name} ({which}) in {time.monotonic() - started:.0f} s")
