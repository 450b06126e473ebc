"""The two answers a look can give: what was seen, or why nothing could be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seen(Generic[T]):
    """A part that was looked at, with what was there (which may well be nothing)."""

    value: T


@dataclass(frozen=True, slots=True)
class NotSeen:
    """A part that could not be looked at: `why` in a sentence, `mend` as an instruction."""

    why: str
    mend: str = ""


Look: TypeAlias = Seen[T] | NotSeen
