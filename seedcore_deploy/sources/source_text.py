"""The text of a source file with its positions, and back to the same bytes."""

from __future__ import annotations

import bisect
import codecs
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from seedcore_deploy.errors import UsageError
from seedcore_deploy.model.source import Edit, Position

MAX_BYTES = 4 * 1024 * 1024
"""No manifest that an API server takes comes near (etcd: 1.5 MiB), nor does hand-written code."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class TooLarge(UsageError):
    """A file beyond MAX_BYTES."""


@dataclass(frozen=True, slots=True)
class SourceText:
    """A file's text as it was read: line ends stay; `mark` and `encoding` bring the bytes back."""

    file: str
    text: str
    encoding: str = "utf-8"
    mark: bytes = b""
    _starts: list[int] = field(default_factory=list, repr=False, compare=False)

    def at(self, offset: int) -> Position:
        """The position of a character."""
        starts = self._line_starts()
        line = bisect.bisect_right(starts, offset) - 1
        return Position(self.file, line + 1, offset - starts[line] + 1)

    def line_start(self, offset: int) -> int:
        """The offset at which the character's line begins."""
        starts = self._line_starts()
        return starts[bisect.bisect_right(starts, offset) - 1]

    def line_end(self, offset: int) -> int:
        """The offset behind the character's line, its line end included."""
        starts = self._line_starts()
        after = bisect.bisect_right(starts, offset)
        return starts[after] if after < len(starts) else len(self.text)

    def offset_of_line(self, number: int) -> int:
        """The offset at which a line begins, by its number from 1."""
        starts = self._line_starts()
        return starts[min(max(number, 1), len(starts)) - 1]

    def line(self, number: int) -> str:
        """A line by its number from 1, without its end; empty where there is none."""
        starts = self._line_starts()
        if not 1 <= number <= len(starts):
            return ""
        start = starts[number - 1]
        return self.text[start : self.line_end(start)].rstrip("\r\n")

    @property
    def newline(self) -> str:
        """The line end that the file uses."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def to_bytes(self) -> bytes:
        """The file's content: where nothing was changed, just what was read."""
        return self.mark + self.text.encode(self.encoding)

    def edited(self, edits: Iterable[Edit]) -> SourceText:
        """The text with the edits made, which must not overlap."""
        text = self.text
        for edit in sorted(set(edits), reverse=True):
            text = text[: edit.start] + edit.text + text[edit.end :]
        return SourceText(self.file, text, self.encoding, self.mark)

    def _line_starts(self) -> list[int]:
        if not self._starts:
            self._starts.append(0)
            position = self.text.find("\n")
            while position >= 0:
                self._starts.append(position + 1)
                position = self.text.find("\n", position + 1)
        return self._starts


def decoded(content: bytes, file: str) -> SourceText:
    """The text of a file's bytes: UTF-8, UTF-16 with its mark, else one byte a character."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return SourceText(file, content[len(mark) :].decode(encoding), encoding, mark)
            except UnicodeDecodeError:
                break
    try:
        return SourceText(file, content.decode("utf-8"))
    except UnicodeDecodeError:
        return SourceText(file, content.decode("latin-1"), "latin-1")


def read_source(path: Path, shown: str) -> SourceText:
    """The text of a file. Raises UsageError when it cannot be read or is too large."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise TooLarge(
                f"{shown} has {size >> 20} MiB; {MAX_BYTES >> 20} is the limit",
                "split it, or list it in .gitignore if it is no source",
            )
        return decoded(path.read_bytes(), shown)
    except OSError as fault:
        raise UsageError(
            f"cannot read {shown}: {fault.strerror or fault}", "check the path and its permissions"
        ) from fault
