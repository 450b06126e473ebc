"""Which commit a directory is at, as git tells it; nothing where it does not."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, and whether what lies there differs from it."""

    sha: str
    dirty: bool

    def __str__(self) -> str:
        return self.sha[:12] + (" (with uncommitted changes)" if self.dirty else "")


def repository_of(directory: Path) -> Path | None:
    """The top folder of the repository that a directory lies in; None outside of one."""
    found = _git(directory, "rev-parse", "--show-toplevel")
    return Path(found.strip()) if found and found.strip() else None


def place_of(file: Path) -> str:
    """A file's path in its repository, as far as the disk tells; empty outside of one.

    For many files, each of which would wait longer for git than it takes to read.
    """
    root = next((each for each in file.parents if os.path.lexists(each / ".git")), None)
    return str(file.relative_to(root)) if root is not None else ""


def commit_of(directory: Path, folders: Sequence[Path]) -> Commit | None:
    """The commit of the repository that a directory lies in; None outside of one.

    It is dirty when a tracked file anywhere is changed, or when `folders` hold files that git does
    not know: those may well be part of what is rendered.
    """
    sha = _git(directory, "rev-parse", "--verify", "HEAD")
    if not sha or not sha.strip():
        return None
    changed = _git(directory, "status", "--porcelain", "--untracked-files=no")
    paths = [str(folder.resolve()) for folder in folders]
    new = _git(directory, "status", "--porcelain", "--untracked-files=all", "--", *paths)
    return Commit(sha.strip(), changed != "" or new != "")


def _git(directory: Path, *words: str) -> str | None:
    """What git says; None where there is no git or no repository, or it does not answer."""
    # Looking must not lock the index of somebody who works there.
    env = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(
            ("git", "-C", str(directory), *words),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            env=env,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None
