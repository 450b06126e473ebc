"""Which pods of a workload are of the revision that is wanted now; the others are on their way out.

Neither the pod's nor the Deployment's status names the newest ReplicaSet, and after a change is
taken back the wanted revision is not the one whose pods are youngest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seedcore_deploy.judge.templates import differences
from seedcore_deploy.model.snapshot import PodFacts, WorkloadFacts

REVISIONS = ("pod-template-hash", "controller-revision-hash")


def superseded(workloads: Iterable[WorkloadFacts], pods: Sequence[PodFacts]) -> frozenset[str]:
    """The uids of pods that their workload's rollout is about to replace, or may be.

    Where the controller has not taken up the newest revision, or has no pod of it, all are.
    """
    found: set[str] = set()
    for workload in workloads:
        own = [pod for pod in pods if not pod.raycluster and pod.group == workload.name]
        beginning = workload.observed_generation < workload.generation
        if workload.kind in ("Deployment", "StatefulSet") and (beginning or not workload.updated):
            found |= {pod.uid for pod in own}
        elif own:
            wanted = _wanted(workload, own)
            found |= {pod.uid for pod in own if _revision(pod) != wanted}
    return frozenset(found)


def _wanted(workload: WorkloadFacts, pods: Sequence[PodFacts]) -> str:
    """The revision whose pods are as the template says; of several the one that came last."""
    newest_last = sorted(pods, key=lambda pod: pod.created_at)
    alike = [
        pod for pod in newest_last if not differences(workload.template, pod.template, pod.role)
    ]
    return _revision((alike or newest_last)[-1])


def _revision(pod: PodFacts) -> str:
    return next(
        (pod.template.labels[each] for each in REVISIONS if each in pod.template.labels), ""
    )
