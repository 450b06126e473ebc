"""What a kustomization says of itself, read from its own file without building it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from seedcore_deploy.errors import UsageError
from seedcore_deploy.sources.yaml_documents import Document, read_documents

_BUILT_ON = ("resources", "bases", "components")
_PLUGINS = ("generators", "transformers", "validators")
REMOTE = re.compile(r"://|^git@|\?ref=|^github\.com/")
"""What makes the name of a base one that kustomize fetches."""
KUSTOMIZATION_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")


@dataclass(frozen=True, slots=True)
class Kustomization:
    """One kustomization file: its own `namespace:`, and what it takes in from here and afar.

    `references` are what it builds on; `plugins` its generators, transformers and validators.
    """

    directory: Path
    file: Path
    document: Document
    namespace: str
    references: tuple[Path, ...]
    remotes: tuple[str, ...] = ()
    plugins: tuple[Path, ...] = ()

    @property
    def folders(self) -> tuple[Path, ...]:
        """The local kustomizations that it builds on: bases and components."""
        return tuple(path for path in self.references if kustomization_file(path) is not None)

    @property
    def plugin_folders(self) -> tuple[Path, ...]:
        """The local kustomizations that make or change its objects, and are none themselves."""
        return tuple(path for path in self.plugins if kustomization_file(path) is not None)


def kustomization_file(directory: Path) -> Path | None:
    """The kustomization file of a directory, under any of the names that kustomize takes."""
    return next(
        (directory / name for name in KUSTOMIZATION_NAMES if is_there(directory / name)), None
    )


def is_there(path: Path) -> bool:
    """Whether a file is there; not for what can be no name, as a text of more than 255 bytes."""
    try:
        return path.is_file()
    except OSError:
        return False


def read_kustomization(directory: Path) -> Kustomization:
    """The kustomization of a directory. Raises UsageError when there is none or it is no YAML."""
    file = kustomization_file(directory)
    if file is None:
        raise UsageError(f"{directory} has no kustomization.yaml", "name a directory that has one")
    found = read_documents(file)
    if len(found) > 1:
        raise UsageError(f"{file} holds {len(found)} documents", "keep one document in it")
    document = found[0] if found else {}
    namespace = document.get("namespace")
    names = _named(document, _BUILT_ON)
    plugins = _named(document, _PLUGINS)
    return Kustomization(
        directory,
        file,
        document,
        namespace if isinstance(namespace, str) else "",
        tuple(directory / name for name in names),
        tuple(name for name in (*names, *plugins) if REMOTE.search(name)),
        tuple(directory / name for name in plugins),
    )


def tree(directory: Path) -> Iterator[Kustomization]:
    """The kustomization, then those that it builds on, nearest first, each once.

    Raises UsageError as read_kustomization.
    """
    waiting = [directory]
    met: set[Path] = set()
    while waiting:
        folder = waiting.pop(0)
        if folder.resolve() in met:
            continue
        met.add(folder.resolve())
        found = read_kustomization(folder)
        yield found
        waiting.extend(found.folders)


def builds_on(directory: Path, base: Path) -> bool:
    """Whether `base` is among the kustomizations that `directory` is made of."""
    return any(part.directory.resolve() == base.resolve() for part in tree(directory))


def folders_of(directory: Path) -> tuple[Path, ...]:
    """The folders on this disk of all that is rendered: the kustomization's, and what it uses."""
    return tuple(
        folder for part in tree(directory) for folder in (part.directory, *part.plugin_folders)
    )


def remotes_of(directory: Path) -> tuple[str, ...]:
    """The remote bases that the kustomization, and those on this disk under it, build on."""
    return tuple(dict.fromkeys(name for part in tree(directory) for name in part.remotes))


def namespace_of(directory: Path) -> str:
    """The namespace that the objects get: the outermost `namespace:`; empty when there is none."""
    return next((part.namespace for part in tree(directory) if part.namespace), "")


def setting_of(directory: Path, configmap: str, key: str) -> str:
    """The value that the nearest ConfigMap of this name, generated or plain, has for the key."""
    for part in tree(directory):
        for value in (*_generated(part, configmap, key), *_plain(part, configmap, key)):
            return value
    return ""


def _generated(part: Kustomization, configmap: str, key: str) -> Iterator[str]:
    for generator in _objects(part.document.get("configMapGenerator")):
        if generator.get("name") != configmap:
            continue
        lines = list(_texts(generator.get("literals")))
        for name in (*_texts(generator.get("envs")), *_texts([generator.get("env")])):
            if is_there(part.directory / name):
                lines += (part.directory / name).read_text(errors="replace").splitlines()
        for line in lines:
            name, equals, value = line.strip().partition("=")
            if equals and name.strip() == key:
                yield value.strip("'\"")


def _plain(part: Kustomization, configmap: str, key: str) -> Iterator[str]:
    for path in part.references:
        if not is_there(path):
            continue
        for document in read_documents(path):
            metadata = document.get("metadata")
            name = metadata.get("name") if isinstance(metadata, dict) else None
            data = document.get("data")
            if document.get("kind") == "ConfigMap" and name == configmap:
                value = data.get(key) if isinstance(data, dict) else None
                if isinstance(value, str):
                    yield value


def _named(document: Document, keys: Iterable[str]) -> tuple[str, ...]:
    """Paths and addresses under the keys; a plugin may be written in place instead."""
    found = (name for key in keys for name in _texts(document.get(key)))
    return tuple(name for name in found if "\n" not in name and not name.startswith("{"))


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(item for item in value if isinstance(item, str) and item)


def _objects(value: object) -> tuple[Document, ...]:
    return (
        tuple(item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()
    )
