"""Which kustomizations are overlays to render by themselves, and not what others build on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from seedcore_deploy.errors import UsageError
from seedcore_deploy.sources.kustomization import (
    folders_of,
    kustomization_file,
    read_kustomization,
)
from seedcore_deploy.sources.overlays import base_applied_before

_OVERLAYS = "overlays"


def overlays_among(
    folders: Collection[Path], files: Collection[Path], known: Iterable[Path]
) -> tuple[Path, ...]:
    """The overlays that a look at some files has to render.

    `folders` are the kustomizations among the files, `known` the overlays of the repository. Those
    that are made of one of the files come first, also where only their base was given: a base
    alone lacks what they add. Then those of other folders that no other one builds on.
    """
    near = {file.parent.resolve() for file in files}
    beside = (each for folder in folders for each in _beside(folder))
    made_of = {each.resolve(): _parts(each) for each in (*known, *beside)}
    touched = {each: parts for each, parts in made_of.items() if parts & near}
    covered = {part for parts in touched.values() for part in parts}
    others = roots_among([each for each in folders if each.resolve() not in covered])
    shown = {each.resolve(): each for each in (*folders, *known)}
    return (*(shown.get(each, each) for each in touched), *others)


def _beside(folder: Path) -> Iterator[Path]:
    """The overlays beside a base, as most repositories have them."""
    place = folder.parent / _OVERLAYS
    if not place.is_dir():
        return
    for each in sorted(place.iterdir()):
        if not each.is_symlink() and each.is_dir() and kustomization_file(each) is not None:
            yield each


def _parts(overlay: Path) -> set[Path]:
    """The folders that an overlay is made of; itself alone where that cannot be read."""
    own = {overlay.resolve()}
    try:
        return (
            own | {each.resolve() for each in folders_of(overlay)} | set(_applied_before(overlay))
        )
    except UsageError:
        return own


def roots_among(folders: Collection[Path]) -> tuple[Path, ...]:
    """The folders that no other one of them builds on; Components build nothing by themselves.

    One in a folder of overlays is meant to be applied, whoever builds on it besides. What cannot
    be read counts, so that somebody says why.
    """
    bases: set[Path] = set()
    roots = []
    for folder in sorted(folders):
        try:
            found = read_kustomization(folder)
        except UsageError:
            roots.append(folder)
            continue
        bases.update(each.resolve() for each in found.folders)
        bases.update(_applied_before(folder))
        if found.document.get("kind") != "Component":
            roots.append(folder)
    return tuple(
        each
        for each in roots
        if each.resolve() not in bases or each.resolve().parent.name == _OVERLAYS
    )


def _applied_before(folder: Path) -> Iterator[Path]:
    try:
        base = base_applied_before(folder)
    except UsageError:
        return
    if base is not None:
        yield base.resolve()
