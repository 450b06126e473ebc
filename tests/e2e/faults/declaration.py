"""What a fault is: how to bring it about, what must be found, and how it is mended."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from tests.support.stage import Stage
from tests.support.tool import Report


class Family(StrEnum):
    """What kind of thing is broken."""

    CLIENT_SETTINGS = "client settings"
    SHARED_SETTINGS = "shared settings"
    REFERENCES = "references"
    OVERLAY = "overlay"
    WORKLOADS = "workloads"
    OLDER_PODS = "older pods"
    RAY_PODS = "Ray pods"
    IMAGE = "image"
    CONNECTION = "connection"
    CREDENTIAL = "credential"
    IN_THE_MIDDLE = "in the middle"
    API_SERVER = "API server"
    UNREADABLE = "unreadable"
    HEALTHY = "healthy"


class Cost(StrEnum):
    """What a fault touches: those that leave the Ray cluster alone share it, and run first."""

    CLIENTS = "clients"
    RAY = "Ray pods"


class Answer(StrEnum):
    """The verdict that is expected, by the word that `-o json` has for it."""

    FINDINGS = "findings"
    PROVEN = "proven"
    INCONCLUSIVE = "inconclusive"
    SETTLING = "settling"


WAITED = ("--wait", "5m")
"""Options for a fault that counts only once nothing may come right by itself any more."""

EXIT_CODES = {
    Answer.PROVEN: 0,
    Answer.FINDINGS: 1,
    Answer.INCONCLUSIVE: 3,
    Answer.SETTLING: 3,
}


@dataclass(frozen=True, slots=True)
class Expected:
    """One finding: rule, subject as it is printed (`*` for what a controller made up), and a
    word that the stated cause must have."""

    rule: str
    subject: str
    because: str = ""
    hint: bool = False

    def meets(self, finding: Mapping[str, Any]) -> bool:
        """Whether this is the finding that was meant."""
        return (
            finding["rule"] == self.rule
            and fnmatchcase(subject_of(finding), self.subject)
            and self.because in finding["because"]
            and (finding["severity"] == "hint") == self.hint
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is broken, or (family HEALTHY) that only looks so.

    `make` brings it about and returns when its effect can be seen; a context manager is left
    after the mend, for what the tool cannot know of (a second Ray, a network rule), and may give
    the stage as it is then to be looked at (another overlay, another working folder). `during` is
    open while verify runs, and may give the stage as verify is to see it (another way to the API
    server, no overlay at hand). `findings` are those expected, no more and no fewer; with `unread`
    the answer is "could not look", whose gaps must name that word. The mend is what verify
    prints, unless `by_hand` has it: for causes outside of Kubernetes, or mends that leave a
    choice. `options` are added to verify's words; `ci` puts the fault into CI's slice.
    """

    name: str
    family: Family
    make: Callable[[Stage], AbstractContextManager[Stage | None] | None]
    findings: tuple[Expected, ...] = ()
    unread: str = ""
    cost: Cost = Cost.CLIENTS
    answer: Answer | None = None
    during: Callable[[Stage], AbstractContextManager[Stage | None]] | None = None
    by_hand: Callable[[Stage], None] | None = None
    options: tuple[str, ...] = ()
    ci: bool = False

    @property
    def expected(self) -> Answer:
        """The verdict that this fault must have."""
        if self.answer is not None:
            return self.answer
        if any(not each.hint for each in self.findings):
            return Answer.FINDINGS
        return Answer.INCONCLUSIVE if self.unread else Answer.PROVEN

    @property
    def slug(self) -> str:
        """The name as the name of a file."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")


def subject_of(finding: Mapping[str, Any]) -> str:
    """The subject as text output prints it."""
    subject = finding["subject"]
    return f"{subject['kind'].lower()}/{subject['name']} {subject['detail']}".strip()


class Miss(StrEnum):
    """How a fault was misjudged."""

    FALSE_PASS = "false passes"
    FALSE_ALARM = "false alarms"
    WRONG_CAUSE = "wrong causes"
    NOT_MENDED = "mends that did not mend"


def misjudged(fault: Fault, report: Report) -> Miss | None:
    """In which way the report is wrong about the fault; None where it is right."""
    return misjudgement(fault, report.code, report.json)


def misjudgement(fault: Fault, code: int, said: Mapping[str, Any]) -> Miss | None:
    """The same, of the exit code and the JSON report."""
    found = said["findings"]
    strangers = [each for each in found if not any(one.meets(each) for one in fault.findings)]
    absent = [one for one in fault.findings if not any(one.meets(each) for each in found)]
    if code == 0 and fault.expected is not Answer.PROVEN:
        return Miss.FALSE_PASS
    if fault.expected is Answer.PROVEN and (code != 0 or strangers):
        return Miss.FALSE_ALARM
    if absent:
        return Miss.WRONG_CAUSE
    if strangers or len(found) != len(fault.findings):
        return Miss.FALSE_ALARM
    if said["outcome"] != fault.expected or code != EXIT_CODES[fault.expected]:
        return Miss.WRONG_CAUSE
    if fault.unread and not any(fault.unread in gap["why"] for gap in said["gaps"]):
        return Miss.WRONG_CAUSE
    return None
