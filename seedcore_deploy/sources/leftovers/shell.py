"""Shell scripts: RAY_ADDRESS exported, assigned, or handed to a container."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seedcore_deploy.model.setting import ADDRESS, Place, Setting
from seedcore_deploy.model.source import Edit
from seedcore_deploy.sources.leftovers.shell_words import HIDDEN, Word, code_only, word_at
from seedcore_deploy.sources.source_text import SourceText

_ASSIGNED = re.compile(rf"(?<![\w$.\-{HIDDEN}\"']){ADDRESS}=")
_OPTION = re.compile(rf"(?<=\s)(?P<option>(?:-e|--env)(?:[ \t]+|=)?)(?P<quote>[\"']?){ADDRESS}=")
_DECLARED = re.compile(r"(?:export|declare\s+-\w*x\w*|typeset\s+-\w*x\w*|readonly)\s+\Z")
_OPENED = re.compile(r"(?:\b(?:then|do|else)|[{(\\]|&&|\|\|)\s*\Z")


def read_shell(source: SourceText) -> tuple[Setting, ...]:
    """Where the script gives RAY_ADDRESS a value that is not computed."""
    code = code_only(source.text)
    found = [*_assigned(source, code), *_options(source, code)]
    return tuple(sorted(found, key=lambda each: each.at))


def _assigned(source: SourceText, code: str) -> Iterator[Setting]:
    for match in _ASSIGNED.finditer(code):
        word = word_at(source.text, match.end())
        if word.value:
            edits = _removal(source, code, match.start(), word)
            yield Setting(Place.SHELL, source.at(match.start()), word.value, edits=edits)


def _options(source: SourceText, code: str) -> Iterator[Setting]:
    """`docker run -e RAY_ADDRESS=...`, where a quote may stand before the name."""
    for match in _OPTION.finditer(source.text):
        if code[match.start("option")] == HIDDEN or not match["quote"]:
            continue  # no code, or seen as an assignment
        word = word_at(source.text, match.start("quote"))
        value = word.value.partition("=")[2] if word.value else None
        if value:
            yield Setting(Place.SHELL, source.at(match.start("quote") + 1), value)


def _removal(source: SourceText, code: str, start: int, word: Word) -> tuple[Edit, ...]:
    """Take the assignment away: its whole line where nothing else stands on it."""
    line = source.line_start(start)
    end = source.line_end(start)
    before, after = code[line:start], code[word.end : end]
    declared = _DECLARED.search(before)
    left = before[: declared.start()] if declared else before
    others = after.replace(HIDDEN, "").replace(";", "").strip()
    if word.end > end or left.strip():
        return ()
    if others:
        if others[0] in "&|)\\<>":
            return ()
        gap = len(after) - len(after.lstrip(" \t"))
        return (Edit(source.file, start, word.end + gap),)
    if _OPENED.search(code[:line].rstrip(f"{HIDDEN} \t\r\n")):
        return (Edit(source.file, start - (len(before) - len(left)), word.end, ":"),)
    return (Edit(source.file, line, end),)
