"""One thing broken at a time, with the findings it must give: written down before the rules."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace

from seedcore_deploy.model.address_answer import AddressAnswer, AnswerEnd
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import (
    EnvEntry,
    EnvFromEntry,
    EnvSource,
    NodeFacts,
    ProcessFacts,
    ServiceFacts,
    Snapshot,
)
from tests.support import snapshots as s

WRONG_HOST = "ray://seedcore-old-head-svc:10001"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is broken, and which findings (rule, subject) it gives: no more and no fewer."""

    name: str
    make: Callable[[], Snapshot]
    rule: str
    subject: str
    hint: bool = False


def client_configmap_deleted() -> Snapshot:
    """... and the API restarted with an optional reference; Serve runs on with the old values."""
    broken = s.without_configmap(s.healthy(), "seedcore-client-env")
    optional = replace(s.CLIENT_SOURCE, optional=True)
    broken = s.with_client_container(broken, "api", env_from=(s.SHARED_SOURCE, optional))
    lost = {name: None for name in s.CLIENT if name != "RAY_NAMESPACE"}
    broken = s.with_environment(broken, s.API, **lost)
    broken = s.with_process(broken, s.API, lambda facts: replace(facts, connections=Seen(())))
    return s.with_pod(
        broken, s.API, ready=False, why_not_ready="not ready", probe=s.failed("address-unset", "")
    )


def shared_address() -> Snapshot:
    return s.with_key(s.healthy(), "seedcore-env", RAY_ADDRESS=s.CLIENT["RAY_ADDRESS"])


def shared_address_read_last() -> Snapshot:
    """The order of envFrom lets the shared settings win over the client's."""
    broken = s.with_key(s.healthy(), "seedcore-env", RAY_ADDRESS="auto")
    broken = s.with_client_container(broken, "api", env_from=(s.CLIENT_SOURCE, s.SHARED_SOURCE))
    broken = s.with_environment(broken, s.API, RAY_ADDRESS="auto")
    broken = replace(broken, manifests=s.without_manifests(broken).manifests)
    return s.with_pod(broken, s.API, probe=s.failed("wrong-mode", "auto"))


def head_address() -> Snapshot:
    """The head's own env has the clients' address, and the head was restarted with it."""
    entry = s.literal("RAY_ADDRESS", s.CLIENT["RAY_ADDRESS"])
    fork = s.literal(s.FORK_SUPPORT, "0")
    broken = s.with_group_template(s.healthy(), Role.HEAD, env=(fork, entry))
    template = s.pod_of(broken, s.HEAD).template
    own = tuple(each for each in template.containers[0].env if each.name != "RAY_ADDRESS")
    broken = s.with_pod(broken, s.HEAD, template=s.with_container(template, env=(*own, entry)))
    broken = s.with_environment(broken, s.HEAD, RAY_ADDRESS=s.CLIENT["RAY_ADDRESS"])
    return s.with_pod(broken, s.HEAD, probe=s.failed("wrong-mode"))


def worker_address() -> Snapshot:
    """The template of the workers sets an address; the pods have not been replaced yet."""
    entry = s.literal("RAY_ADDRESS", "auto")
    return s.with_group_template(s.healthy(), Role.WORKER, env=(entry,))


def application_dead(*, ready: bool) -> Snapshot:
    """The head was restarted; the API holds a connection to the old one only."""
    broken = s.with_process(
        s.healthy(), s.API, lambda facts: replace(facts, connections=Seen(("10.244.0.99:10001",)))
    )
    why = "" if ready else "container api: its readiness probe has not passed"
    broken = s.with_pod(broken, s.API, ready=ready, why_not_ready=why)
    return broken if ready else s.with_workload(broken, "seedcore-api", available=0)


def application_dead_with_a_live_channel() -> Snapshot:
    """The Ray client is dead since the head was replaced; its gRPC channel connected again."""
    changed, lost = "2026-03-01T11:50:00Z", "2026-03-01T11:49:50Z"
    broken = s.with_pod(s.healthy(), s.HEAD, created_at=changed, started_at=changed)
    broken = s.with_pod(broken, s.SERVE, ready_since="2026-03-01T11:50:20Z")
    why = "container api: its readiness probe has not passed"
    broken = s.with_pod(broken, s.API, ready=False, ready_since=lost, why_not_ready=why)
    return s.with_workload(broken, "seedcore-api", available=0)


def wrong_host() -> Snapshot:
    """The key was patched and the API restarted; Serve still runs with the right value."""
    broken = s.with_key(s.healthy(), "seedcore-client-env", RAY_ADDRESS=WRONG_HOST)
    broken = s.with_environment(broken, s.API, RAY_ADDRESS=WRONG_HOST)
    broken = s.with_process(broken, s.API, lambda facts: replace(facts, connections=Seen(())))
    return s.with_pod(
        broken, s.API, ready=False, why_not_ready="not ready", probe=s.failed("dns", WRONG_HOST)
    )


def other_namespace() -> Snapshot:
    address = "http://seedcore-head-svc.seedcore-prod:8265"
    broken = s.with_key(
        s.without_manifests(s.healthy()), "seedcore-client-env", RAY_DASHBOARD_ADDRESS=address
    )
    for name in (s.API, s.SERVE):
        broken = s.with_environment(broken, name, RAY_DASHBOARD_ADDRESS=address)
    return broken


def second_cluster() -> Snapshot:
    """The head service selects another head; new connections lead there, old ones stay."""
    broken = s.with_service(
        s.healthy(), "seedcore-head-svc", selector={"app": "other"}, endpoints=("10.244.0.77",)
    )
    for name in (s.API, s.SERVE):
        broken = s.with_probe(
            broken, name, session="session_other", head_node_id="cc" * 28, head_ip="10.244.0.77"
        )
    return broken


def second_cluster_not_seen_by_probes() -> Snapshot:
    """The selector is wrong already, and the probes still had the address in a DNS cache."""
    return s.with_service(s.healthy(), "seedcore-head-svc", selector={"app": "other"})


def scaled_to_zero() -> Snapshot:
    broken = s.without_pods(s.healthy(), s.API)
    return s.with_workload(
        broken, "seedcore-api", replicas=0, updated=0, available=0, current=0, generation=2,
        observed_generation=2,
    )  # fmt: skip


def key_missing(key: str) -> Snapshot:
    broken = s.with_key(s.without_manifests(s.healthy()), "seedcore-client-env", **{key: None})
    for name in (s.API, s.SERVE):
        broken = s.with_environment(broken, name, **{key: None})
    return broken


def auto_connect(raw: str | None) -> Snapshot:
    """The client settings were never given the value, in the overlay neither."""
    broken = s.with_key(
        s.without_manifests(s.healthy()), "seedcore-client-env", RAY_ENABLE_AUTO_CONNECT=raw
    )
    for name in (s.API, s.SERVE):
        broken = s.with_environment(broken, name, RAY_ENABLE_AUTO_CONNECT=raw)
    return broken


def dashboard_port() -> Snapshot:
    address = "http://seedcore-head-svc:9999"
    broken = s.with_key(s.healthy(), "seedcore-client-env", RAY_DASHBOARD_ADDRESS=address)
    for name in (s.API, s.SERVE):
        broken = s.with_environment(broken, name, RAY_DASHBOARD_ADDRESS=address)
    return broken


def head_reads_client_settings() -> Snapshot:
    sources = (s.SHARED_SOURCE, s.CLIENT_SOURCE)
    broken = s.with_group_template(s.healthy(), Role.HEAD, env_from=sources)
    template = s.with_container(s.pod_of(broken, s.HEAD).template, env_from=sources)
    broken = s.with_pod(broken, s.HEAD, template=template)
    given = {name: raw for name, raw in s.CLIENT.items() if name != "RAY_ADDRESS"}
    return s.with_environment(broken, s.HEAD, **given)


def client_address(raw: str) -> Snapshot:
    broken = s.with_key(s.healthy(), "seedcore-client-env", RAY_ADDRESS=raw)
    for name in (s.API, s.SERVE):
        broken = s.with_environment(broken, name, RAY_ADDRESS=raw)
        broken = s.with_pod(broken, name, probe=s.failed("address-invalid", raw))
    return broken


def no_client_settings_read() -> Snapshot:
    broken = s.with_client_container(s.healthy(), "api", env_from=(s.SHARED_SOURCE,))
    lost = {name: None for name in s.CLIENT if name != "RAY_NAMESPACE"}
    broken = s.with_environment(broken, s.API, **lost)
    return s.with_pod(broken, s.API, probe=s.failed("address-unset", ""))


def shared_settings_not_read() -> Snapshot:
    """The live Deployment was edited by hand, and its pod was made anew."""
    broken = s.with_client_container(s.healthy(), "api", env_from=(s.CLIENT_SOURCE,))
    lost = {name: None for name in s.SHARED if name not in s.CLIENT}
    return s.with_environment(broken, s.API, **lost)


def workers_without_shared_settings() -> Snapshot:
    """The overlay forgot it for the workers, it was applied, and the worker is of that template."""
    broken = s.with_group_template(s.healthy(), Role.WORKER, env_from=())
    assert isinstance(broken.rayclusters, Seen)
    planned = replace(s.manifests(), rayclusters=broken.rayclusters.value)
    template = s.with_container(s.pod_of(broken, s.WORKER).template, env_from=())
    broken = s.with_pod(broken, s.WORKER, template=template)
    given = {entry.name for entry in template.containers[0].env}
    lost = {name: None for name in s.SHARED if name not in given}
    return s.with_environment(replace(broken, manifests=Seen(planned)), s.WORKER, **lost)


def no_settings_read() -> Snapshot:
    """A template that reads nothing at all lacks the client's settings first of all."""
    broken = s.with_client_container(s.healthy(), "api", env_from=())
    broken = s.with_environment(broken, s.API, **dict.fromkeys((*s.SHARED, *s.CLIENT)))
    return s.with_pod(broken, s.API, probe=s.failed("address-unset", ""))


def shared_configmap_nowhere() -> Snapshot:
    """The shared ConfigMap was never made, and nothing refers to it."""
    broken = s.without_manifests(s.without_configmap(s.healthy(), "seedcore-env"))
    lost = {name: None for name in s.SHARED if name not in s.CLIENT}
    for app, pod in (("api", s.API), ("serve", s.SERVE)):
        broken = s.with_client_container(broken, app, env_from=(s.CLIENT_SOURCE,))
        broken = s.with_environment(broken, pod, **lost)
    return broken


def namespaces_differ() -> Snapshot:
    entry = s.literal("RAY_NAMESPACE", "other")
    broken = s.with_client_container(s.healthy(), "serve", env=(entry,))
    return s.with_environment(broken, s.SERVE, RAY_NAMESPACE="other")


def service_links() -> Snapshot:
    """A Service named ray, and a template that leaves service links on."""
    healthy = s.healthy()
    template = replace(s.client_template("api"), enable_service_links=True)
    broken = s.with_workload(healthy, "seedcore-api", template=template)
    broken = s.with_pod(broken, s.API, template=template)
    services = (s.head_service(), ServiceFacts("ray", (6379,)))
    broken = replace(broken, services=Seen(services))
    return s.with_environment(
        broken, s.API, RAY_SERVICE_HOST="10.96.3.4", RAY_PORT_6379_TCP="tcp://10.96.3.4:6379"
    )


def reference_to_nothing() -> Snapshot:
    """A wrong name in the template: the new pod waits in CreateContainerConfigError."""
    sources = (s.SHARED_SOURCE, EnvFromEntry("seedcore-client-envs"))
    broken = s.with_client_container(s.healthy(), "api", env_from=sources)
    return s.with_pod(
        broken,
        s.API,
        ready=False,
        phase="Pending",
        why_not_ready='container api: CreateContainerConfigError: "seedcore-client-envs" not found',
        process=NotSeen("the container does not run"),
        probe=None,
    )


def key_reference_to_nothing() -> Snapshot:
    entry = EnvEntry("X", EnvSource.CONFIGMAP_KEY, None, "seedcore-env", "NO_SUCH_KEY")
    return s.with_client_container(s.healthy(), "serve", env=(entry,))


def key_differs() -> Snapshot:
    broken = s.with_key(s.healthy(), "seedcore-client-env", RAY_NAMESPACE="other")
    for name in (s.API, s.SERVE):
        broken = s.with_environment(broken, name, RAY_NAMESPACE="other")
    return broken


def template_differs() -> Snapshot:
    entry = s.literal("RAY_CLIENT_MAX_CONNECTION_TIMEOUT_S", "5")
    broken = s.with_client_container(s.healthy(), "api", env=(entry,))
    return s.with_environment(broken, s.API, RAY_CLIENT_MAX_CONNECTION_TIMEOUT_S="5")


def not_ready() -> Snapshot:
    broken = s.with_pod(
        s.healthy(), s.API, ready=False, why_not_ready="container api: CrashLoopBackOff", restarts=7
    )
    return s.with_workload(broken, "seedcore-api", available=0)


def head_not_ready() -> Snapshot:
    """The head crashes; nobody can connect, and that is one finding."""
    broken = s.with_pod(
        s.healthy(),
        s.HEAD,
        ready=False,
        why_not_ready="container ray-head: CrashLoopBackOff",
        restarts=4,
        process=NotSeen("the container does not run"),
        probe=None,
    )
    for name in (s.API, s.SERVE):
        broken = s.with_pod(broken, name, probe=s.failed("refused"))
        broken = s.with_process(broken, name, lambda facts: replace(facts, connections=Seen(())))
    return broken


def stale_client() -> Snapshot:
    return s.with_environment(s.healthy(), s.API, RAY_HOST="seedcore-old-head-svc")


def stale_ray_pod() -> Snapshot:
    return s.with_group_template(s.healthy(), Role.WORKER, image="localhost/seedcore-ray:0.2.0")


def entrypoint() -> Snapshot:
    """The main process has another RAY_NAMESPACE than its container."""

    def change(facts: ProcessFacts) -> ProcessFacts:
        changed = {**facts.container, "RAY_NAMESPACE": s.value("other")}
        return replace(facts, process=Seen(changed))

    return s.with_process(s.healthy(), s.API, change)


def renamed(name: str, now: str) -> Snapshot:
    """The ConfigMap stands there under another name; the head was restarted since."""
    broken = s.with_renamed_configmap(s.healthy(), name, now)
    why = f'container ray-head: CreateContainerConfigError: configmap "{name}" not found'
    broken = s.with_pod(
        broken, s.HEAD, ready=False, phase="Pending", why_not_ready=why,
        process=NotSeen("the container does not run"), probe=None,
    )  # fmt: skip
    for client in (s.API, s.SERVE):
        broken = s.with_pod(broken, client, probe=s.failed("refused"))
        broken = s.with_process(broken, client, lambda facts: replace(facts, connections=Seen(())))
    return broken


def suffixed() -> Snapshot:
    """A nameSuffix was applied: kustomize rewrote the Deployments, and not the RayCluster."""
    broken = s.without_manifests(s.healthy())
    for name in ("seedcore-env", "seedcore-client-env"):
        broken = s.with_renamed_configmap(broken, name, f"{name}-x")
    sources = (EnvFromEntry("seedcore-env-x"), EnvFromEntry("seedcore-client-env-x"))
    for app in ("api", "serve"):
        broken = s.with_client_container(broken, app, env_from=sources)
    return broken


def renamed_everywhere() -> Snapshot:
    """The same, and the RayCluster was patched: only the contract has the former names."""
    broken = suffixed()
    for role in (Role.HEAD, Role.WORKER):
        broken = s.with_group_template(broken, role, env_from=(EnvFromEntry("seedcore-env-x"),))
    for name in (s.HEAD, s.WORKER):
        template = s.pod_of(broken, name).template
        template = s.with_container(template, env_from=(EnvFromEntry("seedcore-env-x"),))
        broken = s.with_pod(broken, name, template=template)
    return broken


def no_cluster() -> Snapshot:
    broken = replace(s.healthy(), rayclusters=Seen(()))
    return s.without_pods(broken, s.HEAD, s.WORKER)


def nothing_there() -> Snapshot:
    return replace(
        s.healthy(),
        configmaps=Seen(()),
        services=Seen(()),
        rayclusters=Seen(()),
        workloads=Seen(()),
        pods=Seen(()),
    )


def two_clusters_and_no_clue() -> Snapshot:
    broken = s.without_manifests(s.healthy())
    broken = replace(broken, rayclusters=Seen((s.raycluster("one"), s.raycluster("two"))))
    return s.without_pods(broken, s.HEAD, s.WORKER)


def another_cluster_beside() -> Snapshot:
    return replace(s.healthy(), rayclusters=Seen((s.raycluster(), s.raycluster("older"))))


def proof_failed() -> Snapshot:
    return s.with_pod(s.healthy(), s.API, probe=s.failed("refused"))


def frozen_head() -> Snapshot:
    """GCS hangs: no probe ends, neither the head's own nor the clients'."""
    broken = s.with_pod(s.healthy(), s.HEAD, probe=s.failed("deadline", "auto"))
    for name in (s.API, s.SERVE):
        broken = s.with_pod(broken, name, probe=s.failed("deadline"))
    return broken


def worker_outside() -> Snapshot:
    dead = (
        NodeFacts(s.NODE, s.HEAD_IP, alive=True, head=True),
        NodeFacts("bb" * 28, s.WORKER_IP, alive=False, head=False),
    )
    return s.with_probe(s.healthy(), s.HEAD, nodes=dead)


def version_skew() -> Snapshot:
    return s.with_probe(
        s.healthy(),
        s.API,
        ray_version="2.59.0",
        ok=False,
        stage="connect",
        reason="version-mismatch",
    )


def without_ray_client(reason: str) -> Snapshot:
    """The API's image lacks what a connection needs, and the API never came up."""
    why = "container api: CrashLoopBackOff"
    broken = s.with_pod(s.healthy(), s.API, ready=False, why_not_ready=why, probe=s.failed(reason))
    broken = s.with_process(broken, s.API, lambda facts: replace(facts, connections=Seen(())))
    return s.with_workload(broken, "seedcore-api", available=0)


def token_wanted() -> Snapshot:
    """KubeRay's authOptions were switched on: the head has mode and token, the API has not."""
    mode = s.literal("RAY_AUTH_MODE", "token")
    token = EnvEntry("RAY_AUTH_TOKEN", EnvSource.SECRET_KEY, None, "seedcore", "auth_token")
    template = s.pod_of(s.healthy(), s.HEAD).template
    own = (*template.containers[0].env, mode, token)
    broken = s.with_pod(s.healthy(), s.HEAD, template=s.with_container(template, env=own))
    broken = s.with_environment(broken, s.HEAD, RAY_AUTH_MODE="token", RAY_AUTH_TOKEN="t")
    broken = s.with_pod(broken, s.API, probe=s.failed("auth"))
    return s.with_process(broken, s.API, lambda facts: replace(facts, connections=Seen(())))


def race() -> Snapshot:
    """A head without the remedy, where a probe needed its second attempt."""
    met = s.with_probe(s.healthy(), s.API, attempts=2, seconds=41.0)
    met = s.with_environment(met, s.HEAD, GRPC_ENABLE_FORK_SUPPORT=None)
    met = s.with_group_template(met, Role.HEAD, env=())
    template = s.pod_of(met, s.HEAD).template
    own = tuple(each for each in template.containers[0].env if each.name != s.FORK_SUPPORT)
    met = s.with_pod(met, s.HEAD, template=s.with_container(template, env=own))
    return s.without_manifests(met)


def replicas_differ() -> Snapshot:
    """The address comes from a Secret, which nobody may read, and two replicas disagree."""
    secret = EnvEntry("RAY_NAMESPACE", EnvSource.SECRET_KEY, None, "ray", "namespace")
    broken = s.without_manifests(s.with_client_container(s.healthy(), "api", env=(secret,)))
    broken = s.with_workload(broken, "seedcore-api", replicas=2, updated=2, available=2, current=2)
    twin = replace(s.pod_of(broken, s.API), name=s.API + "2", uid="twin", ip="10.244.0.22")
    broken = s.with_added_pod(broken, twin)
    return s.with_environment(broken, twin.name, RAY_NAMESPACE="older")


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


def no_dashboard() -> Snapshot:
    """The head's dashboard died: clients are refused, and the head itself is as well."""
    refused = AddressAnswer("http://x:8265/api/version", AnswerEnd.REFUSED, "it is refused")
    return s.with_dashboard(s.healthy(), refused, s.HEAD, s.API, s.SERVE)


def dashboard_of_another_cluster() -> Snapshot:
    """A pod's hostAliases lead the name elsewhere; Ray Client's connection was made before."""
    return s.with_dashboard(s.healthy(), replace(s.DASHBOARD, session="session_other"), s.API)


def dashboard_over_tls() -> Snapshot:
    """Port and host are right; the dashboard speaks no TLS."""
    address = "https://seedcore-head-svc:8265"
    broken = s.with_key(
        s.without_manifests(s.healthy()), "seedcore-client-env", RAY_DASHBOARD_ADDRESS=address
    )
    for name in (s.API, s.SERVE):
        broken = s.with_environment(broken, name, RAY_DASHBOARD_ADDRESS=address)
    told = AddressAnswer(f"{address}/api/version", AnswerEnd.NOT_HTTP, "it does not speak TLS")
    return s.with_dashboard(broken, told, s.API, s.SERVE)


def silent_serve(*, serves: bool) -> Snapshot:
    """Nothing listens on the port; Serve runs, or nothing is served at all."""
    reported = "application seedcore RUNNING; proxy UNHEALTHY" if serves else ""
    told = AddressAnswer(
        "http://seedcore-head-svc:8000/-/healthz", AnswerEnd.REFUSED, "the connection is refused",
        serves=serves, reported=reported,
    )  # fmt: skip
    return s.with_serve(s.healthy(), told, s.API, s.SERVE)


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
