"""HorizontalPodAutoscalers, and the numbers of the workloads that they may scale."""

from __future__ import annotations

from seedcore_deploy.kube.client import Connection
from seedcore_deploy.kube.errors import Forbidden, NotFound
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import Look, NotSeen, Seen
from seedcore_deploy.model.replicas import Autoscaler, LiveReplicas
from seedcore_deploy.observe.containers import Json
from seedcore_deploy.observe.last_applied import last_applied, overlays_own

_GROUP = "apps"
_KINDS = ("Deployment", "StatefulSet")
SCALED = tuple((_GROUP, kind) for kind in _KINDS)
"""Group and kind of the workloads of an overlay that have a number of pods to be scaled."""

_REPLICAS = "replicas"
_LIST = "/apis/autoscaling/v2/namespaces/{}/horizontalpodautoscalers"


def autoscalers(connection: Connection, namespace: str) -> Look[tuple[Autoscaler, ...]]:
    """Those of the namespace; NotSeen where they may not be listed. Raises ApiError."""
    try:
        found = connection.get(_LIST.format(namespace))
    except (Forbidden, NotFound) as fault:
        return NotSeen(
            f"horizontalpodautoscalers could not be listed ({fault.reason or fault.status})",
            "ask for the permission to list them; the verifier's Role in deploy/rbac has it",
        )
    return Seen(tuple(autoscaler(each) for each in found.get("items") or ()))


def autoscaler(document: Json) -> Autoscaler:
    """One of them. What it scales outside of apps is a subject without a name."""
    spec = document.get("spec") or {}
    target = spec.get("scaleTargetRef") or {}
    group, slash, _ = str(target.get("apiVersion") or "").partition("/")
    ours = bool(slash) and group == _GROUP
    return Autoscaler(
        str(document["metadata"]["name"]),
        Subject(str(target.get("kind") or ""), str(target.get("name") or "") if ours else ""),
        from_zero=spec.get("minReplicas") == 0,
    )


def live_replicas(document: Json, kind: str) -> LiveReplicas:
    """The number of a live workload, and the overlay's own at the last apply."""
    workload = Subject(kind, str(document["metadata"]["name"]))
    live = replicas(document)
    applied = last_applied(document)
    if live is None or applied is None:
        return LiveReplicas(workload, 1 if live is None else live)
    sent = replicas(applied)
    try:
        own = overlays_own(applied)
        said = own.get(_REPLICAS, sent)
        before = None if said is None else int(said)
    except (TypeError, ValueError):
        return LiveReplicas(workload, live, sent=sent)  # not ours: what it said is not known
    return LiveReplicas(workload, live, known=True, sent=sent, own=before)


def replicas(document: Json) -> int | None:
    """The number of pods that a workload's document asks for; None where it does not say."""
    asked = (document.get("spec") or {}).get(_REPLICAS)
    return None if asked is None else int(asked)
