"""What a verb says while it works: on stderr, so that stdout holds only results.

On a terminal what is waited for stands in lines that are kept up to date; elsewhere there is a
plain line for each change. rich is imported on a terminal only.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from seedcore_deploy.model.finding import Subject

if TYPE_CHECKING:
    from rich.console import Group

_REDRAWN_PER_S = 2.0
Clock = Callable[[], float]


def say(text: str) -> None:
    """One line of progress; above the live lines where there are some."""
    print(text, file=sys.stderr, flush=True)


class PlainLines:
    """For pipes and files: each change is a line."""

    def report(self, line: str) -> None:
        """Say a line."""
        say(line)

    def show(self, reasons: Mapping[Subject, str]) -> None:
        """Nothing: what is pending was reported when it changed."""


@dataclass(slots=True)
class LiveLines:
    """For a terminal: a line for each thing that is waited for, with since when it is."""

    clock: Clock = time.monotonic
    _reasons: Mapping[Subject, str] = field(default_factory=dict)
    _since: dict[Subject, float] = field(default_factory=dict)

    def report(self, line: str) -> None:
        """Say a line that lasts; what is pending still stands in the live lines."""
        if not line.startswith("waiting:"):
            say(line)

    def show(self, reasons: Mapping[Subject, str]) -> None:
        """What is pending now."""
        now = self.clock()
        self._since = {subject: self._since.get(subject, now) for subject in reasons}
        self._reasons = dict(reasons)

    def __rich__(self) -> Group:
        from rich.console import Group
        from rich.text import Text

        now = self.clock()
        lines = []
        for subject, why in self._reasons.items():
            waited = f"  {now - self._since[subject]:.0f} s  "
            line = Text.assemble((str(subject), "bold"), waited, (why, "yellow"))
            line.no_wrap, line.overflow = True, "ellipsis"
            lines.append(line)
        return Group(*lines)


@contextmanager
def waiting_lines() -> Iterator[PlainLines | LiveLines]:
    """Where a wait tells what it waits for; the live lines are gone after the block."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield PlainLines()
        return
    from rich.console import Console
    from rich.live import Live

    lines, console = LiveLines(), Console(stderr=True)
    with Live(lines, console=console, transient=True, refresh_per_second=_REDRAWN_PER_S):
        yield lines
