"""Reading many files for leftovers: only what may hold one is taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from seedcore_deploy.errors import UsageError
from seedcore_deploy.model.setting import RayInit, Setting, Unreadable
from seedcore_deploy.model.source import Position
from seedcore_deploy.sources.file_kinds import FileKind, kind_by_first_line, kind_by_name
from seedcore_deploy.sources.git import place_of
from seedcore_deploy.sources.kustomization import KUSTOMIZATION_NAMES
from seedcore_deploy.sources.leftovers.compose import read_compose
from seedcore_deploy.sources.leftovers.dockerfile import read_dockerfile
from seedcore_deploy.sources.leftovers.env_file import read_env_file
from seedcore_deploy.sources.leftovers.helm import read_template, read_values
from seedcore_deploy.sources.leftovers.manifest import read_manifests
from seedcore_deploy.sources.leftovers.python_code import PythonFault, read_python
from seedcore_deploy.sources.leftovers.shell import read_shell
from seedcore_deploy.sources.overlays import shown
from seedcore_deploy.sources.source_text import SourceText, TooLarge
from seedcore_deploy.sources.workspace import Workspace
from seedcore_deploy.sources.yaml_documents import YamlFault, check_bounds
from seedcore_deploy.sources.yaml_nodes import compose, is_mapping
from seedcore_deploy.sources.yaml_nodes import field as field_of

_ADDRESS = re.compile(r"ray[_-]?address", re.IGNORECASE)
_ADDRESS_BYTES = re.compile(rb"ray[_-]?address", re.IGNORECASE)
_LOOKED_THROUGH = 64 * 1024 * 1024
_RAY_CODE = re.compile(r"\bray\b|RAY_ADDRESS")
_CALLS = re.compile(r"\binit\b|RAY_ADDRESS")
_SUSPICIOUS = re.compile(
    r"[\[{][\[{\s]{49}|(?:-[ ]){50}|(?:\?[ ]){50}|^[ ]{400}|\*\w+[\s,]+\*\w+[\s,]+\*\w+[\s,]+\*\w",
    re.MULTILINE,
)
"""What hostile YAML looks like: deep nesting, and aliases in rows. Worth counting its nodes."""

_NO_OTHER_KIND = (None, FileKind.MAYBE_SCRIPT)
_YAML_KINDS = frozenset({FileKind.YAML, FileKind.COMPOSE, FileKind.HELM_VALUES})


@dataclass(slots=True)
class Scan:
    """What was found so far; `read` are the files that a reader took, each as what."""

    workspace: Workspace
    settings: list[Setting] = field(default_factory=list)
    inits: list[RayInit] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    read: dict[Path, FileKind] = field(default_factory=dict)
    _env_files: list[Path] = field(default_factory=list)

    def files(self, paths: Iterable[Path], within: Iterable[Path] = ()) -> None:
        """Read files, given resolved, each once.

        Env files that a Compose file names are read where they lie within one of the folders
        `within`.
        """
        for path in paths:
            if kind := kind_by_name(path.name):
                self._file(path, kind)
        allowed = [folder.resolve() for folder in within]
        while self._env_files:
            path = self._env_files.pop().resolve()
            inside = any(path.is_relative_to(folder) for folder in allowed)
            if inside and path.is_file() and kind_by_name(path.name) in _NO_OTHER_KIND:
                self._file(path, FileKind.ENV_FILE)

    def _file(self, path: Path, kind: FileKind) -> None:
        if self.read.get(path, FileKind.MAYBE_SCRIPT) is not FileKind.MAYBE_SCRIPT:
            return
        self.read[path] = kind
        try:
            source = self.workspace.text(path)
            if kind is FileKind.MAYBE_SCRIPT:
                found = kind_by_first_line(source.text[:200].encode())
                if found is None:
                    del self.read[path]  # a Makefile, a LICENSE: nobody can tell what is in it
                    return
                kind = self.read[path] = found
            self._source(path, source, kind)
        except UsageError as fault:
            suspect = not isinstance(fault, TooLarge) or _names_ray(path)
            if suspect or path.suffix != ".json":  # data; no manifest of that size can be applied
                at = position_of(fault, path)
                self.unreadable.append(Unreadable(at, fault.what, fault.mend, suspect))

    def _source(self, path: Path, source: SourceText, kind: FileKind) -> None:
        if kind is FileKind.PYTHON:
            if _RAY_CODE.search(source.text) and _CALLS.search(source.text):
                found = read_python(source, place_of(path))
                self.inits += found.inits
                self.settings += found.settings
            return
        named = _ADDRESS.search(source.text) is not None
        if kind in _YAML_KINDS:
            self._yaml(path, source, kind, named=named)
        elif not named:
            return
        elif kind is FileKind.ENV_FILE:
            self.settings += read_env_file(source)
        elif kind is FileKind.DOCKERFILE:
            self.settings += read_dockerfile(source)
        elif kind is FileKind.SHELL:
            self.settings += read_shell(source)

    def _yaml(self, path: Path, source: SourceText, kind: FileKind, *, named: bool) -> None:
        names_env_files = kind is FileKind.COMPOSE and "env_file" in source.text
        if not named and not names_env_files:
            if _SUSPICIOUS.search(source.text):
                _check(source)
            return
        if path.name in KUSTOMIZATION_NAMES:
            return  # read with its overlay
        if "{{" in source.text and not _is_yaml(source):
            self.settings += read_template(source)
            return
        if kind is FileKind.HELM_VALUES:
            self.settings += read_values(source)
        elif kind is FileKind.COMPOSE or _has_services(source):
            found = read_compose(source)
            self.settings += found.settings
            self._env_files += (path.parent / name for name in found.env_files)
        else:
            self.settings += read_manifests(source)


def _names_ray(path: Path) -> bool:
    """Whether a large file has the name; one that is too large even to look through counts."""
    try:
        with path.open("rb") as file:
            content = file.read(_LOOKED_THROUGH + 1)
    except OSError:
        return True
    return len(content) > _LOOKED_THROUGH or _ADDRESS_BYTES.search(content) is not None


def _check(source: SourceText) -> None:
    """Only what hostile text is made of is a fault of a file that does not matter else."""
    try:
        check_bounds(source.text, source.file)
    except (yaml.YAMLError, ValueError):
        return


def _is_yaml(source: SourceText) -> bool:
    try:
        compose(source)
    except YamlFault:
        return False
    return True


def _has_services(source: SourceText) -> bool:
    """Whether it is a Compose file under another name."""
    roots = compose(source)
    services = field_of(roots[0], "services") if len(roots) == 1 else None
    return is_mapping(services) and field_of(roots[0], "kind") is None


def position_of(fault: UsageError, path: Path) -> Position:
    """Where in a file an error stands, as far as it tells."""
    line = fault.line if isinstance(fault, YamlFault | PythonFault) else 1
    column = fault.column if isinstance(fault, YamlFault) else 1
    return Position(shown(path), line, column)
