"""What the objects of a render are in the cluster now, before anything is sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seedcore_deploy.kube.client import Connection
from seedcore_deploy.kube.errors import Forbidden, NotFound
from seedcore_deploy.model.live import (
    OWN_NUMBERS,
    GroupNumbers,
    LiveObject,
    LiveWorkers,
    Number,
    WorkerNumbers,
)
from seedcore_deploy.observe.containers import Json
from seedcore_deploy.sources.rendered import object_name

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

_RAY = "ray.io"


@dataclass(frozen=True, slots=True)
class Live:
    """Metadata of what is there, the RayClusters' numbers, and what could not be looked at."""

    objects: tuple[LiveObject, ...] = ()
    workers: tuple[LiveWorkers, ...] = ()
    rayclusters: tuple[Json, ...] = ()
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
    """The live objects of the documents' names. Of all but RayClusters only metadata is asked for.

    Raises ApiError.
    """
    objects: list[LiveObject] = []
    rayclusters: list[Json] = []
    unseen: list[str] = []
    for document in documents:
        name = object_name(document)
        path = resources.path(str(document.get("apiVersion") or ""), name.kind, namespace)
        if not path:
            continue
        whole = (name.group, name.kind) == (_RAY, "RayCluster")
        try:
            found = _read(connection, f"{path}/{name.name}", whole=whole)
        except NotFound:
            continue
        except Forbidden:
            unseen.append(str(name))
            continue
        objects.append(live_object(found, name.group, name.kind))
        if whole:
            rayclusters.append(found)
    workers = tuple(live_workers(each) for each in rayclusters)
    return Live(tuple(objects), workers, tuple(rayclusters), tuple(unseen))


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


def worker_numbers(raycluster: Json) -> WorkerNumbers:
    """The numbers of a RayCluster's worker groups, as the document has them."""
    return WorkerNumbers(
        str(raycluster["metadata"]["name"]),
        tuple(_group(each) for each in worker_groups(raycluster)),
    )


def live_workers(raycluster: Json) -> LiveWorkers:
    """The live numbers, and the overlay's own at the last apply where that is known."""
    annotations = (raycluster.get("metadata") or {}).get("annotations") or {}
    try:
        applied = json.loads(annotations.get(LAST_APPLIED) or "null")
        before = None if applied is None else _own_numbers(applied)
    except (AttributeError, KeyError, TypeError, ValueError):
        before = None  # not kubectl's: nothing is known of the last apply
    return LiveWorkers(worker_numbers(raycluster), before)


def worker_groups(raycluster: Json) -> Sequence[Json]:
    """The worker groups of a RayCluster's document."""
    groups = (raycluster.get("spec") or {}).get("workerGroupSpecs") or ()
    return tuple(groups)


def _read(connection: Connection, path: str, *, whole: bool) -> Json:
    return connection.get(path) if whole else connection.metadata(path, many=False)


def _own_numbers(applied: Json) -> WorkerNumbers:
    """The numbers of a last-applied configuration, without the live ones that were carried."""
    sent = worker_numbers(applied)
    annotations = (applied.get("metadata") or {}).get("annotations") or {}
    own: Mapping[str, Mapping[str, int | None]] = json.loads(annotations.get(OWN_NUMBERS) or "{}")
    return WorkerNumbers(
        sent.raycluster,
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
