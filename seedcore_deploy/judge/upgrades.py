"""What a changed RayService costs, and when that needs permission.

An upgrade spares the Serve applications of the RayService, which KubeRay deploys on the new
RayCluster before it switches over. What else runs on the former one ends with it.
"""

from __future__ import annotations

from seedcore_deploy.judge.permission import busy
from seedcore_deploy.model.look import Look
from seedcore_deploy.model.ray_load import RayLoad
from seedcore_deploy.model.upgrade import ServiceChange, Upgrade


def told(change: ServiceChange) -> str:
    """What KubeRay makes of the change, in one sentence."""
    if change.upgrade is Upgrade.NEW_CLUSTER:
        after = change.deleted_after_s
        later = "later" if after is None else f"{after} s later"
        return (
            f"{change.subject} changes, so KubeRay makes a new RayCluster beside the one that "
            "runs (until the switch both need room), switches over once its Serve applications "
            f"run, and deletes the former {later}"
        )
    if change.upgrade is Upgrade.IN_PLACE:
        return f"{change.subject} gets worker groups; KubeRay adds them to the RayCluster that runs"
    return (
        f"{change.subject} changes, and KubeRay takes nothing of that over to the RayCluster that "
        "runs (upgradeStrategy None): it would come with a new RayService alone"
    )


def costs(change: ServiceChange, load: Look[RayLoad]) -> str:
    """What would be lost with the RayCluster that runs, as a clause; empty where nothing would.

    What could not be looked at counts as something.
    """
    return busy(load) if change.upgrade is Upgrade.NEW_CLUSTER else ""
