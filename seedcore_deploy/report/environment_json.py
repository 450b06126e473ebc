"""The environment of pods for programs: JSON as docs/schema/env-v1.json describes it."""

from __future__ import annotations

import json

from seedcore_deploy.model.environment import Difference, Environments, PodEnvironment
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.report.json import Json, variable_json

VERSION = 1


def render(environments: Environments, snapshot: Snapshot) -> str:
    """One JSON object and a newline; plain ASCII, so that no terminal or decoder stumbles."""
    target = snapshot.target
    document: Json = {
        "version": VERSION,
        "tool": snapshot.tool,
        "taken_at": snapshot.taken_at,
        "exit_code": int(environments.exit_code),
        "context": target.context,
        "namespace": target.namespace,
        "overlay": target.overlay,
        "pods": [_pod(each) for each in environments.pods],
        "differences": [_difference(each) for each in environments.differences],
    }
    return json.dumps(document, indent=2) + "\n"


def _pod(pod: PodEnvironment) -> Json:
    return {
        "name": pod.pod,
        "role": str(pod.role),
        "workload": pod.workload,
        "ready": pod.ready,
        "serving": pod.serving,
        "looked_into": pod.looked_into,
        "note": pod.note,
        "mend": pod.mend,
        "variables": [
            {**variable_json(each), "layer": each.layer, "differs": each.name in pod.differing}
            for each in pod.variables
        ],
    }


def _difference(difference: Difference) -> Json:
    return {
        "workload": difference.workload,
        "variable": difference.variable,
        "values": [{"value": value, "pods": list(pods)} for value, pods in difference.values],
    }
