"""What stands between one pod and its being ready, where no waiting helps."""

from __future__ import annotations

from collections.abc import Iterable

from seedcore_deploy.judge.crash_loop import crash_threat
from seedcore_deploy.judge.image_pull import pull_threat
from seedcore_deploy.judge.missing_objects import config_threat, mount_threat
from seedcore_deploy.judge.threat import Around, Threat
from seedcore_deploy.judge.unschedulable import unschedulable_threat
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.pod_state import ContainerPhase, ContainerState
from seedcore_deploy.model.snapshot import PodFacts

INIT_STUCK_S = 180.0
"""A worker's init container asks for the head every 5 s (KubeRay 1.6.1 wait-gcs-ready)."""
_STARTING = frozenset({"", "ContainerCreating", "PodInitializing"})


def pod_threat(pod: PodFacts, around: Around) -> Threat | None:
    """The threat of a pod that is not ready; None for one that may well become so by itself."""
    if pod.ready or pod.terminating or pod.finished:
        return None
    if pod.placement.refused:
        return unschedulable_threat(pod, around)
    for container in pod.containers:
        if found := _of_container(pod, container, around):
            return found
    if pod.containers and all(_is_starting(each) for each in pod.containers):
        return mount_threat(pod, around)
    return None


def _of_container(pod: PodFacts, container: ContainerState, around: Around) -> Threat | None:
    return (
        pull_threat(pod, container, around)
        or crash_threat(pod, container, around)
        or config_threat(pod, container, around)
        or _init_threat(pod, container, around)
    )


def _is_starting(container: ContainerState) -> bool:
    return container.phase is not ContainerPhase.RUNNING and container.reason in _STARTING


def _init_threat(pod: PodFacts, container: ContainerState, around: Around) -> Threat | None:
    """A worker that does not find a head which has long been there.

    Without a ready head it waits for that one, and what holds the head up is told instead.
    """
    waits = container.init and container.phase is ContainerPhase.RUNNING and not container.ready
    if pod.role is not Role.WORKER or not waits or not around.head_ready_since:
        return None
    return Threat(
        f"init container {container.name}: it does not reach the head, which is ready",
        f"read its log (kubectl logs {pod.name} -c {container.name}): name resolution, a "
        f"NetworkPolicy, or the head service's selector",
        latest((around.head_ready_since, container.started_at)),
        INIT_STUCK_S,
        container=container.name,
    )


def latest(moments: Iterable[str]) -> str:
    """The newest of several times; empty where one of them is unknown."""
    known = list(moments)
    return max(known, default="") if all(known) else ""
