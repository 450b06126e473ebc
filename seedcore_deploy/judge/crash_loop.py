"""Containers that crash again and again: whose crashes count, and from when on."""

from __future__ import annotations

import re

from seedcore_deploy.judge.threat import Around, Threat
from seedcore_deploy.judge.times import age
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.pod_state import ContainerState, EndedRun
from seedcore_deploy.model.snapshot import PodFacts

HEAD_READY_S = 90.0
"""How long the head must have been ready before crashes of its clients and workers count."""
HEAD_FOUND_S = 45.0
"""A run that begins earlier beside a fresh head may fail for that; measured: 31-41 s."""
_WAITS = frozenset({"CrashLoopBackOff", "RunContainerError"})
_NEVER_STARTED = frozenset({"StartError", "ContainerCannotRun"})
_WRONG_SETTING = re.compile(r"(?:^|\s)error (SC1\d\d) ")
"""In the last words of an init container: the start-up check has found a setting wrong."""


def crash_threat(pod: PodFacts, container: ContainerState, around: Around) -> Threat | None:
    """The threat of a container that backs off from crashes; None for any other.

    The kubelet starts a container again at once after its first crash, so that one that backs
    off has crashed twice. What cannot even be started has nothing to do with the head, nor has
    the start-up check (deploy/kustomize/components/ray-startup-check), which only reads settings.
    """
    ended = container.ended
    if container.reason not in _WAITS or ended is None or container.restarts < 1:
        return None
    reason, mend = _reason(container, ended), _mend(pod, container, ended)
    begun = max(ended.started_at, ended.finished_at if _never_started(ended) else "")
    if pod.role is Role.HEAD or _never_started(ended) or wrong_setting(container, ended):
        return Threat(reason, mend, met_at=begun, container=container.name)
    after_head = age(begun, around.head_ready_since)
    if after_head is None or after_head < HEAD_FOUND_S:
        return None
    since = around.head_ready_since
    return Threat(reason, mend, since, HEAD_READY_S, begun, container.name)


def wrong_setting(container: ContainerState, ended: EndedRun) -> str:
    """The first rule by which the start-up check found a setting wrong; "" where it did not."""
    found = _WRONG_SETTING.search(ended.said)
    return found[1] if found and container.init and ended.exit_code == 1 else ""


def _never_started(ended: EndedRun) -> bool:
    return ended.reason in _NEVER_STARTED


def _reason(container: ContainerState, ended: EndedRun) -> str:
    kind = "init container" if container.init else "container"
    how = f"exit code {ended.exit_code}"
    if ended.reason and ended.reason != "Error":
        how = f"{ended.reason}, {how}"
    said = f": {ended.said}" if ended.said else ""
    times = f"it ended {container.restarts + 1} times"
    return f"{kind} {container.name}: {container.reason}: {times}, last with {how}{said}"


def _mend(pod: PodFacts, container: ContainerState, ended: EndedRun) -> str:
    if ended.reason == "OOMKilled":
        limit = _memory_limit(pod, container.name)
        has = f" of {limit}" if limit else ""
        return f"raise the memory limit{has} of container {container.name}, or let it use less"
    if _never_started(ended):
        return f"name a command that is in image {container.image} (container {container.name})"
    if rule := wrong_setting(container, ended):
        return f"mend the setting that it names (seedcore-deploy explain {rule})"
    log = f"kubectl logs {pod.name} -c {container.name} --previous"
    return f"read its last log ({log}), and mend what it says"


def _memory_limit(pod: PodFacts, container: str) -> str:
    for each in pod.template.containers:
        if each.name == container:
            return dict(each.resources).get("limits.memory", "")
    return ""
