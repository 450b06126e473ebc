"""What is broken in the objects: RayClusters, Services, workloads, pods and their names."""

from __future__ import annotations

from dataclasses import replace

from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import EnvFromEntry, ProcessFacts, Snapshot
from tests.support import snapshots as s


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
