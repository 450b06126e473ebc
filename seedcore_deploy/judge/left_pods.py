"""The verdict after an apply that left stale pods as they are: why, and how to go on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from seedcore_deploy.model.finding import Finding, Fix, Severity, Subject
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.stale import LeftPod
from seedcore_deploy.model.verdict import Outcome, Verdict

RULE = "SC303"


def still_there(left: Sequence[LeftPod], snapshot: Snapshot) -> tuple[LeftPod, ...]:
    """Those of the pods that are there as they were left: neither replaced nor started since.

    One that was started in place and is stale all the same is found by its own rule.
    """
    pods = snapshot.pods.value if isinstance(snapshot.pods, Seen) else None
    if pods is None:
        return tuple(left)
    there = {(pod.uid, pod.started_at) for pod in pods if not pod.terminating}
    return tuple(each for each in left if (each.stale.pod.uid, each.stale.pod.started_at) in there)


def with_left(verdict: Verdict, left: Sequence[LeftPod], command: str) -> Verdict:
    """The verdict whose findings about pods that were left say why, and have `command` as mend.

    A pod that was left and that no finding names gets one: what still runs with old settings is
    never proven. `command` is the apply that was run; the option that helps is put behind it.
    """
    findings = list(verdict.findings)
    for each in left:
        at = next((i for i, found in enumerate(findings) if _is_about(found, each)), None)
        if at is None:
            findings.append(_finding(each, command))
        else:
            findings[at] = _told(findings[at], each, command)
    outcome = Outcome.FINDINGS if left else verdict.outcome
    return replace(verdict, findings=tuple(findings), outcome=outcome)


def _is_about(finding: Finding, left: LeftPod) -> bool:
    named = re.search(rf"pod/{re.escape(left.stale.pod.name)}(?![\w.-])", finding.summary)
    return finding.rule == RULE and finding.severity is Severity.ERROR and named is not None


def _told(finding: Finding, left: LeftPod, command: str) -> Finding:
    return replace(finding, because=_because(finding.because, left), fix=_fix(left, command))


def _because(because: str, left: LeftPod) -> str:
    said = f"it was left as it is: {left.why}"
    return because if said in because else f"{because}; {said}"


def _finding(left: LeftPod, command: str) -> Finding:
    stale = left.stale
    return Finding(
        rule=RULE,
        severity=Severity.ERROR,
        subject=Subject("Pod", stale.pod.name),
        summary=f"pod/{stale.pod.name} was not replaced",
        expected="a pod that was started with the settings that were applied",
        actual="the pod of before",
        because=_because(stale.cause, left),
        fix=_fix(left, command),
    )


def _fix(left: LeftPod, command: str) -> Fix:
    return Fix(left.mend, (f"{command} {left.option}".strip(),))
