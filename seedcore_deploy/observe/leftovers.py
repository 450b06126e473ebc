"""Objects that carry the label of an overlay, whether or not it still has them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from seedcore_deploy.kube.client import Connection
from seedcore_deploy.kube.errors import Forbidden, NotFound
from seedcore_deploy.model.live import OVERLAY_LABEL, LiveObject
from seedcore_deploy.observe.live_objects import Resources, live_object

_KINDS = (
    ("v1", "ConfigMap"),
    ("v1", "Service"),
    ("v1", "Secret"),
    ("v1", "ServiceAccount"),
    ("v1", "PersistentVolumeClaim"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
    ("ray.io/v1", "RayCluster"),
    ("ray.io/v1", "RayService"),
    ("ray.io/v1", "RayJob"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("networking.k8s.io/v1", "Ingress"),
    ("policy/v1", "PodDisruptionBudget"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
)
"""What overlays of this pattern hold; kinds of the overlay itself are looked at besides."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """The objects with the label, and the overlay's own kinds that may not be listed."""

    objects: tuple[LiveObject, ...] = ()
    unseen: tuple[str, ...] = ()


def labelled(
    connection: Connection,
    resources: Resources,
    namespace: str,
    label: str,
    own_kinds: Iterable[tuple[str, str]],
) -> Labelled:
    """The namespace's objects with this overlay's label; only metadata is asked for.

    A kind that we may not list and that the overlay does not hold is passed over: who may not
    list it has hardly made one. Raises ApiError.
    """
    own = set(own_kinds)
    objects: list[LiveObject] = []
    unseen: list[str] = []
    for api_version, kind in sorted({*_KINDS, *own}):
        path = resources.path(api_version, kind, namespace)
        if f"/namespaces/{namespace}/" not in path:
            continue
        group = api_version.rpartition("/")[0]
        try:
            selector = {"labelSelector": f"{OVERLAY_LABEL}={label}"}
            found = connection.metadata(path, selector, many=True)
        except NotFound:
            continue
        except Forbidden:
            unseen += [kind] if (api_version, kind) in own else []
            continue
        objects += [live_object(each, group, kind) for each in found.get("items") or ()]
    return Labelled(tuple(objects), tuple(unseen))
