"""What runs on the Ray cluster now, asked inside its head: what a new head would not have."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from seedcore_deploy.kube.client import Connection
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.disclosure import without_secrets
from seedcore_deploy.model.look import Look, NotSeen, Seen
from seedcore_deploy.model.ray_load import DetachedActor, RayLoad, RunningJob, ServeApplication
from seedcore_deploy.model.snapshot import PodFacts, Snapshot
from seedcore_deploy.observe.delivery import Place, deliver

_DEADLINE_S = 10.0
_ASK_S = 8.0
"""All questions together: the first one about Serve makes the dashboard connect to Ray."""
_ROOM = 64 << 20
"""What a plain Python that reads some JSON may take: the payload imports no ray."""


def ray_load(connection: Connection, snapshot: Snapshot) -> Look[RayLoad]:
    """What runs there now, within 10 s; NotSeen where any part of it could not be told.

    Asked of the ready head of the overlay's RayCluster, of every ready head where the manifests
    do not tell. Needs nothing that was read inside the pods.
    """
    if isinstance(snapshot.pods, NotSeen):
        return NotSeen(f"the pods could not be listed: {snapshot.pods.why}", snapshot.pods.mend)
    heads = _heads(snapshot, snapshot.pods.value)
    if not heads:
        return NotSeen("no head pod is ready, so it cannot be asked what runs on it")
    own = own_applications(snapshot)
    loads = []
    for head in heads:
        look = _load(connection, snapshot.target.namespace, head, own)
        if isinstance(look, NotSeen):
            return look
        loads.append(look.value)
    return Seen(
        RayLoad(
            jobs=tuple(job for load in loads for job in load.jobs),
            actors=tuple(actor for load in loads for actor in load.actors),
            applications=tuple(each for load in loads for each in load.applications),
        )
    )


def own_applications(snapshot: Snapshot) -> frozenset[str]:
    """The Serve applications that a pod of the overlay is there to deploy anew on a new head, and
    those that KubeRay deploys there, since the overlay's RayService names them.

    An application whose workload has no pod would be lost, whatever the contract says of it.
    """
    manifests = snapshot.manifests.value if isinstance(snapshot.manifests, Seen) else None
    pods = snapshot.pods.value if isinstance(snapshot.pods, Seen) else ()
    serving = {pod.workload for pod in pods if not pod.terminating and not pod.finished}
    deployed = (
        name
        for workload in snapshot.contract.workloads
        if workload.name in serving
        for name in workload.applications
    )
    served = (name for each in (manifests.rayclusters if manifests else ()) for name in each.serves)
    return frozenset((*deployed, *served))


def _heads(snapshot: Snapshot, pods: Collection[PodFacts]) -> list[PodFacts]:
    manifests = snapshot.manifests.value if isinstance(snapshot.manifests, Seen) else None
    meant = {each.declared for each in manifests.rayclusters} if manifests else set()
    live = snapshot.rayclusters.value if isinstance(snapshot.rayclusters, Seen) else ()
    declared = {each.name: each.declared for each in live}
    return [
        pod
        for pod in pods
        if pod.role is Role.HEAD
        and pod.ready
        and (not meant or declared.get(pod.raycluster, pod.raycluster) in meant)
    ]


def _load(
    connection: Connection, namespace: str, head: PodFacts, own: Collection[str]
) -> Look[RayLoad]:
    place = Place(namespace, head.name, head.container)
    order = {"ask_s": _ASK_S, "room": _ROOM}
    answer = deliver(connection, place, "python3", "ray_load", order, deadline_s=_DEADLINE_S)
    if isinstance(answer, NotSeen):
        return answer
    if "could_not_look" in answer:
        why = f"head pod {head.name} could not be asked what runs on it"
        return NotSeen(
            f"{why}: {without_secrets(str(answer['could_not_look']))}",
            "mend what stands there, or ask by hand: `ray list jobs` and `ray list actors` in it",
        )
    return Seen(_told(answer, own))


def _told(answer: Mapping[str, Any], own: Collection[str]) -> RayLoad:
    """Names are of other people's making: shown, but for what looks like a credential."""
    shown = without_secrets
    return RayLoad(
        jobs=tuple(
            RunningJob(shown(each["name"]), shown(each["status"])) for each in answer["jobs"]
        ),
        actors=tuple(
            DetachedActor(shown(each["name"]), shown(each["namespace"]))
            for each in answer["actors"]
        ),
        applications=tuple(
            ServeApplication(shown(each["name"]), shown(each["status"]), own=each["name"] in own)
            for each in answer["applications"]
        ),
    )
