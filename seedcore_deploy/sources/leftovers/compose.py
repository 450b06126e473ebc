"""Compose files: `environment` as map and list, `build.args`, and the files of `env_file`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from seedcore_deploy.model.setting import ADDRESS, Place, Setting
from seedcore_deploy.model.source import Edit
from seedcore_deploy.sources.source_text import SourceText
from seedcore_deploy.sources.yaml_nodes import (
    Node,
    compose,
    field,
    is_mapping,
    item_removal,
    items,
    pair_removal,
    pairs,
    start_of,
    text_of,
)

_INTERPOLATED = re.compile(r"\$(?!\$)")


@dataclass(frozen=True, slots=True)
class ComposeFile:
    """Where services get RAY_ADDRESS, and the env files that they name, as written."""

    settings: tuple[Setting, ...]
    env_files: tuple[str, ...]


def read_compose(source: SourceText) -> ComposeFile:
    """What a Compose file says. Raises YamlFault."""
    settings: list[Setting] = []
    files: list[str] = []
    for root in compose(source):
        for name, service in pairs(field(root, "services")):
            owner = f"service {name.value}"
            for holder, key, value in _fields(service):
                if key.value == "environment":
                    settings += _variables(source, holder, key, value, owner)
                elif key.value == "env_file":
                    files += _paths(value)
                elif key.value == "build" and (args := field(value, "args")) is not None:
                    settings += _variables(source, None, key, args, owner)
    once = {setting.at: setting for setting in settings}
    return ComposeFile(tuple(once.values()), tuple(dict.fromkeys(files)))


def _fields(mapping: Node, depth: int = 0) -> Iterator[tuple[Node, Node, Node]]:
    """The fields of a mapping and of those that it merges (`<<`), each with its holder."""
    for key, value in pairs(mapping):
        if key.value == "<<" and depth < 10:
            for merged in items(value) or (value,):
                yield from _fields(merged, depth + 1)
        else:
            yield mapping, key, value


def _variables(
    source: SourceText, holder: Node | None, key: Node, value: Node, owner: str
) -> Iterator[Setting]:
    only = None if holder is None else pair_removal(source, holder, key, value)
    if is_mapping(value):
        for inner, name, scalar in _fields(value):
            text = text_of(scalar)
            if name.value == ADDRESS and text:
                single = inner is value and len(value.value) == 1
                removal = only if single else pair_removal(source, inner, name, scalar)
                yield _setting(source, start_of(name), text, owner, removal)
    for item in items(value):
        name_text, equals, text = (text_of(item) or "").partition("=")
        if name_text.strip() == ADDRESS and equals and text:
            removal = only if len(items(value)) == 1 else item_removal(source, value, item)
            yield _setting(source, start_of(item), text, owner, removal)


def _setting(
    source: SourceText, start: int, text: str, owner: str, removal: Edit | None
) -> Setting:
    return Setting(
        Place.COMPOSE,
        source.at(start),
        None if _INTERPOLATED.search(text) else text,
        owner,
        edits=(removal,) if removal else (),
    )


def _paths(value: Node) -> Iterator[str]:
    """`env_file` is a path, a list of them, or a list of objects with `path`."""
    for each in items(value) or (value,):
        path = text_of(each) or text_of(field(each, "path"))
        if path:
            yield path
