"""Which overlays are to be rendered for the files that are given, and not what they build on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from seedcore_deploy.errors import UsageError
from seedcore_deploy.sources.kustomization import (
    KUSTOMIZATION_NAMES,
    is_there,
    kustomization_file,
    read_kustomization,
)
from seedcore_deploy.sources.overlays import base_applied_before

_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class _Node:
    """A kustomization: what it names on this disk, and what makes it one to render or not.

    All paths are resolved; `names` holds files, and folders that have a kustomization.
    """

    folder: Path
    names: frozenset[Path]
    namespace: str = ""
    is_component: bool = False
    unreadable: bool = False


def overlays_for(
    given: Collection[Path], folders: Iterable[Path], pinned: Collection[Path] = ()
) -> tuple[Path, ...]:
    """The overlays among the folders, all resolved, that take in one of the given files.

    An overlay is what nothing else builds on, and what is meant to be applied by itself: it lies
    in a folder `overlays`, is `pinned` to a namespace, or says its namespace and is no base. A
    kustomization that cannot be read counts, so that somebody says why.
    """
    nodes = {folder: _node(folder) for folder in sorted(set(folders))}
    built_on = {name for each in nodes.values() for name in each.names if name != each.folder}
    return tuple(
        folder
        for folder, node in nodes.items()
        if _is_overlay(node, built_on, pinned) and _takes_in(node, nodes, given)
    )


def _is_overlay(node: _Node, built_on: Collection[Path], pinned: Collection[Path]) -> bool:
    if node.is_component:
        return False
    meant = node.folder.parent.name == "overlays" or node.folder in pinned
    by_itself = node.namespace and node.folder.name != "base"
    return bool(meant or by_itself or node.folder not in built_on)


def _takes_in(node: _Node, nodes: dict[Path, _Node], given: Collection[Path]) -> bool:
    """Whether it is given, or names what is, by itself or through what it builds on."""
    waiting, met = [node.folder], set[Path]()
    while waiting:
        folder = waiting.pop()
        if folder in met:
            continue
        met.add(folder)
        if folder not in nodes:
            nodes[folder] = _node(folder)  # outside of what is searched, as an ignored folder is
        part = nodes[folder]
        file = kustomization_file(folder)
        if file in given or not part.names.isdisjoint(given):
            return True
        if part.unreadable and file is not None and _may_name(file, given):
            return True
        waiting += (name for name in part.names if name.is_dir())
    return False


def _node(folder: Path) -> _Node:
    try:
        found = read_kustomization(folder)
    except UsageError:
        return _Node(folder, frozenset(), unreadable=True)
    names = {path for text in _texts(found.document) for path in _named(folder, text)}
    try:
        base = base_applied_before(folder)
    except UsageError:
        base = None
    if base is not None:
        names.add(base.resolve())
    is_component = found.document.get("kind") == "Component"
    return _Node(folder, frozenset(names), found.namespace, is_component)


def _texts(value: object) -> Iterator[str]:
    """All texts in a document: whatever key it stands under, it may name a file."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _named(folder: Path, text: str) -> Iterator[Path]:
    """The file, or folder with a kustomization, that a text names; a generator's is `KEY=FILE`."""
    for name in {text, text.partition("=")[2]}:
        if not name or "\n" in name or len(name) > _LONGEST_NAME:
            continue
        path = folder / name
        if is_there(path) or kustomization_file(path) is not None:
            yield path.resolve()


def _may_name(file: Path, given: Iterable[Path]) -> bool:
    """Whether a kustomization that is no YAML has the name of a given file, or of its folder."""
    text = file.read_text("utf-8", "replace")
    return any(
        (path.parent.name if path.name in KUSTOMIZATION_NAMES else path.name) in text
        for path in given
    )
