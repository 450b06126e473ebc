"""Waiting for every worker to be in the session of the head that is there now.

After a change of head a worker stays 1/1 Ready for some 15 s while it is still in the old
session, so readiness is not enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from seedcore_deploy.act.settle import pods_of
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import PodFacts, ProbeFacts, Snapshot

LOOK_AGAIN_S = 3.0
"""Joining a session changes nothing in Kubernetes, so no watch can tell of it."""


@dataclass(frozen=True, slots=True)
class NotJoined:
    """A worker pod that the head's own probe does not list as an alive node."""

    subject: Subject
    why: str


def with_heads_proven(snapshot: Snapshot, prove: Callable[[Snapshot], Snapshot]) -> Snapshot:
    """The snapshot with the probe run in its heads, and only there."""
    heads = tuple(pod for pod in pods_of(snapshot) if pod.role is Role.HEAD)
    if not heads:
        return snapshot
    proven = {pod.uid: pod for pod in pods_of(prove(replace(snapshot, pods=Seen(heads))))}
    return replace(
        snapshot, pods=Seen(tuple(proven.get(pod.uid, pod) for pod in pods_of(snapshot)))
    )


def workers_outside(snapshot: Snapshot) -> tuple[NotJoined, ...]:
    """The workers that their head does not list as alive.

    A head that was not proven tells nothing: its workers are left to verify, which says why.
    A node may be listed once dead and once alive; any alive entry counts.
    """
    alive = {
        pod.raycluster: {node.ip for node in probe.nodes if node.alive and not node.head}
        for pod in pods_of(snapshot)
        if pod.role is Role.HEAD and not pod.terminating
        for probe in _answered(pod)
    }
    return tuple(
        NotJoined(
            Subject("Pod", pod.name), "it is not yet in the session of the head that is there now"
        )
        for pod in pods_of(snapshot)
        if pod.role is Role.WORKER
        and not pod.terminating
        and not pod.finished
        and pod.raycluster in alive
        and alive[pod.raycluster].isdisjoint(pod.addresses)
    )


def _answered(pod: PodFacts) -> tuple[ProbeFacts, ...]:
    if isinstance(pod.probe, Seen) and pod.probe.value.ok:
        return (pod.probe.value,)
    return ()
