"""Each fault with the findings it must give: written down before the rules."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

from seedcore_deploy.model.snapshot import Snapshot
from tests.support import snapshots as s
from tests.support.faults.connections import (
    application_dead,
    application_dead_with_a_live_channel,
    dashboard_of_another_cluster,
    dashboard_over_tls,
    frozen_head,
    no_dashboard,
    proof_failed,
    race,
    silent_serve,
    token_wanted,
    version_skew,
    without_ray_client,
    without_tls,
    worker_outside,
)
from tests.support.faults.objects import (
    another_cluster_beside,
    entrypoint,
    head_not_ready,
    no_cluster,
    not_ready,
    nothing_there,
    renamed,
    renamed_everywhere,
    scaled_to_zero,
    second_cluster,
    second_cluster_not_seen_by_probes,
    stale_client,
    stale_ray_pod,
    suffixed,
    template_differs,
    two_clusters_and_no_clue,
)
from tests.support.faults.settings import (
    auto_connect,
    client_address,
    client_configmap_deleted,
    dashboard_port,
    head_address,
    head_reads_client_settings,
    key_differs,
    key_missing,
    key_reference_to_nothing,
    namespaces_differ,
    no_client_settings_read,
    no_settings_read,
    other_namespace,
    reference_to_nothing,
    replicas_differ,
    service_links,
    shared_address,
    shared_address_read_last,
    shared_configmap_nowhere,
    shared_settings_not_read,
    worker_address,
    workers_without_shared_settings,
    wrong_host,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is broken, and which findings (rule, subject) it gives: no more and no fewer."""

    name: str
    make: Callable[[], Snapshot]
    rule: str
    subject: str
    hint: bool = False


NO_ADDRESSES = (
    "",
    "local",
    "auto",
    "http://seedcore-head-svc:10001",
    "seedcore-head-svc:10001",
    "ray://seedcore-head-svc:6379",
    "ray://seedcore-head-svc",
    "rya://seedcore-head-svc:10001",
    "ray://seedcore-head-svc:10001\\n",
)


def _address_fault(raw: str) -> Fault:
    subject = "configmap/seedcore-client-env RAY_ADDRESS"
    return Fault(f"RAY_ADDRESS={raw!r}", lambda: client_address(raw), "SC104", subject)


CLIENT_KEY = "configmap/seedcore-client-env "


FAULTS = (
    Fault("client ConfigMap deleted", client_configmap_deleted, "SC201",
          "configmap/seedcore-client-env"),
    Fault("RAY_ADDRESS shared", shared_address, "SC106", "configmap/seedcore-env RAY_ADDRESS"),
    Fault("RAY_ADDRESS shared and read last", shared_address_read_last, "SC106",
          "configmap/seedcore-env RAY_ADDRESS"),
    Fault("RAY_ADDRESS of the head", head_address, "SC105", "raycluster/seedcore head RAY_ADDRESS"),
    Fault("RAY_ADDRESS of the workers", worker_address, "SC105",
          "raycluster/seedcore worker RAY_ADDRESS"),
    Fault("application dead, ready", lambda: application_dead(ready=True), "SC404",
          "deployment/seedcore-api"),
    Fault("application dead, not ready", lambda: application_dead(ready=False), "SC404",
          "deployment/seedcore-api"),
    Fault("application dead, its channel alive", application_dead_with_a_live_channel, "SC404",
          "deployment/seedcore-api"),
    Fault("wrong head service", wrong_host, "SC203", CLIENT_KEY + "RAY_ADDRESS"),
    Fault("another namespace", other_namespace, "SC203", CLIENT_KEY + "RAY_DASHBOARD_ADDRESS"),
    Fault("a second Ray cluster", second_cluster, "SC402", "service/seedcore-head-svc"),
    Fault("a second Ray cluster, cached", second_cluster_not_seen_by_probes, "SC402",
          "service/seedcore-head-svc"),
    Fault("API scaled to 0", scaled_to_zero, "SC301", "deployment/seedcore-api"),
    Fault("a key is missing", lambda: key_missing("RAY_SERVE_ADDRESS"), "SC101",
          CLIENT_KEY + "RAY_SERVE_ADDRESS"),
    Fault("RAY_ADDRESS is missing", lambda: key_missing("RAY_ADDRESS"), "SC104",
          CLIENT_KEY + "RAY_ADDRESS"),
    Fault("a port that is not there", dashboard_port, "SC102",
          CLIENT_KEY + "RAY_DASHBOARD_ADDRESS"),
    Fault("replicas differ", replicas_differ, "SC102", "deployment/seedcore-api RAY_NAMESPACE"),
    Fault("head reads client settings", head_reads_client_settings, "SC103",
          "raycluster/seedcore headgroup"),
    *(_address_fault(raw) for raw in NO_ADDRESSES),
    Fault("client settings not read", no_client_settings_read, "SC104", "deployment/seedcore-api"),
    Fault("no settings read", no_settings_read, "SC104", "deployment/seedcore-api"),
    Fault("shared settings not read", shared_settings_not_read, "SC109", "deployment/seedcore-api"),
    Fault("workers without the shared settings", workers_without_shared_settings, "SC109",
          "raycluster/seedcore workers"),
    Fault("no shared ConfigMap, and no reader", shared_configmap_nowhere, "SC201",
          "configmap/seedcore-env"),
    Fault("Ray namespaces differ", namespaces_differ, "SC107",
          "deployment/seedcore-serve RAY_NAMESPACE"),
    Fault("service links", service_links, "SC108", "service/ray"),
    Fault("reference to nothing", reference_to_nothing, "SC202",
          "deployment/seedcore-api api configmap/seedcore-client-envs"),
    Fault("reference to a key that is not there", key_reference_to_nothing, "SC202",
          "deployment/seedcore-serve serve configmap/seedcore-env key NO_SUCH_KEY"),
    Fault("a ConfigMap got a prefix", lambda: renamed("seedcore-env", "dev-seedcore-env"), "SC205",
          "configmap/seedcore-env"),
    Fault("a ConfigMap got a hash", lambda: renamed("seedcore-env", "seedcore-env-7b6fhc22gk"),
          "SC205", "configmap/seedcore-env"),
    Fault("a nameSuffix", suffixed, "SC205", "configmap/seedcore-env"),
    Fault("a nameSuffix everywhere", renamed_everywhere, "SC205", "configmap/seedcore-env"),
    *(
        Fault(f"RAY_ENABLE_AUTO_CONNECT={raw!r}", functools.partial(auto_connect, raw), "SC110",
              CLIENT_KEY + "RAY_ENABLE_AUTO_CONNECT", hint=True)
        for raw in (None, "", "1")
    ),
    Fault("a key differs", key_differs, "SC204", CLIENT_KEY + "RAY_NAMESPACE"),
    Fault("a template differs", template_differs, "SC204",
          "deployment/seedcore-api RAY_CLIENT_MAX_CONNECTION_TIMEOUT_S"),
    Fault("a pod is not ready", not_ready, "SC302", f"pod/{s.API}"),
    Fault("the head is not ready", head_not_ready, "SC302", f"pod/{s.HEAD}"),
    Fault("a client is stale", stale_client, "SC303", f"pod/{s.API}"),
    Fault("a Ray pod is stale", stale_ray_pod, "SC303", f"pod/{s.WORKER}"),
    Fault("the entrypoint changed it", entrypoint, "SC304", f"pod/{s.API} RAY_NAMESPACE"),
    Fault("no RayCluster", no_cluster, "SC305", "raycluster/seedcore"),
    Fault("nothing there", nothing_there, "SC305", "raycluster/seedcore"),
    Fault("two RayClusters", two_clusters_and_no_clue, "SC305", "raycluster/one, two"),
    Fault("the proof failed", proof_failed, "SC401", f"pod/{s.API}"),
    Fault("the head hangs", frozen_head, "SC401", f"pod/{s.HEAD}"),
    Fault("a worker outside", worker_outside, "SC403", f"pod/{s.WORKER}"),
    Fault("version skew", version_skew, "SC405", "deployment/seedcore-api version"),
    Fault("no token", token_wanted, "SC407", "deployment/seedcore-api"),
    Fault("no TLS", without_tls, "SC401", f"pod/{s.API}"),
    Fault("no ray", lambda: without_ray_client("no-ray"), "SC408", "deployment/seedcore-api"),
    Fault("no ray[client]", lambda: without_ray_client("no-client-extra"), "SC408",
          "deployment/seedcore-api"),
    Fault("the dashboard is dead", no_dashboard, "SC409", "service/seedcore-head-svc"),
    Fault("the dashboard of another cluster", dashboard_of_another_cluster, "SC409",
          "service/seedcore-head-svc"),
    Fault("the dashboard over TLS", dashboard_over_tls, "SC409",
          CLIENT_KEY + "RAY_DASHBOARD_ADDRESS"),
    Fault("Serve is silent", lambda: silent_serve(serves=True), "SC410",
          "service/seedcore-head-svc"),
    Fault("nothing is served", lambda: silent_serve(serves=False), "SC410",
          "service/seedcore-head-svc", hint=True),
    Fault("the start-up race", race, "SC406", "raycluster/seedcore GRPC_ENABLE_FORK_SUPPORT",
          hint=True),
    Fault("another RayCluster beside", another_cluster_beside, "SC305", "raycluster/older",
          hint=True),
)  # fmt: skip
