"""The verdict as JSON, valid against docs/schema/verify-v1.json."""

from __future__ import annotations

import json
from typing import Any

from seedcore_deploy.model.finding import Finding, Gap, Subject
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.variable import VariableLine
from seedcore_deploy.model.verdict import PodLine, Verdict

SCHEMA_VERSION = 1


def render(verdict: Verdict, snapshot: Snapshot) -> str:
    """The whole verdict, indented, with a newline at its end."""
    said = {
        "schema": SCHEMA_VERSION,
        "outcome": verdict.outcome.value,
        "exit_code": int(verdict.exit_code),
        "context": snapshot.target.context,
        "namespace": snapshot.target.namespace,
        "overlay": snapshot.target.overlay,
        "session": verdict.session,
        "findings": [_finding(each) for each in verdict.findings],
        "gaps": [_gap(each) for each in verdict.gaps],
        "pods": [_pod(each) for each in verdict.pods],
        "fine_print": list(verdict.fine_print),
        "tool": snapshot.tool,
        "taken_at": snapshot.taken_at,
    }
    return json.dumps(said, indent=2) + "\n"


def _subject(subject: Subject) -> dict[str, str]:
    return {"kind": subject.kind, "name": subject.name, "detail": subject.detail}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "subject": _subject(finding.subject),
        "summary": finding.summary,
        "expected": finding.expected,
        "actual": finding.actual,
        "because": finding.because,
        "fix": {"text": finding.fix.text, "commands": list(finding.fix.commands)},
        "consequences": list(finding.consequences),
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "subject": _subject(gap.subject),
        "why": gap.why,
        "mend": gap.mend,
        "settling": gap.settling,
    }


def _pod(pod: PodLine) -> dict[str, Any]:
    return {
        "pod": pod.pod,
        "role": pod.role.value,
        "workload": pod.workload,
        "ready": pod.ready,
        "environment": pod.environment.value,
        "proof": pod.proof.value,
        "application": pod.application.value,
        "note": pod.note,
        "variables": [_variable(each) for each in pod.variables],
    }


def _variable(variable: VariableLine) -> dict[str, Any]:
    origin = variable.origin
    return {
        "name": variable.name,
        "value": variable.value,
        "origin": {"kind": origin.kind.value, "name": origin.name, "key": origin.key},
        "verdict": variable.verdict.value,
        "layers": dict(variable.layers),
    }
