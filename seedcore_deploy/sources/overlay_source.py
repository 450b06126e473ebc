"""The source files that an overlay is made of, read without building it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from seedcore_deploy.errors import UsageError
from seedcore_deploy.model.manifest_source import (
    GeneratorSource,
    KeySource,
    KustomizationSource,
    ObjectSource,
    TreeSource,
)
from seedcore_deploy.model.source import Position
from seedcore_deploy.sources.kustomization import REMOTE, is_there, kustomization_file
from seedcore_deploy.sources.leftovers.env_file import env_lines
from seedcore_deploy.sources.manifest_objects import objects_in, patches_in
from seedcore_deploy.sources.source_text import SourceText
from seedcore_deploy.sources.workspace import Workspace
from seedcore_deploy.sources.yaml_nodes import (
    Node,
    compose,
    entry_removal,
    items,
    start_of,
    text_of,
)
from seedcore_deploy.sources.yaml_nodes import field as field_of

_BASES = ("resources", "bases", "components")
_PATCHES = ("patches", "patchesStrategicMerge", "patchesJson6902")
_HELM = ("helmCharts", "helmChartInflationGenerator")


@dataclass(frozen=True, slots=True)
class OverlayFiles:
    """What an overlay is made of: its sources, and all files that are read for it.

    `unbuildable` says why it cannot be rendered offline: a remote base, a Helm chart; with where.
    """

    source: TreeSource
    files: tuple[Path, ...]
    unbuildable: tuple[tuple[str, Position], ...] = ()


def joined(first: OverlayFiles, then: OverlayFiles) -> OverlayFiles:
    """Two kustomizations that are applied one after the other; the first one has the last word."""
    return OverlayFiles(
        TreeSource(
            (*first.source.kustomizations, *then.source.kustomizations),
            (*first.source.objects, *then.source.objects),
        ),
        (*first.files, *then.files),
        (*first.unbuildable, *then.unbuildable),
    )


def overlay_files(directory: Path, workspace: Workspace, boundary: Path) -> OverlayFiles:
    """Read the overlay in a directory, then what it builds on, nearest first, each once.

    Nothing outside of `boundary` is read. Raises UsageError for a file that cannot be read.
    """
    reading = _Reading(workspace, boundary)
    waiting, met = [directory], set[Path]()
    while waiting:
        folder = waiting.pop(0)
        if folder.resolve() in met:
            continue
        met.add(folder.resolve())
        waiting += reading.folder(folder)
    return OverlayFiles(
        TreeSource(tuple(reading.kustomizations), tuple(reading.objects)),
        tuple(dict.fromkeys(reading.files)),
        tuple(reading.unbuildable),
    )


@dataclass(slots=True)
class _Reading:
    """One reading of an overlay: what was found so far."""

    workspace: Workspace
    boundary: Path
    kustomizations: list[KustomizationSource] = field(default_factory=list)
    objects: list[ObjectSource] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    unbuildable: list[tuple[str, Position]] = field(default_factory=list)
    _restricted: list[tuple[str, Position]] = field(default_factory=list)
    _leads_out: list[tuple[str, Position]] = field(default_factory=list)

    def folder(self, folder: Path) -> list[Path]:
        """Read one kustomization; returns the folders that it builds on."""
        file = kustomization_file(folder)
        if file is None:
            raise UsageError(f"{folder} has no kustomization.yaml", "name a directory that has one")
        source = self._text(file)
        root = next(iter(compose(source)), None)
        self._restricted, self._leads_out = [], []
        folders = list(self._bases(folder, source, root))
        self._patches(folder, source, root)
        generators = tuple(self._generators(folder, source, root))
        for name in _HELM:
            if (charts := field_of(root, name)) is not None:
                self.unbuildable.append(("Helm charts", source.at(start_of(charts))))
        affixes = (field_of(root, name) for name in ("namePrefix", "nameSuffix"))
        affix = next((node for node in affixes if node is not None and text_of(node)), None)
        self.kustomizations.append(
            KustomizationSource(
                at=Position(source.file),
                namespace=text_of(field_of(root, "namespace")) or "",
                generators=generators,
                affix=source.at(start_of(affix)) if affix is not None else None,
                restricted=tuple(self._restricted),
                leads_out=tuple(self._leads_out),
            )
        )
        return folders

    def _bases(self, folder: Path, source: SourceText, root: Node) -> Iterator[Path]:
        for key in _BASES:
            for node in items(field_of(root, key)):
                name = text_of(node) or ""
                if REMOTE.search(name):
                    at = source.at(start_of(node))
                    self.unbuildable.append((f"{name}, which is not on this disk", at))
                    continue
                path = folder / name
                if kustomization_file(path) is not None:
                    if self._is_within(path):
                        yield path
                    else:
                        self._leads_out.append((name, source.at(start_of(node))))
                elif text := self._file(folder, name, source, node):
                    self.objects += objects_in(text)

    def _patches(self, folder: Path, source: SourceText, root: Node) -> None:
        for key in _PATCHES:
            for node in items(field_of(root, key)):
                kind = text_of(field_of(node, "target", "kind")) or ""
                name = text_of(field_of(node, "target", "name")) or ""
                bare = node if text_of(node) else None  # a path, or the patch itself
                inline, path = field_of(node, "patch"), field_of(node, "path") or bare
                text = self._file(folder, text_of(path) or "", source, path) if path else None
                if text is not None:
                    self.objects += patches_in(text, kind, name)
                elif (written := inline or bare) is not None:
                    self.objects += patches_in(_inner(source, written), kind, name)

    def _generators(
        self, folder: Path, source: SourceText, root: Node
    ) -> Iterator[GeneratorSource]:
        for node in items(field_of(root, "configMapGenerator")):
            name = field_of(node, "name")
            keys: list[KeySource] = []
            literals = field_of(node, "literals")
            for literal in items(literals):
                key, _, value = (text_of(literal) or "").partition("=")
                at = source.at(start_of(literal))
                removal = entry_removal(source, node, "literals", literal)
                keys.append(KeySource(key.strip("'\" "), value.strip("'\""), at, removal))
            envs = []
            single = field_of(node, "env")
            for each in (*items(field_of(node, "envs")), *([single] if single else [])):
                if text := self._file(folder, text_of(each) or "", source, each):
                    keys += [
                        KeySource(line.name, line.value, text.at(line.start))
                        for line in env_lines(text)
                    ]
                    envs.append(text.file)
            for each in items(field_of(node, "files")):
                key, equals, path = (text_of(each) or "").partition("=")
                self._file(folder, path if equals else key, source, each)
                name_of_key = key if equals else Path(key).name
                keys.append(KeySource(name_of_key, None, source.at(start_of(each))))
            yield GeneratorSource(
                text_of(name) or "",
                source.at(start_of(name if name is not None else node)),
                tuple(keys),
                tuple(envs),
                text_of(field_of(node, "behavior")) or "",
            )

    def _file(self, folder: Path, name: str, source: SourceText, node: Node) -> SourceText | None:
        """The text of a file that a kustomization names; None where it may not be read."""
        path, at = folder / name, source.at(start_of(node))
        if not name or not is_there(path):
            return None
        if not self._is_within(path):
            self._leads_out.append((name, at))
            return None
        if not path.resolve().is_relative_to(folder.resolve()):
            self._restricted.append((name, at))
        return self._text(path)

    def _text(self, path: Path) -> SourceText:
        self.files.append(path)
        return self.workspace.text(path)

    def _is_within(self, path: Path) -> bool:
        return path.resolve().is_relative_to(self.boundary)


def _inner(source: SourceText, scalar: Node) -> SourceText:
    """A text within a scalar, at its place where it can be told; what stands before is blank."""
    start, end = start_of(scalar), int(scalar.end_mark.index)
    quote = 1 if scalar.style in ("'", '"') else 0
    as_written = source.text[start + quote : end - quote] == scalar.value
    if scalar.style == "|" and "\r" not in source.text:
        start = source.line_end(start)
    elif as_written:
        start, end = start + quote, end - quote
    else:
        return SourceText(source.file, str(scalar.value))
    before = re.sub(r"[^\n]", " ", source.text[:start])
    return SourceText(source.file, before + source.text[start:end])
