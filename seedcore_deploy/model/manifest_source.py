"""What stands in the source files of an overlay, each part with its place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from seedcore_deploy.model.source import Edit, Position

YamlPath = tuple[str | int, ...]


class Mentioned(StrEnum):
    """What a part of a manifest names."""

    ENV = "env"
    CONFIGMAP = "configMapRef"
    CONFIGMAP_KEY = "configMapKeyRef"
    CONTAINER = "container"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Mention:
    """A part of an object that names something: an `env` entry, a reference, a container, a key.

    `path` leads to it from the object's root. `value` is the literal of an env entry or key, the
    key of a configMapKeyRef; None where there is none. `removal` takes it away.
    """

    what: Mentioned
    name: str
    at: Position
    path: YamlPath
    value: str | None = None
    removal: Edit | None = None


@dataclass(frozen=True, slots=True)
class ObjectSource:
    """An object as a file has it, or a patch of one (whose `name` may be empty).

    `at` is where metadata.name stands; `document` the number of the YAML document.
    """

    kind: str
    name: str
    namespace: str
    at: Position
    document: int
    mentions: tuple[Mention, ...]
    patch: bool = False
    namespace_at: Position | None = None


@dataclass(frozen=True, slots=True)
class KeySource:
    """A key of a ConfigMap in the source; `value` is None where it is a whole file."""

    key: str
    value: str | None
    at: Position
    removal: Edit | None = None


@dataclass(frozen=True, slots=True)
class GeneratorSource:
    """An entry of configMapGenerator: its keys with their places; `envs` are its files as shown."""

    configmap: str
    at: Position
    keys: tuple[KeySource, ...] = ()
    envs: tuple[str, ...] = ()
    behavior: str = ""


@dataclass(frozen=True, slots=True)
class KustomizationSource:
    """One kustomization file. `restricted` are the names in it that lead out of its own folder.

    `affix` is where namePrefix or nameSuffix stands; `leads_out` are those of `restricted` that
    lead out of the repository as well.
    """

    at: Position
    namespace: str
    generators: tuple[GeneratorSource, ...] = ()
    affix: Position | None = None
    restricted: tuple[tuple[str, Position], ...] = ()
    leads_out: tuple[tuple[str, Position], ...] = ()


@dataclass(frozen=True, slots=True)
class TreeSource:
    """All source files of an overlay: the overlay's own first, then what it builds on."""

    kustomizations: tuple[KustomizationSource, ...]
    objects: tuple[ObjectSource, ...]

    @property
    def at(self) -> Position:
        """The overlay's own kustomization file."""
        return self.kustomizations[0].at

    def generators(self, configmap: str) -> tuple[GeneratorSource, ...]:
        """The generators of a ConfigMap, the overlay's own first."""
        return tuple(
            generator
            for each in self.kustomizations
            for generator in each.generators
            if generator.configmap == configmap
        )
