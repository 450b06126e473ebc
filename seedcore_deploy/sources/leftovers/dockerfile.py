"""Dockerfiles: RAY_ADDRESS in ENV, in the default of an ARG, and before a command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from seedcore_deploy.model.setting import ADDRESS, Place, Setting
from seedcore_deploy.model.source import Edit
from seedcore_deploy.sources.leftovers.shell_words import (
    HIDDEN,
    code_only,
    last_lines,
    word_at,
)
from seedcore_deploy.sources.source_text import SourceText

_INSTRUCTION = re.compile(r"[ \t]*(?P<name>[A-Za-z]+)[ \t]")
_HEREDOC = re.compile(r"(?<!<)<<-?['\"]?(?P<word>[A-Za-z_]\w*)")
_BETWEEN = f" \t\r\n\\{HIDDEN}"
"""What stands between pairs: a comment on a line of its own, too."""
_PAIR = re.compile(rf"(?<=\s){ADDRESS}=")
_OLD_FORM = re.compile(rf"[ \t]*(?i:ENV)[ \t]+(?P<name>{ADDRESS})[ \t]+(?P<value>[^=\s].*)")


@dataclass(frozen=True, slots=True)
class _Instruction:
    """An instruction: its name, and where it begins and ends, continued lines included."""

    name: str
    start: int
    end: int


def read_dockerfile(source: SourceText) -> tuple[Setting, ...]:
    """Where the file gives RAY_ADDRESS a value."""
    found: list[Setting] = []
    for instruction in _instructions(source.text):
        if ADDRESS in source.text[instruction.start : instruction.end]:
            found += _settings(source, instruction)
    return tuple(found)


def _instructions(text: str) -> Iterator[_Instruction]:
    position = 0
    last = last_lines(text)
    while position < len(text):
        end = _line_end(text, position)
        line = text[position:end]
        if not line.strip() or line.lstrip().startswith("#"):
            position = end
            continue
        continued = line.rstrip().endswith("\\")
        while continued and end < len(text):
            start, end = end, _line_end(text, end)
            piece = text[start:end].strip()
            # Docker drops comments and empty lines there, and goes on.
            continued = not piece or piece.startswith("#") or piece.endswith("\\")
        for word in _HEREDOC.findall(text[position:end]):
            if last.get(word, -1) >= end:
                end = _behind(text, end, word)
        named = _INSTRUCTION.match(text, position)
        yield _Instruction(named["name"].upper() if named else "", position, end)
        position = end


def _behind(text: str, position: int, word: str) -> int:
    """The offset behind the line that ends a here-document."""
    while position < len(text):
        end = _line_end(text, position)
        if text[position:end].strip() == word:
            return end
        position = end
    return position


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end + 1


def _settings(source: SourceText, instruction: _Instruction) -> Iterator[Setting]:
    if instruction.name not in ("ENV", "ARG", "CMD", "ENTRYPOINT"):
        return
    text = source.text[instruction.start : instruction.end]
    old = _OLD_FORM.match(text) if instruction.name == "ENV" else None
    if old:
        value = old["value"].strip()
        whole = Edit(source.file, instruction.start, instruction.end)
        at = source.at(instruction.start + old.start("name"))
        yield Setting(Place.DOCKERFILE, at, None if "$" in value else value, edits=(whole,))
        return
    code = code_only(text)
    for match in _PAIR.finditer(code):
        word = word_at(text, match.end())
        if word.value:
            edits = _removal(source, instruction, code, match.start(), word.end)
            at = source.at(instruction.start + match.start())
            yield Setting(Place.DOCKERFILE, at, word.value, edits=edits)


def _removal(
    source: SourceText, instruction: _Instruction, code: str, start: int, end: int
) -> tuple[Edit, ...]:
    """The pair with the blanks that lead to it; the whole instruction where it is the only one."""
    if instruction.name == "ARG":
        equals = code.index("=", start)
        offset = instruction.start
        return (Edit(source.file, offset + equals, offset + end),)
    if instruction.name != "ENV":
        return ()
    before = code[:start].rstrip(_BETWEEN)
    after = code[end:]
    rest = after.lstrip(_BETWEEN)
    first, last = before.upper().strip() == "ENV", not rest.strip()
    next_pair = end + len(after) - len(rest)
    if first and last:
        spans = [(0, instruction.end - instruction.start)]
    elif first and HIDDEN in code[end:next_pair]:
        spans = [(start, end + len(after) - len(after.lstrip(" \t")))]  # `ENV \` may go on
    elif first or (not last and "\n" not in code[end:next_pair]):
        spans = [(start, next_pair)]
    elif HIDDEN in code[len(before) : start]:
        # The comment stays; what continued the line above it goes with the last pair.
        line = code.rindex("\n", 0, start)
        spans = [(len(before), code.index("\n", len(before)))] if last else []
        spans += [(line, end if last else code.rindex("\n", end, next_pair))]
    else:
        spans = [(len(before), end)]
    offset = instruction.start
    return tuple(Edit(source.file, offset + begin, offset + stop) for begin, stop in spans)
