"""Lines with a style: kept to a width, and in color only where that is asked for."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seedcore_deploy.report.text import safe


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `style` as rich names it."""

    text: str
    style: str = ""


def wrapped(text: str, width: int, style: str = "", indent: int = 0) -> Iterator[Line]:
    """The text, made safe to show, in lines of a width; all but the first are indented."""
    parts = textwrap.wrap(
        safe(text),
        width,
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
        replace_whitespace=False,
        drop_whitespace=True,
    )
    return (Line(part, style) for part in parts or [""])


def printed(lines: Sequence[Line], width: int, *, color: bool) -> str:
    """The lines as one text. Without `color` nothing but plain text, and rich is not imported."""
    if not color:
        return "".join(f"{line.text}\n" for line in lines)
    return _colored(lines, width)


def _colored(lines: Sequence[Line], width: int) -> str:
    import io

    from rich.console import Console
    from rich.text import Text

    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=width, color_system="standard")
    for line in lines:
        console.print(Text(line.text, style=line.style), soft_wrap=True)
    return out.getvalue()
