"""Ray pods that no node takes because of a template that has been mended since.

Measured with KubeRay 1.6.1: a head that is Pending for a bad nodeSelector stays so after the
template is mended, until its pod is deleted.
"""

from __future__ import annotations

import json

from seedcore_deploy.judge.facts import PodView
from seedcore_deploy.model.snapshot import PodTemplate


def unscheduled_differences(view: PodView) -> tuple[str, ...]:
    """In what a Ray pod without a node would be made for other nodes now.

    One that has a node differs in nothing: where it runs was settled when it came.
    """
    if view.carrier is None or view.carrier.group is None or _has_node(view):
        return ()
    return scheduling_differences(view.carrier.template, view.pod.template)


def _has_node(view: PodView) -> bool:
    pod = view.pod
    return pod.ready or bool(pod.ip or pod.started_at) or pod.phase != "Pending"


def scheduling_differences(template: PodTemplate, pod: PodTemplate) -> tuple[str, ...]:
    """What differs in where the two may run; tolerations that admission adds do not count."""
    found = [
        name
        for name in ("nodeSelector", "affinity")
        if template.scheduling.get(name) != pod.scheduling.get(name)
    ]
    wanted = json.loads(template.scheduling.get("tolerations", "[]"))
    has = json.loads(pod.scheduling.get("tolerations", "[]"))
    if any(each not in has for each in wanted):
        found.append("tolerations")
    return tuple(found)
