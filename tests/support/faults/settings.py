"""What is broken in the settings: ConfigMaps, their keys, who reads them, and their values."""

from __future__ import annotations

from dataclasses import replace

from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import EnvEntry, EnvFromEntry, EnvSource, ServiceFacts, Snapshot
from tests.support import snapshots as s

WRONG_HOST = "ray://seedcore-old-head-svc:10001"


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


def replicas_differ() -> Snapshot:
    """The address comes from a Secret, which nobody may read, and two replicas disagree."""
    secret = EnvEntry("RAY_NAMESPACE", EnvSource.SECRET_KEY, None, "ray", "namespace")
    broken = s.without_manifests(s.with_client_container(s.healthy(), "api", env=(secret,)))
    broken = s.with_workload(broken, "seedcore-api", replicas=2, updated=2, available=2, current=2)
    twin = replace(s.pod_of(broken, s.API), name=s.API + "2", uid="twin", ip="10.244.0.22")
    broken = s.with_added_pod(broken, twin)
    return s.with_environment(broken, twin.name, RAY_NAMESPACE="older")
