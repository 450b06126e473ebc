"""What one run has changed so far: the answer to "how far did it come?" when it is cut short."""

from __future__ import annotations

from collections.abc import Iterable

PHASES = ("preflight", "render", "lint", "guard", "plan", "apply", "wait", "verify")


class Ledger:
    """Filled by the writers as they write; read when the run ends early."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._meant: tuple[str, ...] = ()
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

    def mean(self, objects: Iterable[str]) -> None:
        """Note what is about to be sent, as kind/name: from now on something may have changed."""
        self._meant = tuple(objects)

    @property
    def writing(self) -> bool:
        """Whether anything has been changed, or may have been."""
        return bool(self._done or self._meant)

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        """What was to be sent and was not confirmed: it may or may not be there."""
        confirmed = {_named(line) for line in self._done}
        return tuple(each for each in self._meant if each not in confirmed)

    def record(self, lines: Iterable[str]) -> None:
        """Note changes that have been made."""
        self._done.extend(lines)

    def how_far(self) -> tuple[str, ...]:
        """What has been applied and what has not, for a person."""
        left = ", ".join(PHASES[PHASES.index(self._phase) :])
        open_ = ", ".join(self.unconfirmed)
        unsure = (f"  not applied, or not confirmed: {open_}",) if open_ else ()
        if not self._done:
            maybe = " that was confirmed" if self._meant else ""
            return (f"  applied: nothing{maybe}", *unsure, f"  not done: {left}")
        applied = (f"  applied: {line}" for line in self._done)
        return (*applied, *unsure, f"  not done, or not to its end: {left}")


def _named(line: str) -> str:
    """`deployment.apps/seedcore-api configured` as deployment/seedcore-api."""
    kind, _, name = line.partition(" ")[0].partition("/")
    return f"{kind.partition('.')[0]}/{name}"
