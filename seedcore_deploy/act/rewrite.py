"""Writing what `lint --fix` changed: each file whole, where its links and owner let it be."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from seedcore_deploy.errors import CouldNotLook
from seedcore_deploy.sources.source_text import SourceText


def rewrite(path: Path, source: SourceText) -> None:
    """Put the text in place of the file, which keeps its mode, owner and names.

    A file of several names (hard links), or of an owner that cannot be given, is written over in
    its place, which is not all or nothing. Raises CouldNotLook.
    """
    try:
        if path.stat().st_nlink > 1 or not _replaced(path, source):
            path.write_bytes(source.to_bytes())
    except OSError as fault:
        raise CouldNotLook(
            f"{source.file} cannot be written: {fault.strerror or fault}",
            "check the permissions of its folder; what stands above it in the diff was written",
        ) from fault


def _replaced(path: Path, source: SourceText) -> bool:
    """Whether a new file could take the place of the old one with its mode and owner."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(source.to_bytes())
        if not _owned_alike(path, name):
            return False
        shutil.copymode(path, name)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    return True


def _owned_alike(path: Path, name: str) -> bool:
    has, made = path.stat(), Path(name).stat()
    if (has.st_uid, has.st_gid) == (made.st_uid, made.st_gid):
        return True
    try:
        os.chown(name, has.st_uid, has.st_gid)
    except PermissionError:
        return False
    return True
