"""A rendered overlay as documents, and what can be said of them without judging the contract."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedcore_deploy.errors import UsageError
from seedcore_deploy.sources.yaml_documents import Document, documents

_CLUSTER_WIDE = frozenset(
    {"Namespace", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "PriorityClass"}
)


@dataclass(frozen=True, slots=True, order=True)
class ObjectName:
    """What tells one object from another within a namespace."""

    group: str
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind.lower()}/{self.name}"


@dataclass(frozen=True, slots=True)
class RenderedOverlay:
    """The text that kustomize made of a directory; `restricted`: only without load restrictor."""

    directory: Path
    name: str
    text: str
    restricted: bool
    documents: tuple[Document, ...]

    @property
    def names(self) -> tuple[ObjectName, ...]:
        """The names of all objects in it, in the order in which they are sent."""
        return tuple(object_name(document) for document in self.documents)

    @property
    def objects(self) -> frozenset[ObjectName]:
        """The names of all objects in it."""
        return frozenset(self.names)


def rendered_overlay(directory: Path, name: str, text: str, restricted: bool) -> RenderedOverlay:
    """The render with its documents. Raises UsageError for an object without kind or name."""
    found = documents(text, f"the render of {name}")
    for document in found:
        if not object_name(document).kind or not object_name(document).name:
            raise UsageError(
                f"the render of {name} holds an object without kind or metadata.name",
                "give it both",
            )
    return RenderedOverlay(directory, name, text, restricted, found)


def refuse_other_namespaces(rendered: RenderedOverlay, namespace: str) -> None:
    """Raises UsageError when any object of the render says another namespace."""
    for document in rendered.documents:
        own = _metadata(document).get("namespace")
        if isinstance(own, str) and own != namespace:
            raise UsageError(
                f"overlay {rendered.name} puts {object_name(document)} into namespace {own}, "
                f"not into {namespace}",
                f"say `seedcore-deploy apply {own}`, or choose another overlay with --overlay",
            )


def object_name(document: Document) -> ObjectName:
    """Group, kind and name of a document; empty where it does not say."""
    group, slash, _ = str(document.get("apiVersion") or "").partition("/")
    return ObjectName(
        group if slash else "",
        str(document.get("kind") or ""),
        str(_metadata(document).get("name") or ""),
    )


def is_namespaced(document: Document) -> bool:
    """Whether the object lives in a namespace, for the kinds that overlays commonly hold."""
    return str(document.get("kind")) not in _CLUSTER_WIDE


def merged(first: Iterable[Document], then: Iterable[Document]) -> tuple[Document, ...]:
    """What is there after applying `first` and `then`: the later object of a name wins."""
    by_name = {object_name(document): document for document in (*first, *then)}
    return tuple(by_name.values())


def operator_replaces_pods(documents: Iterable[Document]) -> bool:
    """Whether KubeRay itself has new pods made when the spec of its object changes.

    A RayCluster has it with upgradeStrategy Recreate, a RayService unless that is None.
    """
    for document in documents:
        spec = document.get("spec")
        strategy = spec.get("upgradeStrategy") if isinstance(spec, dict) else None
        kind = strategy.get("type") if isinstance(strategy, dict) else None
        if document.get("kind") == "RayService":
            return kind != "None"
        if document.get("kind") == "RayCluster":
            return kind == "Recreate"
    return False


def _metadata(document: Document) -> dict[str, Any]:
    metadata = document.get("metadata")
    return metadata if isinstance(metadata, dict) else {}
