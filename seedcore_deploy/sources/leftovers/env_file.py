"""Env files: NAME=value lines, as Compose, kustomize and python-dotenv read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from seedcore_deploy.model.setting import ADDRESS, Place, Setting
from seedcore_deploy.model.source import Edit
from seedcore_deploy.sources.source_text import SourceText

_LINE = re.compile(
    r"^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][\w.]*)[ \t]*=[ \t]*(?P<value>[^\r\n]*)",
    re.MULTILINE,
)
_QUOTED = re.compile(r"""(?P<quote>['"])(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P=quote)""", re.DOTALL)
_REFERENCE = re.compile(r"\$\{?[A-Za-z_]")


@dataclass(frozen=True, slots=True)
class EnvLine:
    """A variable of an env file: where its name stands, its value, and where its lines end."""

    name: str
    value: str
    start: int
    end: int


def env_lines(source: SourceText) -> Iterator[EnvLine]:
    """The variables of an env file. A quoted value may go over several lines."""
    position = 0
    while found := _LINE.search(source.text, position):
        value, end = found["value"].strip(), found.end()
        quoted = _QUOTED.match(source.text, found.start("value"))
        if quoted:
            value, end = quoted["text"], max(quoted.end(), 0)
        else:
            value = re.sub(r"(^|\s)#.*", "", value).strip()
        position = source.line_end(max(end - 1, found.start()))
        yield EnvLine(found["name"], value, found.start("name"), position)


def read_env_file(source: SourceText) -> tuple[Setting, ...]:
    """Where the file sets RAY_ADDRESS; an empty value sets nothing."""
    return tuple(
        Setting(
            Place.ENV_FILE,
            source.at(line.start),
            None if _REFERENCE.search(line.value) else line.value,
            edits=(Edit(source.file, source.line_start(line.start), line.end),),
        )
        for line in env_lines(source)
        if line.name == ADDRESS and line.value
    )
