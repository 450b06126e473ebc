"""What must be there before anything is sent: namespace, CRD, operator, permissions. Read-only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from seedcore_deploy.errors import CouldNotLook, Refused, UsageError
from seedcore_deploy.kube.access import Permission, can
from seedcore_deploy.kube.client import Connection
from seedcore_deploy.kube.errors import ApiError, Forbidden, NotFound
from seedcore_deploy.sources.rendered import is_namespaced, object_name
from seedcore_deploy.sources.yaml_documents import Document

_OPERATOR_DEPLOYMENTS = "/apis/apps/v1/deployments"
_OPERATOR_LABEL = "app.kubernetes.io/name=kuberay-operator"
_INSTALL = "install KubeRay: https://docs.ray.io/en/latest/cluster/kubernetes/index.html"

_PLURALS = {
    ("", "ConfigMap"): "configmaps",
    ("", "Service"): "services",
    ("", "ServiceAccount"): "serviceaccounts",
    ("", "Secret"): "secrets",
    ("", "PersistentVolumeClaim"): "persistentvolumeclaims",
    ("apps", "Deployment"): "deployments",
    ("apps", "StatefulSet"): "statefulsets",
    ("batch", "Job"): "jobs",
    ("batch", "CronJob"): "cronjobs",
    ("ray.io", "RayCluster"): "rayclusters",
    ("ray.io", "RayService"): "rayservices",
    ("ray.io", "RayJob"): "rayjobs",
    ("networking.k8s.io", "NetworkPolicy"): "networkpolicies",
    ("networking.k8s.io", "Ingress"): "ingresses",
    ("policy", "PodDisruptionBudget"): "poddisruptionbudgets",
    ("rbac.authorization.k8s.io", "Role"): "roles",
    ("rbac.authorization.k8s.io", "RoleBinding"): "rolebindings",
}
"""Resources by group and kind. Of kinds that are not here kubectl itself will say what it may."""
_SERVICES = ("ray.io", "rayservices")


class NamespaceState(StrEnum):
    """What a look at the namespace told."""

    THERE = "there"
    MISSING = "missing"
    UNKNOWN = "unknown"


def namespace_state(connection: Connection, name: str) -> NamespaceState:
    """Whether the namespace is there; UNKNOWN when we may not look at it.

    Raises Refused for one that is being deleted, and ApiError.
    """
    try:
        found = connection.get(f"/api/v1/namespaces/{name}")
    except NotFound:
        return NamespaceState.MISSING
    except Forbidden:
        return NamespaceState.UNKNOWN
    if (found.get("status") or {}).get("phase") == "Terminating":
        raise Refused(
            f"namespace {name} is being deleted",
            f"wait for it: kubectl wait --for=delete namespace/{name} --timeout=5m",
        )
    return NamespaceState.THERE


def missing_namespace(name: str, context: str) -> UsageError:
    """The error for a namespace that is not there and that nobody asked to make."""
    return UsageError(
        f"there is no namespace {name} in context {context}",
        f"seedcore-deploy apply {name} --create-namespace, or check --context",
    )


def require_raycluster_crd(connection: Connection) -> None:
    """Raises Refused when the API server does not know ray.io/v1 RayClusters, else ApiError."""
    try:
        found = connection.get("/apis/ray.io/v1")
    except NotFound:
        found = {}
    served = {str(each.get("name")) for each in found.get("resources") or ()}
    if "rayclusters" not in served:
        raise Refused(
            f"the cluster of context {connection.context} does not know RayClusters (ray.io/v1)",
            f"{_INSTALL}, CRDs included",
        )


def operator_note(connection: Connection) -> str:
    """What cannot be told about the KubeRay operator; empty when one is there and available.

    Found by its Helm label in any namespace. One that runs as a plain process, or that we may
    not see, is a note: the wait will tell. Raises Refused when all that are there are down.
    """
    try:
        found = connection.get(_OPERATOR_DEPLOYMENTS, {"labelSelector": _OPERATOR_LABEL})
    except ApiError as fault:
        return f"could not look at the KubeRay operator ({fault.reason or fault.status})"
    deployments: Sequence[Any] = found.get("items") or ()
    if not deployments:
        return "could not look at the KubeRay operator: no Deployment of it is in this cluster"
    if any((each.get("status") or {}).get("availableReplicas") for each in deployments):
        return ""
    metadata = deployments[0]["metadata"]
    where = f"deployment/{metadata['name']}"
    raise Refused(
        f"the KubeRay operator ({where} in namespace {metadata['namespace']}) is not running",
        f"kubectl --context {connection.context} --namespace {metadata['namespace']} "
        f"rollout status {where}",
    )


def needed_permissions(namespace: str, documents: Iterable[Document]) -> tuple[Permission, ...]:
    """What apply, the wait and verify do with the API, as far as it is known beforehand."""
    resources = {
        (name.group, _PLURALS[name.group, name.kind])
        for name in map(object_name, filter(is_namespaced, documents))
        if (name.group, name.kind) in _PLURALS
    }
    writes = [
        Permission(verb, group, resource, namespace=namespace)
        for group, resource in sorted(resources)
        for verb in ("get", "create", "patch")
    ]
    watched = (("", "pods"), ("apps", "deployments"), ("ray.io", "rayclusters"))
    reads = [
        Permission(verb, group, resource, namespace=namespace)
        for group, resource in watched
        for verb in ("list", "watch")
    ]
    if _SERVICES in resources:
        reads.append(Permission("list", *_SERVICES, namespace=namespace))
    execs = [Permission("get", "", "pods", "exec", namespace=namespace)]
    return (*writes, *reads, *execs)


def require_permissions(
    connection: Connection, namespace: str, documents: Iterable[Document]
) -> str:
    """Raises CouldNotLook that names what is denied; returns a note when that cannot be asked."""
    try:
        denied = can(connection, needed_permissions(namespace, documents))
    except ApiError as fault:
        return f"could not ask for our permissions ({fault.reason or fault.status})"
    if denied:
        named = "; ".join(str(each) for each in denied)
        raise CouldNotLook(
            f"not permitted in context {connection.context}: {named}",
            "ask for these permissions; deploy/rbac has the deployer's Role, which has them all",
        )
    return ""
