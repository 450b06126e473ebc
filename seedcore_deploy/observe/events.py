"""The events that say why something does not come up, and those of autoscalers."""

from __future__ import annotations

from collections.abc import Sequence

from seedcore_deploy.model.disclosure import without_secrets
from seedcore_deploy.model.pod_state import EventFacts
from seedcore_deploy.observe.containers import Json

AUTOSCALER = ("TriggeredScaleUp", "NotTriggerScaleUp", "Nominated")
"""Of the cluster autoscaler the first two, of Karpenter the last; they are no warnings."""
TELLING = frozenset(AUTOSCALER) | frozenset(
    """
    Failed FailedCreate FailedMount FailedScheduling ReplicaSetCreateError
    InvalidRayClusterSpec InvalidRayClusterMetadata InvalidRayClusterStatus
    FailedToCreateHeadPod FailedToCreateWorkerPod FailedToCreateService
    FailedToCreateRole FailedToCreateRoleBinding FailedToCreateServiceAccount
    """.split()
)
"""Reasons of the kubelet, the controllers, the scheduler and KubeRay 1.6.1. Those that quote a
program's output (Unhealthy, FailedPostStartHook) are not among them."""
KINDS = frozenset({"Pod", "ReplicaSet", "Deployment", "StatefulSet", "RayCluster"})
MOST = 500
_LONGEST = 1000


def events(documents: Sequence[Json]) -> tuple[EventFacts, ...]:
    """Those of the list that tell something, oldest first, without secrets."""
    found = [_event(each) for each in documents if _tells(each)]
    return tuple(sorted(found, key=lambda each: each.last_at))


def _tells(document: Json) -> bool:
    about = document.get("involvedObject") or {}
    return document.get("reason") in TELLING and about.get("kind") in KINDS


def _event(document: Json) -> EventFacts:
    about, metadata = document.get("involvedObject") or {}, document.get("metadata") or {}
    series = document.get("series") or {}
    created = str(metadata.get("creationTimestamp") or "")
    first = str(document.get("firstTimestamp") or _whole(document.get("eventTime")) or created)
    last = str(document.get("lastTimestamp") or _whole(series.get("lastObservedTime")) or first)
    said = " ".join(str(document.get("message") or "").split())
    return EventFacts(
        kind=str(about.get("kind")),
        name=str(about.get("name") or ""),
        reason=str(document.get("reason")),
        message=without_secrets(said)[:_LONGEST],
        first_at=first,
        last_at=last,
        count=int(document.get("count") or series.get("count") or 1),
    )


def _whole(moment: object) -> str:
    """A MicroTime in whole seconds, so that all times compare as texts."""
    text = str(moment or "")
    return text.split(".", maxsplit=1)[0] + "Z" if "." in text else text
