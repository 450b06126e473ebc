"""Kubernetes objects in a YAML file, and patches of them, with the place of what they name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from seedcore_deploy.model.manifest_source import (
    Mention,
    Mentioned,
    ObjectSource,
    YamlPath,
)
from seedcore_deploy.model.source import Edit
from seedcore_deploy.sources.source_text import SourceText
from seedcore_deploy.sources.yaml_nodes import (
    Node,
    compose,
    entry_removal,
    field,
    is_mapping,
    items,
    pair_removal,
    pairs,
    start_of,
    text_of,
)

_CONTAINERS = frozenset({"containers", "initContainers", "ephemeralContainers"})


def objects_in(source: SourceText) -> tuple[ObjectSource, ...]:
    """The objects of a file; a List's items are objects too. Raises YamlFault."""
    found: list[ObjectSource] = []
    for number, root in enumerate(compose(source)):
        if text_of(field(root, "kind")) == "List":
            found += (
                _object(source, each, number, ("items", index))
                for index, each in enumerate(items(field(root, "items")))
            )
        elif is_mapping(root):
            found.append(_object(source, root, number, ()))
    return tuple(each for each in found if each.kind)


def patches_in(source: SourceText, kind: str = "", name: str = "") -> tuple[ObjectSource, ...]:
    """The patches of a text: partial objects, or lists of JSON patch operations.

    `kind` and `name` are the target that the kustomization names. Raises YamlFault.
    """
    found = []
    for number, root in enumerate(compose(source)):
        patch = _object(source, root, number, ())
        found.append(replace(patch, kind=patch.kind or kind, name=patch.name or name, patch=True))
    return tuple(found)


def _object(source: SourceText, root: Node, number: int, path: YamlPath) -> ObjectSource:
    metadata = field(root, "metadata")
    name = field(metadata, "name") if metadata else None
    namespace = field(metadata, "namespace") if metadata else None
    kind = text_of(field(root, "kind")) or ""
    return ObjectSource(
        kind=kind,
        name=text_of(name) or "",
        namespace=text_of(namespace) or "",
        at=source.at(start_of(name or root)),
        document=number,
        mentions=tuple(_Walk(source, kind).mentions(root, path)),
        namespace_at=source.at(start_of(namespace)) if namespace is not None else None,
    )


@dataclass(frozen=True, slots=True)
class _Walk:
    """One walk over an object's nodes."""

    source: SourceText
    kind: str

    def mentions(self, node: Node, path: YamlPath) -> Iterator[Mention]:
        """What a node and all under it name."""
        for index, item in enumerate(items(node)):
            yield from self.mentions(item, (*path, index))
        for key, value in pairs(node):
            here = (*path, key.value)
            if here == ("data",) and self.kind == "ConfigMap":
                yield from self._keys(value)
                continue
            if key.value == "env":
                yield from self._entries(node, value, here)
            elif key.value == "envFrom":
                yield from self._references(node, value, here)
            elif key.value in _CONTAINERS:
                yield from self._containers(value, here)
            elif key.value == "value" and _of_a_json_patch(node):
                yield from self._patched(node, value)
            yield from self.mentions(value, here)

    def _keys(self, data: Node) -> Iterator[Mention]:
        for key, value in pairs(data):
            yield Mention(
                Mentioned.DATA,
                str(key.value),
                self.source.at(start_of(key)),
                ("data", key.value),
                text_of(value),
                pair_removal(self.source, data, key, value),
            )

    def _containers(self, containers: Node, path: YamlPath) -> Iterator[Mention]:
        for index, container in enumerate(items(containers)):
            if name := field(container, "name"):
                at = self.source.at(start_of(name))
                yield Mention(Mentioned.CONTAINER, text_of(name) or "", at, (*path, index))

    def _entries(self, owner: Node, env: Node, path: YamlPath) -> Iterator[Mention]:
        for index, entry in enumerate(items(env)):
            removal = entry_removal(self.source, owner, "env", entry)
            yield from self._entry(entry, (*path, index), removal)

    def _entry(self, entry: Node, path: YamlPath, removal: Edit | None) -> Iterator[Mention]:
        name = field(entry, "name")
        if name is None:
            return
        value = field(entry, "value")
        mention = Mention(
            Mentioned.ENV,
            text_of(name) or "",
            self.source.at(start_of(name)),
            path,
            text_of(value),
            removal,
        )
        yield mention
        reference = field(entry, "valueFrom", "configMapKeyRef")
        named = field(reference, "name") if reference else None
        if reference is not None and named is not None:
            yield replace(
                mention,
                what=Mentioned.CONFIGMAP_KEY,
                name=text_of(named) or "",
                at=self.source.at(start_of(named)),
                value=text_of(field(reference, "key")),
            )

    def _references(self, owner: Node, refs: Node, path: YamlPath) -> Iterator[Mention]:
        for index, entry in enumerate(items(refs)):
            named = field(entry, "configMapRef", "name")
            if named is None:
                continue
            removal = entry_removal(self.source, owner, "envFrom", entry)
            yield Mention(
                Mentioned.CONFIGMAP,
                text_of(named) or "",
                self.source.at(start_of(named)),
                (*path, index),
                None,
                removal,
            )

    def _patched(self, operation: Node, value: Node) -> Iterator[Mention]:
        """A JSON patch that adds one entry to `env` or `envFrom`, or sets one's value."""
        parts = (text_of(field(operation, "path")) or "").strip("/").split("/")
        path = tuple(int(part) if part.isdigit() else part for part in parts)
        if len(parts) > 1 and parts[-2] == "env":
            yield from self._entry(value, path, None)
        elif len(parts) > 1 and parts[-2] == "envFrom":
            if named := field(value, "configMapRef", "name"):
                at = self.source.at(start_of(named))
                yield Mention(Mentioned.CONFIGMAP, text_of(named) or "", at, path)
        elif parts[-1] == "env":
            for index, entry in enumerate(items(value)):
                yield from self._entry(entry, (*path, index), None)


def _of_a_json_patch(node: Node) -> bool:
    return field(node, "op") is not None and field(node, "path") is not None
