"""The RayCluster that a RayService is to switch over to, alone."""

from __future__ import annotations

from dataclasses import replace

from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import RayServiceFacts, Snapshot


def of_next_cluster(snapshot: Snapshot) -> Snapshot | None:
    """What was seen of it and of nothing else, as if nothing served yet; None where there is none.

    None, too, while KubeRay has not taken up the RayService's last change: it may give up the one
    that it prepares, and make another.
    """
    if isinstance(snapshot.rayservices, NotSeen) or isinstance(snapshot.rayclusters, NotSeen):
        return None
    names = {each.pending for each in snapshot.rayservices.value if _is_taken_up(each)}
    found = tuple(each for each in snapshot.rayclusters.value if each.name in names)
    if not found or isinstance(snapshot.pods, NotSeen):
        return None
    own = tuple(pod for pod in snapshot.pods.value if pod.raycluster in names)
    return replace(snapshot, rayclusters=Seen(found), workloads=Seen(()), pods=Seen(own))


def _is_taken_up(service: RayServiceFacts) -> bool:
    return not 0 < service.observed_generation < service.generation
