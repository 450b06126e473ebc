"""Building images without a daemon: buildah, with its own storage in the cache."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from localcluster.commands import last_lines
from localcluster.errors import BuildFailed
from localcluster.images import ImageSource

CERTIFICATES = Path("/etc/ssl/certs")

POLICY = {"default": [{"type": "insecureAcceptAnything"}]}
"""No signatures are asked for: what is built here was never signed."""


@dataclass(frozen=True, slots=True)
class Buildah:
    """A storage folder of images and layers, and the commands on it."""

    home: Path

    def build(self, source: ImageSource, arguments: Mapping[str, str], log: Path) -> None:
        """Build an image; a step whose layer is there already is not run again.

        The steps see this machine's certificates, read-only, so that a machine that reaches
        the network through a proxy of its own can build; nothing of them stays in the image.
        """
        words = [
            "bud",
            "--isolation",
            "chroot",
            "--format",
            "oci",
            "--layers",
            "--pull-never",
            "--tag",
            source.tag,
            "--file",
            str(source.dockerfile),
        ]
        if CERTIFICATES.is_dir():
            words += ["--volume", f"{CERTIFICATES}:{CERTIFICATES}:ro"]
        for name, value in arguments.items():
            words += ["--build-arg", f"{name}={value}"]
        self._run([*words, str(source.context)], log, f"{source.dockerfile}")

    def push(self, tag: str, folder: Path, log: Path) -> None:
        """Write manifest and blobs of an image into an empty folder.

        Of all places to push to, `dir:` is the one where layers stay uncompressed, which
        halves the time of an import.
        """
        self._run(["push", "--disable-compression", tag, f"dir:{folder}"], log, tag)

    def _run(self, words: Sequence[str], log: Path, where: str) -> None:
        """Run buildah in mount and pid namespaces that end with it, whatever happens."""
        self.home.mkdir(parents=True, exist_ok=True)
        policy = self.home / "policy.json"
        policy.write_text(json.dumps(POLICY))
        subcommand, *rest = words
        argv = [
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
            "buildah",
            "--root",
            str(self.home / "root"),
            "--runroot",
            str(self.home / "run"),
            "--storage-driver",
            "overlay",
            subcommand,
            "--signature-policy",
            str(policy),
            *rest,
        ]
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            done = subprocess.run(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
                env=os.environ
                | {
                    "TMPDIR": str(self.home),
                    "BUILDAH_FORMAT": "oci",
                    "HOME": str(Path.home()),
                },
            )
        if done.returncode != 0:
            raise BuildFailed(
                f"buildah {subcommand} ended with {done.returncode}:\n"
                + last_lines(log.read_text(errors="replace")),
                where=where,
                mend=f"the whole log is {log}",
            )
