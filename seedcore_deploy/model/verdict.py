"""The answer: proven right, wrong because, or could not look."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Finding, Gap
from seedcore_deploy.model.variable import VariableLine


class ExitCode(IntEnum):
    """What the process ends with; the same for every verb but `diff`."""

    PROVEN = 0
    FINDINGS = 1
    USAGE = 2
    INCONCLUSIVE = 3
    TIMED_OUT = 4
    BUG = 70
    INTERRUPTED = 130


class Outcome(StrEnum):
    """Three different answers; SETTLING is a kind of "could not look" that passes by itself."""

    PROVEN = "proven"
    FINDINGS = "findings"
    SETTLING = "settling"
    INCONCLUSIVE = "inconclusive"


class Mark(StrEnum):
    """What one cell of a pod's line says."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "-"


@dataclass(frozen=True, slots=True)
class PodLine:
    """One pod in the summary: its environment, its proof, and its application's connection."""

    pod: str
    role: Role
    workload: str
    ready: bool
    environment: Mark
    proof: Mark
    application: Mark
    note: str = ""
    variables: tuple[VariableLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Findings, gaps and the line of each pod; `fine_print` says what no one looked at."""

    outcome: Outcome
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    pods: tuple[PodLine, ...]
    session: str = ""
    fine_print: tuple[str, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """Findings win over "could not look" when both are there."""
        return {
            Outcome.PROVEN: ExitCode.PROVEN,
            Outcome.FINDINGS: ExitCode.FINDINGS,
            Outcome.SETTLING: ExitCode.INCONCLUSIVE,
            Outcome.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
        }[self.outcome]
