"""Helm: RAY_ADDRESS in values files, and in templates, which are no YAML yet."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seedcore_deploy.model.setting import ADDRESS, Place, Setting
from seedcore_deploy.sources.source_text import SourceText
from seedcore_deploy.sources.yaml_nodes import (
    Node,
    compose,
    field,
    items,
    pairs,
    start_of,
    text_of,
)

_TEMPLATED = "{{"
_LIKE_ADDRESS = re.compile(r"ray[_-]?address\Z", re.IGNORECASE)
_LITERAL = re.compile(r"\w+://|[\w.-]+:\d+\Z")
_IN_TEMPLATE = re.compile(
    rf"name:[ \t]*[\"']?(?P<name>{ADDRESS})[\"']?[ \t]*\r?\n[ \t]*value:[ \t]*(?P<value>[^\r\n]+)"
)


def read_values(source: SourceText) -> tuple[Setting, ...]:
    """Where a values file has RAY_ADDRESS: as a key, or as an entry of a list. Raises YamlFault."""
    return tuple(each for root in compose(source) for each in _walk(source, root, ()))


def _walk(source: SourceText, node: Node, path: tuple[str, ...]) -> Iterator[Setting]:
    for item in items(node):
        name = field(item, "name")
        if name is not None and text_of(name) == ADDRESS:
            yield from _setting(source, name, text_of(field(item, "value")), path)
        else:
            yield from _walk(source, item, path)
    for key, value in pairs(node):
        text = text_of(value)
        alike = _LIKE_ADDRESS.match(str(key.value)) and text and _LITERAL.match(text)
        if key.value == ADDRESS or alike:
            yield from _setting(source, key, text, (*path, str(key.value)))
        else:
            yield from _walk(source, value, (*path, str(key.value)))


def _setting(
    source: SourceText, node: Node, text: str | None, path: tuple[str, ...]
) -> Iterator[Setting]:
    """No edits: a template that names the key may need it."""
    if text and _TEMPLATED not in text:
        yield Setting(Place.HELM, source.at(start_of(node)), text, ".".join(path))


def read_template(source: SourceText) -> tuple[Setting, ...]:
    """Where a chart's template gives RAY_ADDRESS a value of its own."""
    return tuple(
        Setting(Place.HELM, source.at(match.start("name")), match["value"].strip().strip("\"'"))
        for match in _IN_TEMPLATE.finditer(source.text)
        if _TEMPLATED not in match["value"]
    )
