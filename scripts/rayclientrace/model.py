"""What is measured: heads, and the connections that were tried to each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Variant(StrEnum):
    """How the head is started."""

    WITHOUT = "without"
    """As Ray comes: gRPC's fork support is on."""

    WITH = "with"
    """GRPC_ENABLE_FORK_SUPPORT=0 in the head's env."""


class Outcome(StrEnum):
    """How a try to connect ended."""

    OK = "ok"
    FAILED = "failed"
    UNMEASURED = "unmeasured"
    """Ray was not asked: the head did not come up, or kubectl could not reach the client."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One `ray.init` in a fresh process; `seconds` is its time, without `import ray`."""

    outcome: Outcome
    seconds: float
    error: str = ""
    """Class and message of what Ray raised, or why nothing was measured; one line."""
    load: float | None = None
    """Load of the client's node, one-minute mean, when the connection began."""


@dataclass(frozen=True, slots=True)
class Head:
    """One fresh head: `ready_s` from its creation to Ready, and what its clients met."""

    number: int
    variant: Variant
    started: str
    """UTC, ISO 8601."""
    ready_s: float
    first: Attempt
    second: Attempt | None = None
    """Only where the first one failed."""
    log: tuple[str, ...] = ()
    """Lines of the head's client server logs; only where the first one failed."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What was measured, and where."""

    image: str
    namespace: str
    started: str
    versions: dict[str, str]


def order(heads: int) -> Iterator[tuple[int, Variant]]:
    """Take turns, so that the load of the machine hits both variants alike."""
    for number in range(1, heads + 1):
        for variant in Variant:
            yield number, variant
