"""A RayService's status: which of its RayClusters serves, and which is to follow it."""

from __future__ import annotations

from seedcore_deploy.model.snapshot import RayServiceFacts
from seedcore_deploy.observe.containers import Json

_DELETED_AFTER_S = 60
"""KubeRay 1.6 RayClusterDeletionDelayDuration."""


def rayservice(document: Json) -> RayServiceFacts:
    """A live RayService.

    What KubeRay has seen of it is told by the condition that it sets at each look, together with
    the names below. A status that differs in observedGeneration alone is not written (1.6,
    InconsistentRayServiceStatuses).
    """
    metadata, status = document["metadata"], document.get("status") or {}
    return RayServiceFacts(
        name=str(metadata["name"]),
        generation=int(metadata.get("generation") or 0),
        observed_generation=_observed(status),
        active=running_cluster(document),
        pending=_named(status, "pendingServiceStatus"),
        deleted_after_s=deleted_after_s(document),
    )


def running_cluster(document: Json) -> str:
    """The RayCluster that serves; empty where none does yet."""
    return _named(document.get("status") or {}, "activeServiceStatus")


def deleted_after_s(document: Json) -> int:
    """How many seconds after the switch KubeRay deletes a former RayCluster."""
    asked = (document.get("spec") or {}).get("rayClusterDeletionDelaySeconds")
    return _DELETED_AFTER_S if asked is None else int(asked)


def _observed(status: Json) -> int:
    for condition in status.get("conditions") or ():
        if condition.get("type") == "UpgradeInProgress":
            return int(condition.get("observedGeneration") or 0)
    return 0


def _named(status: Json, part: str) -> str:
    return str((status.get(part) or {}).get("rayClusterName") or "")
