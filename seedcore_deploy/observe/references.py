"""Which ConfigMaps the pods of a document cannot start without."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seedcore_deploy.observe.containers import Json
from seedcore_deploy.observe.objects import WORKLOAD_KINDS, pod_template

_MADE_BY_CONTROLLERS = frozenset(
    {"kube-root-ca.crt", "openshift-service-ca.crt", "istio-ca-root-cert"}
)
"""In every namespace, but not at once in one that has only just been made."""

_RAY_CLUSTERS = {"RayCluster": "", "RayService": "rayClusterConfig", "RayJob": "rayClusterSpec"}
"""Where the spec of the RayCluster stands that KubeRay makes of an object."""


def needed_configmaps(document: Json) -> tuple[str, ...]:
    """The ConfigMaps that containers and volumes refer to, without what is marked optional."""
    found = (name for pod in _pods(document) for name in _references(pod))
    return tuple(name for name in dict.fromkeys(found) if name not in _MADE_BY_CONTROLLERS)


def _pods(document: Json) -> Iterator[Json]:
    kind, spec = document.get("kind"), document.get("spec") or {}
    if kind in _RAY_CLUSTERS:
        yield (spec.get("submitterPodTemplate") or {}).get("spec") or {}
        spec = spec.get(_RAY_CLUSTERS[kind]) or {} if _RAY_CLUSTERS[kind] else spec
        groups = (spec.get("headGroupSpec") or {}, *(spec.get("workerGroupSpecs") or ()))
        for group in groups:
            yield (group.get("template") or {}).get("spec") or {}
    elif kind in (*WORKLOAD_KINDS, "DaemonSet"):
        yield pod_template(document).get("spec") or {}


def _references(pod: Json) -> Iterator[str]:
    for container in (*(pod.get("initContainers") or ()), *(pod.get("containers") or ())):
        for source in container.get("envFrom") or ():
            yield from _needed((source.get("configMapRef"),))
        for entry in container.get("env") or ():
            yield from _needed(((entry.get("valueFrom") or {}).get("configMapKeyRef"),))
    for volume in pod.get("volumes") or ():
        projected = (volume.get("projected") or {}).get("sources") or ()
        yield from _needed(
            (volume.get("configMap"), *(each.get("configMap") for each in projected))
        )


def _needed(references: Iterable[Json | None]) -> Iterator[str]:
    for reference in references:
        if reference and reference.get("name") and not reference.get("optional"):
            yield str(reference["name"])
