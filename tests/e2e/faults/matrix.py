"""All faults, one row each: those that leave the Ray cluster alone first."""

from __future__ import annotations

from . import (
    addresses,
    api_server,
    client_settings,
    connection,
    credential,
    healthy,
    healthy_clusters,
    image,
    in_the_middle,
    older_pods,
    overlay,
    ray_pods,
    references,
    shared_settings,
    tls,
    unreadable,
    workloads,
)
from .declaration import Cost, Fault

_FAMILIES = (
    *client_settings.FAULTS,
    *shared_settings.FAULTS,
    *references.FAULTS,
    *overlay.FAULTS,
    *workloads.FAULTS,
    *older_pods.FAULTS,
    *image.FAULTS,
    *ray_pods.FAULTS,
    *connection.FAULTS,
    *addresses.FAULTS,
    *credential.FAULTS,
    *tls.FAULTS,
    *in_the_middle.FAULTS,
    *api_server.FAULTS,
    *unreadable.FAULTS,
    *healthy.FAULTS,
    *healthy_clusters.FAULTS,
)

FAULTS: tuple[Fault, ...] = tuple(sorted(_FAMILIES, key=lambda fault: list(Cost).index(fault.cost)))
