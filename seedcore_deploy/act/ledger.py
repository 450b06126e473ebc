"""What one run has changed so far: the answer to "how far did it come?" when it is cut short."""

from __future__ import annotations

from collections.abc import Iterable

PHASES = ("preflight", "render", "lint", "apply", "wait", "verify")


class Ledger:
    """Filled by the writers as they write; read when the run ends early."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._phase = PHASES[0]

    @property
    def done(self) -> tuple[str, ...]:
        """Every change that the API server has confirmed, in kubectl's words."""
        return tuple(self._done)

    @property
    def changed(self) -> tuple[str, ...]:
        """`done` without what kubectl reported as unchanged."""
        return tuple(line for line in self._done if not line.endswith("unchanged"))

    @property
    def phase(self) -> str:
        """The phase that runs now."""
        return self._phase

    def enter(self, phase: str) -> None:
        """Note that a phase has begun."""
        self._phase = phase

    def record(self, lines: Iterable[str]) -> None:
        """Note changes that have been made."""
        self._done.extend(lines)

    def how_far(self) -> tuple[str, ...]:
        """What has been applied and what has not, for a person."""
        left = ", ".join(PHASES[PHASES.index(self._phase) :])
        if not self._done:
            maybe = " that was confirmed" if self._phase == "apply" else ""
            return (f"  applied: nothing{maybe}", f"  not done: {left}")
        applied = (f"  applied: {line}" for line in self._done)
        return (*applied, f"  not done, or not to its end: {left}")
