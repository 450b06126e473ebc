"""Ray pods that no node takes because of a template that has been mended since.

Measured with KubeRay 1.6.1: a head that is Pending for a bad nodeSelector stays so after the
template is mended, until its pod is deleted.
"""

from __future__ import annotations

import json

from seedcore_deploy.judge.facts import PodView, gather
from seedcore_deploy.judge.readiness import OutdatedPod
from seedcore_deploy.model.snapshot import PodTemplate, Snapshot


def unscheduled_outdated(snapshot: Snapshot) -> tuple[OutdatedPod, ...]:
    """The Ray pods without a node that KubeRay would make for other nodes now.

    Pods that have a node are left out: where they run was settled when they came.
    """
    return tuple(
        OutdatedPod(view.pod, differences)
        for view in gather(snapshot).pods
        if (differences := _differences(view))
    )


def _differences(view: PodView) -> tuple[str, ...]:
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
