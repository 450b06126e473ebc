"""What an apply would change in a RayCluster's spec, in KubeRay's eyes."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from seedcore_deploy.kube.client import Connection
from seedcore_deploy.model.live import Number, SpecChange
from seedcore_deploy.observe.containers import Json

_MOST_PATHS = 3


def may_recreate(document: Json) -> bool:
    """Whether KubeRay deletes the head of such a RayCluster for a change, or for a suspension."""
    spec = document.get("spec") or {}
    return _recreates(spec) or bool(spec.get("suspend"))


@dataclass(frozen=True, slots=True)
class Head:
    """A head that is ready, and since when it has been there (RFC 3339)."""

    created_at: str


def spec_change(before: Json, after: Json, head: Head | None) -> SpecChange:
    """The change from the live object to what the API server says it would be.

    Source: KubeRay 1.6.1 shouldRecreatePodsForUpgrade compares a hash of the spec with the one that
    every head is given when it is made; left out of it are each group's numbers and
    workersToDelete, tolerations and scheduling gates, and the strategy itself
    (GenerateHashWithoutReplicasAndWorkersToDelete). So turning the strategy on is enough where the
    spec was changed since the head was made. A cluster that becomes suspended loses its pods with
    any strategy.
    """
    old, new = before.get("spec") or {}, after.get("spec") or {}
    name = str(after["metadata"]["name"])
    ready = head is not None
    if new.get("suspend") and not old.get("suspend"):
        return SpecChange(name, True, ("suspend",), ready)
    paths = tuple(differences("", hashed(old), hashed(new)))
    turned_on = _recreates(new) and not _recreates(old)
    if not paths and turned_on and head is not None and changed_since(before, head.created_at):
        paths = ("upgradeStrategy, with an older head",)
    return SpecChange(name, _recreates(new), shortened(paths), ready)


def ready_head(connection: Connection, namespace: str, raycluster: str) -> Head | None:
    """The head that is ready and not ending. Raises ApiError."""
    selector = f"ray.io/cluster={raycluster},ray.io/node-type=head"
    path = f"/api/v1/namespaces/{namespace}/pods"
    for pod in connection.get(path, {"labelSelector": selector}).get("items") or ():
        conditions = (pod.get("status") or {}).get("conditions") or ()
        ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
        if ready and not pod["metadata"].get("deletionTimestamp"):
            return Head(str(pod["metadata"].get("creationTimestamp") or ""))
    return None


def changed_since(document: Json, moment: str) -> bool:
    """Whether anybody changed the spec after a moment (RFC 3339), by the times of their fields."""
    return any(
        str(entry.get("time") or "") > moment
        for entry in (document.get("metadata") or {}).get("managedFields") or ()
        if "f:spec" in (entry.get("fieldsV1") or {})
    )


def shortened(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The first few, and how many there are besides."""
    more = (f"and {len(paths) - _MOST_PATHS} more",) if len(paths) > _MOST_PATHS else ()
    return (*paths[:_MOST_PATHS], *more)


def _recreates(spec: Json) -> bool:
    return (spec.get("upgradeStrategy") or {}).get("type") == "Recreate"


def hashed(spec: Json) -> Json:
    """What of a RayCluster's spec is in KubeRay's hash of it."""
    left: dict[str, Any] = copy.deepcopy(dict(spec))
    left.pop("upgradeStrategy", None)
    groups = left.get("workerGroupSpecs") or ()
    for group in (left.get("headGroupSpec") or {}, *groups):
        pod = (group.get("template") or {}).get("spec") or {}
        pod.pop("tolerations", None)
        pod.pop("schedulingGates", None)
    for group in groups:
        for number in Number:
            group.pop(number, None)
        strategy = group.get("scaleStrategy")
        if isinstance(strategy, dict):
            strategy.pop("workersToDelete", None)
        if not strategy:
            group.pop("scaleStrategy", None)
    return left


def differences(path: str, old: object, new: object) -> Iterator[str]:
    """The places below `path` in which the two differ, the longest known way to each."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            below = f"{path}.{key}" if path else str(key)
            yield from differences(below, old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (left, right) in enumerate(zip(old, new, strict=True)):
            yield from differences(f"{path}[{index}]", left, right)
    elif old != new:
        yield path
