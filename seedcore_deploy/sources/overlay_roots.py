"""Which kustomizations are overlays to render by themselves, and not what others build on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from seedcore_deploy.errors import UsageError
from seedcore_deploy.sources.kustomization import read_kustomization
from seedcore_deploy.sources.overlays import base_applied_before


def roots_among(folders: Collection[Path]) -> tuple[Path, ...]:
    """The folders that no other one of them builds on; Components build nothing by themselves.

    What cannot be read counts, so that somebody says why.
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
    return tuple(each for each in roots if each.resolve() not in bases)


def _applied_before(folder: Path) -> Iterator[Path]:
    try:
        base = base_applied_before(folder)
    except UsageError:
        return
    if base is not None:
        yield base.resolve()
