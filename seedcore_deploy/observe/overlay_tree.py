"""An overlay as lint sees it: its source files, and what kubectl renders of them."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from seedcore_deploy.errors import CouldNotLook, UsageError
from seedcore_deploy.kubectl import Kubectl
from seedcore_deploy.kubectl_errors import RenderFailed
from seedcore_deploy.model.disclosure import Discloser
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.lint import LintGap, RenderedObject, Tree
from seedcore_deploy.model.setting import Unreadable
from seedcore_deploy.model.snapshot import Manifests
from seedcore_deploy.model.source import Position
from seedcore_deploy.observe.containers import Json
from seedcore_deploy.observe.manifests import manifests_from_documents
from seedcore_deploy.observe.references import needed_configmaps
from seedcore_deploy.sources.file_kinds import FileKind, kind_by_name
from seedcore_deploy.sources.git import repository_of
from seedcore_deploy.sources.kustomization import folders_of, kustomization_file
from seedcore_deploy.sources.leftovers.scan import position_of
from seedcore_deploy.sources.overlay_source import joined, overlay_files
from seedcore_deploy.sources.overlays import base_applied_before, shown
from seedcore_deploy.sources.rendered import merged, object_name, rendered_overlay
from seedcore_deploy.sources.settings import root_of
from seedcore_deploy.sources.workspace import Workspace
from seedcore_deploy.sources.yaml_documents import Document, YamlFault
from seedcore_deploy.sources.yaml_nodes import repeated_key

FindKubectl = Callable[[], Kubectl]


@dataclass(frozen=True, slots=True)
class TreeLook:
    """What looking at an overlay gave: the tree, or why there is none; and the files it has."""

    tree: Tree | None = None
    files: tuple[Path, ...] = ()
    gap: LintGap | None = None
    unreadable: Unreadable | None = None


@dataclass(frozen=True, slots=True)
class OverlayLooker:
    """Looks at overlays. Nothing that leads out of an overlay's repository is read."""

    workspace: Workspace
    kubectl: FindKubectl
    discloser: Discloser

    def look(self, directory: Path) -> TreeLook:
        """The overlay in a directory, rendered unless its files forbid it."""
        try:
            found = overlay_files(directory, self.workspace, boundary_of(directory))
            base = base_applied_before(directory)
            if base is not None:
                then = overlay_files(base, self.workspace, boundary_of(base))
                found = joined(found, then)
        except UsageError as fault:
            file = kustomization_file(directory) or directory
            at = position_of(fault, file)
            if isinstance(fault, YamlFault) and fault.source:
                at = replace(at, file=fault.source)
            return TreeLook(unreadable=Unreadable(at, fault.what, fault.mend))
        tree = Tree(shown(directory), found.source)
        if any(each.leads_out for each in found.source.kustomizations):
            return TreeLook(tree, found.files)
        for what, at in found.unbuildable:
            gap = LintGap(
                at,
                f"{tree.overlay} was not rendered: it needs {what}",
                "vendor it into the repository, or run `seedcore-deploy diff` where it can be had",
            )
            return TreeLook(tree, found.files, gap)
        try:
            documents = self._rendered(directory, found.files)
            first = self._rendered(base, found.files) if base is not None else ()
            tree = replace(tree, differing=tuple(_differing(first, documents)))
            judged = judged_tree(tree, merged(first, documents), self.discloser)
            return TreeLook(judged, found.files)
        except RenderFailed as fault:
            failed = self._failed(tree, fault, found.files, boundary_of(directory))
            return TreeLook(failed, found.files)
        except (CouldNotLook, UsageError) as fault:
            inside = boundary_of(directory)
            why, mend = _as_shown(fault.what, inside), _as_shown(fault.mend, inside)
            gap = LintGap(found.source.at, why, mend)
            return TreeLook(tree, found.files, gap)

    def _rendered(self, directory: Path, files: Sequence[Path]) -> tuple[Document, ...]:
        kubectl = self.kubectl()
        if not self.workspace.changed:
            text = kubectl.kustomize(directory).text
        else:
            with tempfile.TemporaryDirectory(prefix="seedcore-lint-") as copy:
                self._copied(Path(copy), directory, files)
                try:
                    text = kubectl.kustomize(_within(Path(copy), directory)).text
                except RenderFailed as fault:
                    raise fault.without(copy) from fault
        return rendered_overlay(directory, shown(directory), text, restricted=False).documents

    def _failed(self, tree: Tree, fault: RenderFailed, files: Sequence[Path], inside: Path) -> Tree:
        at = Position(shown(fault.file), max(fault.line, 1)) if fault.file else None
        if at is None and "already defined" in fault.what:
            at = self._repeated_key(files)
        return replace(
            tree,
            failure=_as_shown(fault.what, inside),
            failed_at=at,
            mend=_as_shown(fault.mend, inside),
            twice=fault.twice,
        )

    def _repeated_key(self, files: Sequence[Path]) -> Position | None:
        """kustomize tells the line of a key that stands twice, and not the file."""
        for file in files:
            if kind_by_name(file.name) is not FileKind.YAML:
                continue
            source = self.workspace.text(file)
            offset = repeated_key(source)
            if offset is not None:
                return source.at(offset)
        return None

    def _copied(self, copy: Path, directory: Path, files: Sequence[Path]) -> None:
        """The overlay's folders at their places below another root, with the edits made."""
        for folder in folders_of(directory):
            for file in _files_below(folder):
                _copy(file, _within(copy, file))
        for file in files:
            _copy(file, _within(copy, file))
        for path, source in self.workspace.changed.items():
            target = _within(copy, path)
            if target.exists():
                target.unlink()
                target.write_bytes(source.to_bytes())


def _differing(first: Sequence[Document], then: Sequence[Document]) -> Iterator[Subject]:
    """The keys of ConfigMaps that two steps of an apply set otherwise."""
    before = {object_name(each): each.get("data") for each in first}
    for each in then:
        name, data = object_name(each), each.get("data")
        other = before.get(name)
        if name.kind == "ConfigMap" and isinstance(data, dict) and isinstance(other, dict):
            keys = sorted({*data, *other}, key=str)
            unlike = [str(key) for key in keys if data.get(key) != other.get(key)]
            if unlike:
                yield Subject(name.kind, name.name, unlike[0])


def boundary_of(directory: Path) -> Path:
    """The folder that all files of an overlay must lie in: its repository, else the present one."""
    here, top = directory.resolve(), Path.cwd().resolve()
    known = repository_of(directory) or root_of(directory)
    if known is not None:
        return known.resolve()
    return top if here.is_relative_to(top) else here


def judged_tree(tree: Tree, documents: Sequence[Json], discloser: Discloser) -> Tree:
    """The tree with its render, in the shapes that are judged."""
    whole = manifests_from_documents(documents, tree.overlay, discloser)
    alone = replace(whole, workloads=())
    clusters = whole.rayclusters if len(whole.rayclusters) > 1 else ()
    jobs = _of_jobs(documents, tree.overlay, discloser)
    others = (*((each,) for each in clusters), *(each.rayclusters for each in jobs))
    return replace(
        tree,
        manifests=whole,
        others=tuple(replace(alone, rayclusters=each) for each in others),
        objects=tuple(_objects(documents)),
    )


def _of_jobs(documents: Sequence[Json], overlay: str, discloser: Discloser) -> Iterator[Manifests]:
    """Each RayJob as the RayCluster that KubeRay makes of its rayClusterSpec."""
    for each in documents:
        spec = each.get("spec") if each.get("kind") == "RayJob" else None
        cluster = spec.get("rayClusterSpec") if isinstance(spec, dict) else None
        if cluster:
            made = {**each, "kind": "RayCluster", "spec": cluster}
            yield manifests_from_documents([made], overlay, discloser)


def _objects(documents: Sequence[Json]) -> Iterator[RenderedObject]:
    for each in documents:
        name = object_name(each)
        namespace = (each.get("metadata") or {}).get("namespace")
        yield RenderedObject(
            name.kind,
            name.name,
            namespace if isinstance(namespace, str) else "",
            needed_configmaps(each),
        )


def _as_shown(text: str, inside: Path) -> str:
    """A text with the absolute paths in or below a folder as the others are shown."""
    absolute = rf"{re.escape(str(inside))}(?=[/\s'\":;,)`\]]|\Z)[^\s'\":;,)`\]]*"
    return re.sub(absolute, lambda found: shown(Path(found[0])), text)


def _within(copy: Path, path: Path) -> Path:
    return copy / path.resolve().relative_to("/")


def _files_below(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_symlink() and path.is_dir():
            continue
        if path.is_dir():
            yield from _files_below(path)
        elif path.is_file():
            yield path


def _copy(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        shutil.copyfile(file, target)
