"""The verdict for programs: JSON as docs/schema/verify-v1.json describes it."""

from __future__ import annotations

import json
from typing import TypeAlias

from seedcore_deploy.model.finding import Finding, Gap, Subject
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.variable import VariableLine
from seedcore_deploy.model.verdict import PodLine, Verdict

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | bool"

VERSION = 1


def render(verdict: Verdict, snapshot: Snapshot) -> str:
    """One JSON object and a newline; plain ASCII, so that no terminal or decoder stumbles."""
    target = snapshot.target
    document: Json = {
        "version": VERSION,
        "tool": snapshot.tool,
        "taken_at": snapshot.taken_at,
        "outcome": str(verdict.outcome),
        "exit_code": int(verdict.exit_code),
        "context": target.context,
        "namespace": target.namespace,
        "overlay": target.overlay,
        "session": verdict.session,
        "findings": [finding_json(each) for each in verdict.findings],
        "gaps": [_gap(each) for each in verdict.gaps],
        "pods": [_pod(each) for each in verdict.pods],
        "fine_print": list(verdict.fine_print),
    }
    return json.dumps(document, indent=2) + "\n"


def finding_json(finding: Finding) -> dict[str, Json]:
    """A finding as an object; the same for every verb."""
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "subject": _subject(finding.subject),
        "summary": finding.summary,
        "expected": finding.expected,
        "actual": finding.actual,
        "because": finding.because,
        "fix": {"text": finding.fix.text, "commands": list(finding.fix.commands)},
        "consequences": list(finding.consequences),
    }


def _gap(gap: Gap) -> Json:
    return {
        "subject": _subject(gap.subject),
        "why": gap.why,
        "mend": gap.mend,
        "settling": gap.settling,
    }


def _subject(subject: Subject) -> Json:
    return {"kind": subject.kind, "name": subject.name, "detail": subject.detail}


def _pod(pod: PodLine) -> Json:
    return {
        "name": pod.pod,
        "role": str(pod.role),
        "workload": pod.workload,
        "ready": pod.ready,
        "environment": str(pod.environment),
        "proof": str(pod.proof),
        "application": str(pod.application),
        "note": pod.note,
        "variables": [variable_json(each) for each in pod.variables],
    }


def variable_json(variable: VariableLine) -> dict[str, Json]:
    """A variable with its origin and layers, as both schemas have it."""
    return {
        "name": variable.name,
        "value": variable.value,
        "origin": {
            "kind": str(variable.origin.kind),
            "name": variable.origin.name,
            "key": variable.origin.key,
        },
        "verdict": str(variable.verdict),
        "layers": dict(variable.layers),
    }
