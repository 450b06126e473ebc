"""What is code in a shell text, as against comments, quoted text and here-documents."""

from __future__ import annotations

import re
from dataclasses import dataclass

HIDDEN = "\x01"
_HEREDOC = re.compile(r"<<-?[ \t]*\\?(?P<quote>['\"]?)(?P<word>[^\s;&|<>()'\"\\`$]+)(?P=quote)")
_CONTINUED = re.compile(r"\\\r?\n")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of shell code: where it ends, and its value, None where it is computed."""

    end: int
    value: str | None


def code_only(text: str) -> str:
    """The text with what is no code replaced, character by character; line ends stay."""
    out = list(text)
    position, size = 0, len(text)
    waiting: list[str] = []
    last = last_lines(text)
    while position < size:
        char = text[position]
        if char == "\\":
            position += 2
        elif text.startswith("$'", position):
            position = _quoted_with_escapes(text, position, out)
        elif char in "'\"":
            position = _quoted(text, position, out)
        elif char == "#" and (position == 0 or text[position - 1] in " \t\n;&|("):
            end = _line_end(text, position)
            _hide(out, position, end)
            position = end
        elif text.startswith("<<<", position):
            position += 3
        elif char == "<" and (found := _HEREDOC.match(text, position)):
            waiting.append(found["word"])
            position = found.end()
        elif char == "\n" and waiting:
            # What no line ends is no here-document (`$((1<<n))`).
            ended = [word for word in waiting if last.get(word, -1) > position]
            position = _heredocs(text, position + 1, ended, out)
            waiting = []
        else:
            position += 1
    return "".join(out)


def last_lines(text: str) -> dict[str, int]:
    """Each line, without the blanks around it, and the offset at which it last begins."""
    found: dict[str, int] = {}
    position = 0
    for line in text.split("\n"):
        found[line.strip()] = position
        position += len(line) + 1
    return found


def word_at(text: str, position: int) -> Word:
    """The shell word that begins at a position."""
    parts: list[str] = []
    computed = False
    ends = position
    while position < len(text) and text[position] not in " \t\r\n;&|)<>":
        char = text[position]
        if continued := _CONTINUED.match(text, position):
            position = continued.end()
            continue
        if char == "'":
            end = text.find("'", position + 1)
            end = len(text) if end < 0 else end
            parts.append(text[position + 1 : end])
            position = end + 1
        elif char == '"':
            end = _closing(text, position)
            inner = text[position + 1 : end]
            computed = computed or "$" in inner or "`" in inner
            parts.append(inner)
            position = end + 1
        else:
            computed = computed or char in "$`"
            if char == "\\":
                position += 1
            parts.append(text[position : position + 1])
            position += 1
        ends = position
    return Word(min(ends, len(text)), None if computed else "".join(parts))


def _quoted(text: str, start: int, out: list[str]) -> int:
    """Hide what stands between quotes; returns the offset behind them."""
    if text[start] == "'":
        end = text.find("'", start + 1)
        end = len(text) if end < 0 else end
    else:
        end = _closing(text, start)
    _hide(out, start + 1, end)
    return end + 1


def _quoted_with_escapes(text: str, start: int, out: list[str]) -> int:
    """`$'...'`, where a backslash may stand before a quote."""
    end = _closing(text, start + 1, "'")
    _hide(out, start + 2, end)
    return end + 1


def _closing(text: str, start: int, quote: str = '"') -> int:
    position = start + 1
    while position < len(text) and text[position] != quote:
        position += 2 if text[position] == "\\" else 1
    return min(position, len(text))


def _heredocs(text: str, start: int, words: list[str], out: list[str]) -> int:
    position = start
    for word in words:
        while position < len(text):
            end = _line_end(text, position)
            line = text[position:end].strip("\t\r ")
            _hide(out, position, end)
            position = min(end + 1, len(text))
            if line == word:
                break
    return position


def _hide(out: list[str], start: int, end: int) -> None:
    for index in range(start, min(end, len(out))):
        if out[index] not in "\r\n":
            out[index] = HIDDEN


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end
