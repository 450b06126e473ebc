"""The KubeRay operator: whether it takes the RayCluster up, by what it does and says."""

from __future__ import annotations

from seedcore_deploy.judge.facts import Facts, seen
from seedcore_deploy.judge.threat import Threat
from seedcore_deploy.judge.times import later
from seedcore_deploy.model.snapshot import RayClusterFacts

OPERATOR_S = 90.0
"""An operator that moves to another node starts there, and waits for the lease of before (15 s)."""
_INVALID = frozenset({"InvalidRayClusterSpec", "InvalidRayClusterMetadata"})


def operator_threat(facts: Facts, cluster: RayClusterFacts) -> Threat | None:
    """The threat of a RayCluster that the operator refuses, or that no operator has noticed."""
    return _refused(facts, cluster) or _unnoticed(facts, cluster)


def _refused(facts: Facts, cluster: RayClusterFacts) -> Threat | None:
    """What KubeRay 1.6.1 says in an event only, once for each change of the object.

    It is of the object as it is now if it came after the object's last change.
    """
    events = seen(facts.snapshot.events)
    for event in reversed(events or ()):
        about = (event.kind, event.name) == ("RayCluster", cluster.name)
        if about and event.reason in _INVALID and later(event.last_at, cluster.changed_at):
            return Threat(
                f"KubeRay refuses it: {event.reason}: {event.message}",
                "mend what it names in the RayCluster",
            )
    return None


def _unnoticed(facts: Facts, cluster: RayClusterFacts) -> Threat | None:
    """No status and no pod: nobody works on it. A running operator needs a second or two."""
    pods = (*(view.pod for view in facts.pods), *facts.leaving)
    mine = any(pod.raycluster == cluster.name for pod in pods)
    if cluster.observed or cluster.suspended or mine:
        return None
    return Threat(
        f"the KubeRay operator does not run, or does not look after namespace {facts.namespace} "
        "or after this RayCluster (spec.managedBy): it has neither a status nor a pod",
        "start it; where it is: kubectl get pods -A -l app.kubernetes.io/name=kuberay-operator",
        cluster.created_at,
        OPERATOR_S,
    )
