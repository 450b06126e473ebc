"""One look at everything the API server knows of a namespace."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from seedcore_deploy import __version__
from seedcore_deploy.errors import UsageError
from seedcore_deploy.kube.client import Connection, Json
from seedcore_deploy.kube.errors import ApiError, Forbidden, NotFound, Unauthorized, Unreachable
from seedcore_deploy.model.contract import Contract
from seedcore_deploy.model.disclosure import Discloser
from seedcore_deploy.model.look import Look, NotSeen, Seen
from seedcore_deploy.model.pod_state import EventFacts
from seedcore_deploy.model.snapshot import (
    ConfigMapFacts,
    Manifests,
    PodFacts,
    RayClusterFacts,
    RayServiceFacts,
    ServiceFacts,
    Snapshot,
    Target,
    WorkloadFacts,
)
from seedcore_deploy.observe import events, objects
from seedcore_deploy.observe.containers import reads_configmap
from seedcore_deploy.observe.pods import PodParser
from seedcore_deploy.observe.rayservices import rayservice

T = TypeVar("T")
_EQUAL = re.compile(r"[\w./-]+==?[\w.-]+")
"""A requirement that means the same to everybody."""


def collect_cluster(
    connection: Connection,
    target: Target,
    contract: Contract,
    manifests: Look[Manifests],
    discloser: Discloser,
) -> Snapshot:
    """The Snapshot before anything ran inside a pod; made of list calls only.

    A part that is refused or broken is NotSeen. Raises Unreachable and Unauthorized, since then
    nothing can be seen, and UsageError for a namespace that does not exist.
    """
    lists = _Lists(connection, target.namespace, contract, discloser)
    configmaps = _look(lists.configmaps)
    rayclusters = _look(lists.rayclusters)
    pods = _look(lists.pods)
    if _nothing(pods) and not (isinstance(configmaps, Seen) and configmaps.value):
        _check_namespace(connection, target.namespace)
    return Snapshot(
        target=target,
        contract=contract,
        manifests=manifests,
        configmaps=configmaps,
        services=_look(lists.services),
        rayclusters=rayclusters,
        workloads=_look(lists.workloads),
        pods=pods,
        events=_look(lambda: lists.events(_unplaced(pods))),
        rayservices=_look(lists.rayservices) if _belongs_to_a_service(rayclusters) else Seen(()),
        taken_at=connection.server_time,
        tool=f"seedcore-deploy {__version__}",
    )


def watched_paths(namespace: str) -> tuple[str, ...]:
    """The lists in which a change may change the verdict, for kube/watch.py."""
    return (
        f"/api/v1/namespaces/{namespace}/pods",
        f"/api/v1/namespaces/{namespace}/configmaps",
        f"/apis/apps/v1/namespaces/{namespace}/deployments",
        f"/apis/ray.io/v1/namespaces/{namespace}/rayclusters",
    )


class _Lists:
    """The lists of one namespace, each in the model's words."""

    def __init__(
        self, connection: Connection, namespace: str, contract: Contract, discloser: Discloser
    ) -> None:
        self._connection = connection
        self._namespace = namespace
        self._contract = contract
        self._discloser = discloser

    def configmaps(self) -> tuple[ConfigMapFacts, ...]:
        """All ConfigMaps: one that was renamed is found by its keys."""
        return tuple(objects.configmap(each, self._discloser) for each in self._list("configmaps"))

    def services(self) -> tuple[ServiceFacts, ...]:
        """All Services with the addresses behind them."""
        slices = self._list("endpointslices", "discovery.k8s.io/v1")
        return tuple(objects.service(each, slices) for each in self._list("services"))

    def rayclusters(self) -> tuple[RayClusterFacts, ...]:
        """All RayClusters."""
        items = self._list("rayclusters", "ray.io/v1")
        return tuple(objects.raycluster(each, self._discloser) for each in items)

    def rayservices(self) -> tuple[RayServiceFacts, ...]:
        """All RayServices."""
        return tuple(rayservice(each) for each in self._list("rayservices", "ray.io/v1"))

    def workloads(self) -> tuple[WorkloadFacts, ...]:
        """All Deployments, and what else reads the client settings and still makes pods."""
        found = self._of_kind("Deployment", "deployments", "apps/v1")
        found += self._readers(self._of_kind("Job", "jobs", "batch/v1"))
        for kind, plural, group in (
            ("StatefulSet", "statefulsets", "apps/v1"),
            ("CronJob", "cronjobs", "batch/v1"),
        ):
            try:
                found += self._readers(self._of_kind(kind, plural, group))
            except Forbidden:
                # Not part of the pattern; a pod of theirs is found by its own spec all the same.
                continue
        return tuple(objects.workload(each, self._discloser) for each in found)

    def pods(self) -> tuple[PodFacts, ...]:
        """All pods that have a role."""
        documents = self._list("pods")
        selected = {
            workload.name: frozenset(
                pod["metadata"]["uid"] for pod in self._picked(documents, workload.selector)
            )
            for workload in self._contract.workloads
            if workload.selector
        }
        return PodParser(self._contract, selected, self._discloser).pods(documents)

    def _picked(self, pods: Sequence[Json], selector: str) -> Sequence[Json]:
        """The pods of a selector. The API server is asked only where it might say otherwise: a
        look is made at each change, and half a second is all that it may take.
        """
        parts = [part.strip() for part in selector.split(",")]
        if not all(_EQUAL.fullmatch(part) for part in parts):
            return self._list("pods", selector=selector)
        wanted = [tuple(re.split("==?", part)) for part in parts]
        return [
            pod
            for pod in pods
            if all((pod["metadata"].get("labels") or {}).get(key) == is_ for key, is_ in wanted)
        ]

    def events(self, unplaced: bool) -> tuple[EventFacts, ...]:
        """The warnings; and what autoscalers say, where a pod has no node."""
        found = [*self._events("type=Warning")]
        for reason in events.AUTOSCALER if unplaced else ():
            found += self._events(f"type=Normal,reason={reason}")
        return events.events(found)

    def _events(self, selector: str) -> Sequence[Json]:
        return self._list("events", query={"fieldSelector": selector, "limit": str(events.MOST)})

    def _readers(self, documents: Sequence[Json]) -> list[Json]:
        return [
            each
            for each in documents
            if not objects.is_over(each)
            and reads_configmap(
                objects.pod_template(each).get("spec") or {}, self._contract.client_configmap
            )
        ]

    def _of_kind(self, kind: str, plural: str, group: str) -> list[Json]:
        """The items, which carry no kind of their own inside a list."""
        return [{**each, "kind": kind} for each in self._list(plural, group)]

    def _list(
        self,
        plural: str,
        group: str = "",
        selector: str = "",
        query: Mapping[str, str] | None = None,
    ) -> Sequence[Json]:
        root = f"/apis/{group}" if group else "/api/v1"
        query = query or ({"labelSelector": selector} if selector else {})
        answer = self._connection.get(f"{root}/namespaces/{self._namespace}/{plural}", query)
        items: Sequence[Json] = answer.get("items") or []
        return items


def _look(read: Callable[[], tuple[T, ...]]) -> Look[tuple[T, ...]]:
    try:
        return Seen(read())
    except (Unreachable, Unauthorized):
        raise
    except ApiError as fault:
        return NotSeen(fault.what, fault.mend)


def _unplaced(pods: Look[tuple[PodFacts, ...]]) -> bool:
    return isinstance(pods, Seen) and any(pod.placement.refused for pod in pods.value)


def _belongs_to_a_service(rayclusters: Look[tuple[RayClusterFacts, ...]]) -> bool:
    return isinstance(rayclusters, Seen) and any(each.service for each in rayclusters.value)


def _nothing(look: Look[tuple[T, ...]]) -> bool:
    return isinstance(look, Seen) and not look.value


def _check_namespace(connection: Connection, namespace: str) -> None:
    """A namespace that does not exist lists as empty. Raises UsageError when it is not there."""
    try:
        connection.get(f"/api/v1/namespaces/{namespace}")
    except NotFound as fault:
        raise UsageError(
            f"no namespace {namespace} in context {connection.context} ({connection.server})",
            "check the name with `kubectl get namespaces`, or choose another --context",
        ) from fault
    except Forbidden:
        return
