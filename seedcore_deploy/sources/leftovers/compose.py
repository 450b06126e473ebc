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
    end_of,
    field,
    items,
    pairs,
    start_of,
    text_of,
)

_PLAIN = re.compile(r"[\w.:/@-]+")
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
            for _, key, value in _fields(service):
                if key.value == "environment":
                    settings += _variables(source, value, owner)
                elif key.value == "env_file":
                    files += _paths(value)
                elif key.value == "build" and (args := field(value, "args")) is not None:
                    settings += _variables(source, args, owner)
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


def _variables(source: SourceText, value: Node, owner: str) -> Iterator[Setting]:
    for _, name, scalar in _fields(value):
        text = text_of(scalar)
        if name.value == ADDRESS and text:
            yield _setting(source, start_of(name), scalar, text, owner, flow=bool(value.flow_style))
    for item in items(value):
        name_text, equals, text = (text_of(item) or "").partition("=")
        if name_text.strip() == ADDRESS and equals and text:
            yield _setting(source, start_of(item), item, text, owner, flow=bool(value.flow_style))


def _setting(
    source: SourceText, start: int, scalar: Node, text: str, owner: str, *, flow: bool
) -> Setting:
    computed = _INTERPOLATED.search(text) is not None
    edits = () if computed else tuple(_overridable(source, scalar, text, flow=flow))
    at = source.at(start)
    return Setting(Place.COMPOSE, at, None if computed else text, owner, edits=edits)


def _overridable(source: SourceText, scalar: Node, text: str, *, flow: bool) -> Iterator[Edit]:
    """The same value as a default: what the environment of Compose has wins.

    Within brackets (`flow`) plain text may hold none, and is quoted as a whole.
    """
    start, end = start_of(scalar), end_of(scalar)
    found = source.text.rfind(text, start, end)
    if found >= 0 and _PLAIN.fullmatch(text) and "\n" not in source.text[start:end]:
        wins = f"${{{ADDRESS}:-{text}}}"
        if flow and source.text[start] not in "'\"":
            whole = source.text[start:found] + wins + source.text[found + len(text) : end]
            yield Edit(source.file, start, end, f'"{whole}"')
        else:
            yield Edit(source.file, found, found + len(text), wins)


def _paths(value: Node) -> Iterator[str]:
    """`env_file` is a path, a list of them, or a list of objects with `path`."""
    for each in items(value) or (value,):
        path = text_of(each) or text_of(field(each, "path"))
        if path:
            yield path
