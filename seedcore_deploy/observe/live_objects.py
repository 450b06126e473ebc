"""What the objects of a render are in the cluster now, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from seedcore_deploy.kube.client import Connection
from seedcore_deploy.kube.errors import Forbidden, NotFound
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.live import (
    GroupNumbers,
    LiveObject,
    LiveWorkers,
    Number,
    WorkerNumbers,
)
from seedcore_deploy.model.look import Look
from seedcore_deploy.model.replicas import Autoscaler, LiveReplicas
from seedcore_deploy.model.snapshot import NOT_LOOKED_AT
from seedcore_deploy.observe.autoscalers import SCALED, autoscalers, live_replicas
from seedcore_deploy.observe.containers import Json
from seedcore_deploy.observe.last_applied import LAST_APPLIED, last_applied, overlays_own
from seedcore_deploy.observe.objects import RAY_SERVICE
from seedcore_deploy.observe.rayservices import running_cluster
from seedcore_deploy.sources.rendered import object_name

_RAY = "ray.io"
RAY_CLUSTER = "RayCluster"
_WHOLE = frozenset({(_RAY, RAY_CLUSTER), (_RAY, RAY_SERVICE), *SCALED})
"""Of these more than the metadata is looked at."""


@dataclass(frozen=True, slots=True)
class Live:
    """What is there: everybody's metadata, the numbers of workers and of pods, and what of it
    could not be looked at. `rayclusters` and `rayservices` are whole.
    """

    objects: tuple[LiveObject, ...] = ()
    workers: tuple[LiveWorkers, ...] = ()
    rayclusters: tuple[Json, ...] = ()
    rayservices: tuple[Json, ...] = ()
    replicas: tuple[LiveReplicas, ...] = ()
    autoscalers: Look[tuple[Autoscaler, ...]] = NOT_LOOKED_AT
    unseen: tuple[str, ...] = ()


class Resources:
    """Paths of objects by apiVersion and kind, as the API server itself tells them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[str, Mapping[str, tuple[str, bool]]] = {}

    def path(self, api_version: str, kind: str, namespace: str) -> str:
        """The path of the kind's list; empty when the API server does not know it.

        Raises ApiError.
        """
        if api_version not in self._known:
            self._known[api_version] = self._discovered(api_version)
        name, namespaced = self._known[api_version].get(kind, ("", False))
        if not name:
            return ""
        within = f"/namespaces/{namespace}" if namespaced else ""
        return f"{_root(api_version)}{within}/{name}"

    def _discovered(self, api_version: str) -> Mapping[str, tuple[str, bool]]:
        try:
            found = self._connection.get(_root(api_version))
        except NotFound:
            return {}
        return {
            str(each["kind"]): (str(each["name"]), bool(each.get("namespaced")))
            for each in found.get("resources") or ()
            if "/" not in each["name"]
        }


def look_at_live(
    connection: Connection, resources: Resources, namespace: str, documents: Iterable[Json]
) -> Live:
    """The live objects of the documents' names, and the autoscalers where any has replicas.

    Raises ApiError.
    """
    objects: list[LiveObject] = []
    whole: dict[str, list[Json]] = {RAY_CLUSTER: [], RAY_SERVICE: []}
    replicas: list[LiveReplicas] = []
    unseen: list[str] = []
    for document in documents:
        name = object_name(document)
        path = resources.path(str(document.get("apiVersion") or ""), name.kind, namespace)
        if not path:
            continue
        try:
            is_whole = (name.group, name.kind) in _WHOLE
            found = _read(connection, f"{path}/{name.name}", whole=is_whole)
        except NotFound:
            continue
        except Forbidden:
            unseen.append(str(name))
            continue
        objects.append(live_object(found, name.group, name.kind))
        if (name.group, name.kind) in SCALED:
            replicas.append(live_replicas(found, name.kind))
        elif name.group == _RAY and name.kind in whole:
            whole[name.kind].append(found)
    services = tuple(whole[RAY_SERVICE])
    running = (_running(connection, namespace, each) for each in services)
    return Live(
        objects=tuple(objects),
        workers=(
            *(live_workers(each) for each in whole[RAY_CLUSTER]),
            *(
                live_workers(cluster, of=str(service["metadata"]["name"]))
                for service, cluster in zip(services, running, strict=True)
                if cluster is not None
            ),
        ),
        rayclusters=tuple(whole[RAY_CLUSTER]),
        rayservices=services,
        replicas=tuple(replicas),
        autoscalers=autoscalers(connection, namespace) if replicas else NOT_LOOKED_AT,
        unseen=tuple(unseen),
    )


def live_object(found: Json, group: str, kind: str) -> LiveObject:
    """The metadata of an object; of its annotations all but what was last applied."""
    metadata = found.get("metadata") or {}
    annotations = {
        str(key): str(value)
        for key, value in (metadata.get("annotations") or {}).items()
        if key != LAST_APPLIED
    }
    return LiveObject(
        group=group,
        kind=kind,
        name=str(metadata.get("name") or ""),
        namespace=str(metadata.get("namespace") or ""),
        labels=dict(metadata.get("labels") or {}),
        annotations=annotations,
        managers=tuple(_managers(metadata)),
        controlled=bool(metadata.get("ownerReferences")),
    )


def worker_numbers(document: Json) -> WorkerNumbers:
    """The numbers of the worker groups of a RayCluster or RayService, as the document has them."""
    return WorkerNumbers(
        Subject(str(document.get("kind") or RAY_CLUSTER), str(document["metadata"]["name"])),
        tuple(_group(each) for each in worker_groups(document)),
    )


def live_workers(raycluster: Json, *, of: str = "") -> LiveWorkers:
    """The live numbers, and the overlay's own at the last apply where that is known.

    `of` names the RayService that the RayCluster belongs to. KubeRay 1.6 copies its annotations
    onto each RayCluster that it makes or updates, with what was last applied until then
    (constructRayClusterForRayService).
    """
    try:
        applied = last_applied(raycluster)
        before = None if applied is None else _own_numbers(applied)
    except (AttributeError, KeyError, TypeError, ValueError):
        before = None  # not kubectl's: nothing is known of the last apply
    live = worker_numbers(raycluster)
    if not of:
        return LiveWorkers(live, before)
    # The autoscaler chose pods of this very RayCluster: a new one has others.
    groups = tuple(replace(each, leaving=()) for each in live.groups)
    owner = Subject(RAY_SERVICE, of)
    return LiveWorkers(WorkerNumbers(owner, groups), before, running=live.owner.name)


def worker_groups(document: Json) -> Sequence[Json]:
    """The worker groups of a RayCluster's or RayService's document."""
    spec = document.get("spec") or {}
    if document.get("kind") == RAY_SERVICE:
        spec = spec.get("rayClusterConfig") or {}
    return tuple(spec.get("workerGroupSpecs") or ())


def _running(connection: Connection, namespace: str, rayservice: Json) -> Json | None:
    """The RayCluster that a RayService has active; None where none serves yet. Raises ApiError."""
    name = running_cluster(rayservice)
    if not name:
        return None
    try:
        return connection.get(f"/apis/ray.io/v1/namespaces/{namespace}/rayclusters/{name}")
    except NotFound:
        return None


def _read(connection: Connection, path: str, *, whole: bool) -> Json:
    return connection.get(path) if whole else connection.metadata(path, many=False)


def _own_numbers(applied: Json) -> WorkerNumbers:
    """The numbers of a last-applied configuration, without the live ones that were carried."""
    sent = worker_numbers(applied)
    own: Mapping[str, Mapping[str, int | None]] = overlays_own(applied)
    return WorkerNumbers(
        sent.owner,
        tuple(
            GroupNumbers(each.group, _overlaid(each.numbers, own.get(each.group) or {}))
            for each in sent.groups
        ),
    )


def _overlaid(sent: Mapping[Number, int], own: Mapping[str, int | None]) -> Mapping[Number, int]:
    numbers = {number: own.get(number, sent.get(number)) for number in Number}
    return {number: int(value) for number, value in numbers.items() if value is not None}


def _group(group: Json) -> GroupNumbers:
    numbers = {number: int(group[number]) for number in Number if group.get(number) is not None}
    leaving = (group.get("scaleStrategy") or {}).get("workersToDelete") or ()
    return GroupNumbers(str(group["groupName"]), numbers, tuple(str(each) for each in leaving))


def _managers(metadata: Mapping[str, Any]) -> Iterator[str]:
    for entry in metadata.get("managedFields") or ():
        if entry.get("subresource") != "status":
            yield str(entry.get("manager") or "")


def _root(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
