"""Which RayCluster the contract is about, where the namespace has several."""

from __future__ import annotations

from collections.abc import Mapping

from seedcore_deploy.judge.addresses import parse_url
from seedcore_deploy.model.snapshot import (
    ConfigMapFacts,
    Manifests,
    RayClusterFacts,
    ServiceFacts,
    Snapshot,
)


def meant_cluster(
    snapshot: Snapshot,
    manifests: Manifests | None,
    clusters: tuple[RayClusterFacts, ...] | None,
    configmaps: Mapping[str, ConfigMapFacts] | None,
    services: Mapping[str, ServiceFacts] | None,
) -> RayClusterFacts | None:
    """The RayCluster of the contract: the overlay's, the only one, or the clients' own.

    None where there is none, or where nothing tells which of several is meant.
    """
    if not clusters:
        return None
    if manifests is not None and manifests.rayclusters:
        names = {cluster.declared for cluster in manifests.rayclusters}
        clusters = tuple(cluster for cluster in clusters if cluster.declared in names)
    clusters = _active(clusters, services)
    if len(clusters) <= 1:
        return clusters[0] if clusters else None
    settings = (configmaps or {}).get(snapshot.contract.client_configmap)
    address = settings.data.get("RAY_ADDRESS") if settings else None
    url = parse_url(address.text) if address and address.text else None
    named = [each for each in clusters if url and url.host.split(".")[0] == each.head_service]
    return named[0] if len(named) == 1 else None


def _active(
    clusters: tuple[RayClusterFacts, ...], services: Mapping[str, ServiceFacts] | None
) -> tuple[RayClusterFacts, ...]:
    """Without those that a RayService prepares or gives up: its head service leads past them."""
    known = {each.name for each in clusters}

    def is_led_past(cluster: RayClusterFacts) -> bool:
        service = (services or {}).get(cluster.head_service)
        active = service.selector.get("ray.io/cluster") if service else None
        return bool(cluster.service) and active in known - {cluster.name}

    return tuple(each for each in clusters if not is_led_past(each))
