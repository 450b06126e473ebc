"""The tree that `init` writes: this project's own manifests, kept once, under deploy/."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from seedcore_deploy.errors import CouldNotLook, UsageError
from seedcore_deploy.sources.settings import SETTINGS_FILE

_PACKAGE = Path(__file__).resolve().parent.parent
_INSTALLED = _PACKAGE / "starter"
_IN_A_CHECKOUT = _PACKAGE.parent
_PARTS = ("deploy/kustomize", "deploy/rbac", SETTINGS_FILE.as_posix())
_KINDS = {".yaml", ".env", ".toml"}
"""Whatever else lies in a checkout (an editor's copies) is not ours to hand on."""

COMPOSE_ENV = PurePosixPath("docker/.env")
_SHARED_ENV = PurePosixPath("../deploy/kustomize/base/seedcore.env")
_NAMED = 5


def starter_files() -> tuple[PurePosixPath, ...]:
    """What the tree holds, relative to its root, in order; the link for Compose is the last.

    Raises CouldNotLook when the installation lacks it.
    """
    root = _root()
    found = sorted(path for part in _PARTS for path in _files(root / part))
    return (*(PurePosixPath(path.relative_to(root).as_posix()) for path in found), COMPOSE_ENV)


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
        target.symlink_to(_SHARED_ENV)
        written.append(target)
        return
    content = (_root() / file).read_bytes()
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


def _files(part: Path) -> Iterator[Path]:
    for path in part.rglob("*") if part.is_dir() else (part,):
        if path.suffix in _KINDS and not path.name.startswith(".") and path.is_file():
            yield path


def _root() -> Path:
    """Where the wheel puts the tree; in an editable checkout, the checkout itself."""
    for root in (_INSTALLED, _IN_A_CHECKOUT):
        if all((root / part).exists() for part in _PARTS):
            return root
    raise CouldNotLook(
        "the manifests that init writes are not installed",
        "install seedcore-deploy again from its wheel",
    )
