"""Changes to source files: single edits, and what is put into manifests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from seedcore_deploy.model.manifest_source import YamlPath
from seedcore_deploy.model.source import Edit


@dataclass(frozen=True, slots=True)
class AddReference:
    """A container reads a ConfigMap as well: after what it reads already, or `first`.

    `document` is the number of the YAML document in the file, `path` leads to the container.
    """

    file: str
    document: int
    path: YamlPath
    configmap: str
    first: bool = False


@dataclass(frozen=True, slots=True)
class AddGenerator:
    """A kustomization generates a ConfigMap of `literals` (KEY=value), without a hash."""

    file: str
    configmap: str
    literals: tuple[str, ...]


Change: TypeAlias = Edit | AddReference | AddGenerator
