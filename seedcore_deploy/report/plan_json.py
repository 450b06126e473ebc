"""The plan for programs: JSON as docs/schema/plan-v1.json describes it."""

from __future__ import annotations

import json

from seedcore_deploy.model.look import Look, NotSeen
from seedcore_deploy.model.plan import FieldChange, ObjectChange, Plan, PodPlan
from seedcore_deploy.model.ray_load import RayLoad
from seedcore_deploy.model.snapshot import Target
from seedcore_deploy.report.json import Json
from seedcore_deploy.report.plan import summary

VERSION = 1


def render(plan: Plan, target: Target, tool: str) -> str:
    """One JSON object and a newline; plain ASCII, so that no terminal or decoder stumbles."""
    document: Json = {
        "version": VERSION,
        "tool": tool,
        "taken_at": plan.taken_at,
        "exit_code": int(plan.exit_code),
        "context": target.context,
        "namespace": target.namespace,
        "overlay": target.overlay,
        "summary": summary(plan),
        "creates_namespace": plan.makes_namespace,
        "objects": [_object(each) for each in plan.objects],
        "pods": [_pod(each) for each in plan.pods],
        "ray": _load(plan.load),
        "kept": list(plan.kept),
        "notes": list(plan.notes),
        "not_compared": list(plan.not_compared),
    }
    return json.dumps(document, indent=2) + "\n"


def _object(change: ObjectChange) -> Json:
    return {
        "kind": change.subject.kind,
        "name": change.subject.name,
        "change": str(change.change),
        "fields": [_field(each) for each in change.fields],
    }


def _field(field: FieldChange) -> Json:
    how = "added" if field.before is None else "removed" if field.after is None else "changed"
    return {
        "path": field.path,
        "key": field.is_key,
        "change": how,
        "before": field.before or "",
        "after": field.after or "",
        "sure": field.sure,
    }


def _pod(pod: PodPlan) -> Json:
    return {
        "name": pod.pod,
        "role": str(pod.role),
        "owner": str(pod.owner),
        "fate": str(pod.fate),
        "why": list(pod.why),
        "mend": pod.mend,
    }


def _load(look: Look[RayLoad] | None) -> Json:
    """What runs on Ray; `asked` is false where no Ray pod is touched."""
    if look is None:
        return {"asked": False}
    if isinstance(look, NotSeen):
        return {"asked": True, "why_not": look.why}
    load = look.value
    return {
        "asked": True,
        "jobs": [{"name": each.name, "status": each.status} for each in load.jobs],
        "actors": [{"name": each.name, "namespace": each.namespace} for each in load.actors],
        "applications": [
            {"name": each.name, "status": each.status, "own": each.own}
            for each in load.applications
        ],
    }
