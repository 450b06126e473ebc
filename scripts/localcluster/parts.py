"""What the supervisor writes down about each part, and others read."""

from __future__ import annotations

import json
import signal
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Part:
    """One part as the supervisor sees it; `pid` is the pid inside the cluster.

    `answered_after` is in seconds after the part's start; `exit_code` is negative for the
    number of a signal, and stands only where the part should still be running or a step failed.
    """

    name: str
    log: str
    once: bool = False
    pid: int | None = None
    answered_after: float | None = None
    exit_code: int | None = None

    @property
    def dead(self) -> bool:
        """Whether the part ended though it should not have, or ended badly."""
        return self.exit_code is not None and not (self.once and self.exit_code == 0)


@dataclass(frozen=True, slots=True)
class Parts:
    """All parts, and whether the cluster as a whole has come up."""

    phase: str = "starting"
    problem: str = ""
    parts: tuple[Part, ...] = ()

    @property
    def dead(self) -> tuple[Part, ...]:
        """The parts that ended though they should not have."""
        return tuple(part for part in self.parts if part.dead)


def write(path: Path, parts: Parts) -> None:
    """Replace the file in one step."""
    attempt = path.with_suffix(".new")
    attempt.write_text(json.dumps(asdict(parts), indent=1))
    attempt.rename(path)


def read(path: Path) -> Parts:
    """Read the file; a cluster that has not got that far has no parts."""
    try:
        stored = json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return Parts()
    return Parts(
        phase=stored["phase"],
        problem=stored["problem"],
        parts=tuple(Part(**part) for part in stored["parts"]),
    )


def exit_words(code: int) -> str:
    """Say how a process ended: ``exit code 1`` or ``killed by SIGKILL``."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
