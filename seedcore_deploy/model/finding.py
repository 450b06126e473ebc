"""One statement about one subject."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """ERROR decides the verdict; HINT never does."""

    ERROR = "error"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a finding is about, as kubectl names it; `detail` is a key, container or variable."""

    kind: str
    name: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind.lower()}/{self.name}" + (f" {self.detail}" if self.detail else "")


@dataclass(frozen=True, slots=True)
class Fix:
    """The mend: a sentence, and commands that are runnable as they stand with `sh -c`, in order."""

    text: str
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Rule, severity, where, expected, actual, because, fix; what follows from it stands below."""

    rule: str
    severity: Severity
    subject: Subject
    summary: str
    expected: str
    actual: str
    because: str
    fix: Fix
    consequences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be looked at, or is still settling: why, and what to do."""

    subject: Subject
    why: str
    mend: str
    settling: bool = False
