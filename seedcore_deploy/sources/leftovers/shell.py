"""Shell scripts: RAY_ADDRESS exported, assigned, or handed to a container."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seedcore_deploy.model.setting import ADDRESS, Place, Setting
from seedcore_deploy.model.source import Edit
from seedcore_deploy.sources.leftovers.shell_words import HIDDEN, Word, code_only, word_at
from seedcore_deploy.sources.source_text import SourceText

_ASSIGNED = re.compile(rf"(?<![\w$.\-{HIDDEN}\"']){ADDRESS}=")
_OPTION = re.compile(rf"(?<=\s)(?P<option>(?:-e|--env)(?:[ \t]+|=)?)(?P<quote>[\"']){ADDRESS}=")


def read_shell(source: SourceText) -> tuple[Setting, ...]:
    """Where the script gives RAY_ADDRESS a value that is not computed."""
    code = code_only(source.text)
    found = [*_assigned(source, code), *_options(source, code)]
    return tuple(sorted(found, key=lambda each: each.at))


def _assigned(source: SourceText, code: str) -> Iterator[Setting]:
    for match in _ASSIGNED.finditer(code):
        word = word_at(source.text, match.end())
        if word.value:
            edits = (_overridable(source, match.end(), word),)
            yield Setting(Place.SHELL, source.at(match.start()), word.value, edits=edits)


def _overridable(source: SourceText, start: int, word: Word) -> Edit:
    """The same value as a default: what the environment has wins."""
    escaped = re.sub(r'([\\"`$}])', r"\\\1", word.value or "")
    return Edit(source.file, start, word.end, f'"${{{ADDRESS}:-{escaped}}}"')


def _options(source: SourceText, code: str) -> Iterator[Setting]:
    """`docker run -e "RAY_ADDRESS=..."`: a quote before the name, so it is no assignment."""
    for match in _OPTION.finditer(source.text):
        if code[match.start("option")] == HIDDEN:
            continue
        word = word_at(source.text, match.start("quote"))
        value = word.value.partition("=")[2] if word.value else None
        if value:
            yield Setting(Place.SHELL, source.at(match.start("quote") + 1), value)
