"""The Debian base image, made by debootstrap where no image registry is at hand."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from localcluster.commands import output_of
from localcluster.progress import step

SUITE = "bookworm"
TAG = f"localhost/seedcore-base:{SUITE}"

DOCKERFILE = 'FROM scratch\nADD base.tar /\nCMD ["bash"]\n'

NOT_WANTED = (
    "./dev/*",
    "./proc/*",
    "./sys/*",
    "./run/*",
    "./tmp/*",
    "./etc/hostname",
    "./etc/resolv.conf",  # debootstrap copies the machine's
    "./var/cache/apt/*.bin",
    "./var/cache/apt/archives/*.deb",
    "./var/lib/apt/lists/*",
    "./var/log/*",
    "./usr/share/doc/*",
    "./usr/share/man/*",
    "./usr/share/locale/*",
)


def make_context(place: Path) -> None:
    """Fill a folder with a Dockerfile and the root file system that it adds."""
    root = place / "root"
    place.mkdir(parents=True)
    with step(f"making the Debian {SUITE} base image, once"):
        output_of(
            [
                "unshare",
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                "debootstrap",
                "--variant=minbase",
                SUITE,
                root,
            ],
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            mend="debootstrap needs network access to deb.debian.org, once",
        )
        excluded = [f"--exclude={pattern}" for pattern in NOT_WANTED]
        output_of(["tar", "--numeric-owner", *excluded, "-C", root, "-cf", place / "base.tar", "."])
        shutil.rmtree(root)
    (place / "Dockerfile").write_text(DOCKERFILE)
