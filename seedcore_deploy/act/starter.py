"""Writes the tree of `init`, and never over anything that is there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from seedcore_deploy.errors import CouldNotLook, UsageError
from seedcore_deploy.sources.starter import (
    COMPOSE_ENV,
    SHARED_ENV,
    starter_content,
    starter_files,
)

_NAMED = 5
"""How many of the files that are in the way are named."""


def write_starter(directory: Path) -> tuple[PurePosixPath, ...]:
    """Write the tree into the directory, made when missing; returns what was written.

    Raises UsageError, and writes nothing, where something of it is there already; CouldNotLook
    where it cannot be written, with what was written until then taken away again.
    """
    files = starter_files()
    _refuse_what_is_there(directory, files)
    written: list[Path] = []
    try:
        for file in files:
            _write(directory / file, file, written)
    except BaseException as fault:
        for path in written:
            path.unlink(missing_ok=True)
        if isinstance(fault, OSError):
            raise CouldNotLook(
                f"{fault.filename or directory} cannot be written: {fault.strerror}; of what was "
                f"begun only folders are left",
                "mend that, or name another directory",
            ) from fault
        raise
    return files


def _write(target: Path, file: PurePosixPath, written: list[Path]) -> None:
    """Make one file, and add it to what was written as soon as it is there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if file == COMPOSE_ENV:
        target.symlink_to(SHARED_ENV)
        written.append(target)
        return
    content = starter_content(file)
    with target.open("xb") as new:
        written.append(target)
        new.write(content)


def _refuse_what_is_there(directory: Path, files: tuple[PurePosixPath, ...]) -> None:
    if os.path.lexists(directory) and not directory.is_dir():
        raise UsageError(f"{directory} is no directory", "name another one")
    there = list(
        dict.fromkeys(str(each) for file in files for each in _in_the_way(directory, file))
    )
    if there:
        more = f" and {len(there) - _NAMED} more" if len(there) > _NAMED else ""
        raise UsageError(
            f"nothing was written: {directory} has {', '.join(there[:_NAMED])}{more} already",
            "name a directory without them; for a repository with manifests of its own, see "
            "docs/migration.md",
        )


def _in_the_way(directory: Path, file: PurePosixPath) -> Iterator[PurePosixPath]:
    """The file itself, and folders on its way that are none, or lead elsewhere."""
    if os.path.lexists(directory / file):
        yield file
    for folder in file.parents[:-1]:
        path = directory / folder
        if os.path.lexists(path) and (path.is_symlink() or not path.is_dir()):
            yield folder
