"""Shell scripts: RAY_ADDRESS exported, assigned, or handed to a container."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from seedcore_deploy.model.setting import ADDRESS, Place, Setting
from seedcore_deploy.model.source import Edit
from seedcore_deploy.sources.leftovers.shell_words import HIDDEN, Word, code_only, word_at
from seedcore_deploy.sources.source_text import SourceText

_ASSIGNED = re.compile(rf"(?<![\w$.\-/{HIDDEN}\"']){ADDRESS}=")
_COMMAND_BEGINS = re.compile(r"[;&|(`{]|(?<!\\)\n")
_BEFORE_A_COMMAND = frozenset("if then else elif while until do ! time sudo exec command".split())
_SEARCH = frozenset("sed grep egrep fgrep rg ag awk git test [ [[ case".split())
_LOOKED_AT = 500
_PRINT = frozenset({"echo", "printf"})
_OPTION = re.compile(rf"(?<=\s)(?P<option>(?:-e|--env)(?:[ \t]+|=)?)(?P<quote>[\"']){ADDRESS}=")


def read_shell(source: SourceText) -> tuple[Setting, ...]:
    """Where the script gives RAY_ADDRESS a value that is not computed."""
    code = code_only(source.text)
    found = [*_assigned(source, code), *_options(source, code)]
    return tuple(sorted(found, key=lambda each: each.at))


def _assigned(source: SourceText, code: str) -> Iterator[Setting]:
    begins = [0, *(each.end() for each in _COMMAND_BEGINS.finditer(code))]
    for match in _ASSIGNED.finditer(code):
        word = word_at(source.text, match.end())
        start = begins[bisect_right(begins, match.start()) - 1]
        command = _command(code[start : min(match.start(), start + _LOOKED_AT)])
        printed = command in _PRINT
        line = code[word.end : word.end + _LOOKED_AT].partition("\n")[0]
        if not word.value or command in _SEARCH or (printed and ">" not in line):
            continue
        # Printed into a file, it is the file that has a value then.
        edits = () if printed else (_overridable(source, match.end(), word),)
        yield Setting(Place.SHELL, source.at(match.start()), word.value, edits=edits)


def _command(code: str) -> str:
    """The command at the beginning of a piece of code; "" where there are only assignments."""
    for word in code.replace("\\\n", " ").split():
        if word not in _BEFORE_A_COMMAND and "=" not in word:
            return word
    return ""


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
