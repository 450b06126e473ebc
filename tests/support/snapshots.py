"""Snapshots of a healthy deployment, and ways to break one thing in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from seedcore_deploy.model.address_answer import AddressAnswer, AnswerEnd
from seedcore_deploy.model.contract import Contract, Role
from seedcore_deploy.model.disclosure import SHOWN_NAMES, EnvValue
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import (
    ConfigMapFacts,
    ContainerSpec,
    EnvEntry,
    EnvFromEntry,
    EnvSource,
    Manifests,
    NodeFacts,
    PodFacts,
    PodTemplate,
    ProbeFacts,
    ProcessFacts,
    RayClusterFacts,
    RayGroup,
    ServiceFacts,
    Snapshot,
    Target,
    WorkloadFacts,
)

NAMESPACE = "seedcore-dev"
NOW = "2026-03-01T12:00:00Z"
LONG_AGO = "2026-03-01T10:00:00Z"
A_MOMENT_AGO = "2026-03-01T11:59:30Z"
OVERLAY = "deploy/kustomize/overlays/dev"
HEAD_IP, WORKER_IP, API_IP, SERVE_IP = "10.244.0.10", "10.244.0.11", "10.244.0.12", "10.244.0.13"
HEAD, WORKER = "seedcore-head-abcde", "seedcore-workers-worker-fghij"
API, SERVE = "seedcore-api-6c5d-klmno", "seedcore-serve-7d6e-pqrst"
SESSION = "session_2026-03-01_10-00-00_000000_1"
NODE = "aa" * 28
SHARED = {
    "RAY_HOST": "seedcore-head-svc",
    "RAY_PORT": "10001",
    "RAY_SERVE_URL": "http://seedcore-head-svc:8000",
    "RAY_DASHBOARD_URL": "http://seedcore-head-svc:8265",
    "RAY_NAMESPACE": NAMESPACE,
    "SEEDCORE_LOG_LEVEL": "INFO",
}
CLIENT = {
    "RAY_ADDRESS": "ray://seedcore-head-svc:10001",
    "RAY_NAMESPACE": NAMESPACE,
    "RAY_SERVE_ADDRESS": "http://seedcore-head-svc:8000",
    "RAY_DASHBOARD_ADDRESS": "http://seedcore-head-svc:8265",
    "RAY_ENABLE_AUTO_CONNECT": "0",
}
SHARED_SOURCE = EnvFromEntry("seedcore-env")
CLIENT_SOURCE = EnvFromEntry("seedcore-client-env")
FORK_SUPPORT = "GRPC_ENABLE_FORK_SUPPORT"

DASHBOARD = AddressAnswer(
    "http://seedcore-head-svc:8265/api/version", AnswerEnd.ANSWERED, "", SESSION, "2.60.0"
)
SERVES = AddressAnswer("http://seedcore-head-svc:8000/-/healthz", AnswerEnd.ANSWERED)


def value(raw: str, name: str = "RAY_ADDRESS") -> EnvValue:
    """A value as a Discloser keeps it."""
    digest = hashlib.blake2b(raw.encode(), digest_size=12).hexdigest()
    return EnvValue(raw if name in SHOWN_NAMES else None, digest)


def values(raw: Mapping[str, str]) -> dict[str, EnvValue]:
    """Values by their names."""
    return {name: value(text, name) for name, text in raw.items()}


def literal(name: str, raw: str) -> EnvEntry:
    """An entry of `env:` with a literal."""
    return EnvEntry(name, EnvSource.LITERAL, value(raw, name), expands="$(" in raw)


def configmap(name: str, data: Mapping[str, str]) -> ConfigMapFacts:
    """A ConfigMap."""
    return ConfigMapFacts(name, values(data))


def client_template(name: str) -> PodTemplate:
    """The template of a client Deployment."""
    container = ContainerSpec(
        name=name,
        image="localhost/seedcore-client:0.1.0",
        env_from=(SHARED_SOURCE, CLIENT_SOURCE),
        command=("python", "-m", name),
        resources=(("limits.memory", "1Gi"), ("requests.cpu", "100m")),
    )
    volumes = (json.dumps({"emptyDir": {}, "name": "tmp"}),)
    return PodTemplate((container,), False, volumes, {"app": f"seedcore-{name}"})


def ray_template(role: Role) -> PodTemplate:
    """The template of a Ray group, as the RayCluster has it."""
    container = ContainerSpec(
        name=f"ray-{role}",
        image="localhost/seedcore-ray:0.1.0",
        env=(literal(FORK_SUPPORT, "0"),) if role is Role.HEAD else (),
        env_from=(SHARED_SOURCE,),
        resources=(("limits.memory", "3Gi"), ("requests.cpu", "500m")),
    )
    return PodTemplate((container,), False, (), {"app.kubernetes.io/part-of": "seedcore"})


def injected(role: Role, pod: str) -> tuple[EnvEntry, ...]:
    """What KubeRay 1.6.1 adds to the Ray container."""
    service = f"seedcore-head-svc.{NAMESPACE}.svc.cluster.local"
    own = {
        "RAY_CLUSTER_NAME": "seedcore",
        "RAY_CLUSTER_NAMESPACE": NAMESPACE,
        "RAY_CLOUD_INSTANCE_ID": pod,
        "RAY_NODE_TYPE_NAME": "headgroup" if role is Role.HEAD else "workers",
    }
    fields = tuple(
        EnvEntry(name, EnvSource.FIELD, value(text, name), ref_key="metadata.name")
        for name, text in own.items()
    )
    plain = {
        "KUBERAY_GEN_RAY_START_CMD": "ray start --block",
        "RAY_PORT": "6379",
        "RAY_ADDRESS": "127.0.0.1:6379" if role is Role.HEAD else f"{service}:6379",
        "RAY_USAGE_STATS_KUBERAY_IN_USE": "1",
        "RAY_DASHBOARD_ENABLE_K8S_DISK_USAGE": "1",
    }
    if role is Role.WORKER:
        plain |= {"FQ_RAY_IP": service, "RAY_IP": "seedcore-head-svc"}
    else:
        plain["RAY_USAGE_STATS_EXTRA_TAGS"] = "kuberay_version=v1.6.1;kuberay_crd=RayCluster"
    return (*fields, *(literal(name, text) for name, text in plain.items()))


def ray_pod_template(role: Role, pod: str) -> PodTemplate:
    """The template of a Ray pod as KubeRay makes it of its group's."""
    template = ray_template(role)
    container = template.containers[0]
    made = replace(
        container,
        env=(*container.env, *injected(role, pod)),
        command=("/bin/bash", "-c", "--"),
        args=("ulimit -n 65536; ray start --block",),
    )
    labels = {
        **template.labels,
        "ray.io/cluster": "seedcore",
        "ray.io/node-type": str(role),
        "ray.io/group": "headgroup" if role is Role.HEAD else "workers",
    }
    shared_memory = json.dumps(
        {"emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}, "name": "shared-mem"}
    )
    return replace(template, containers=(made,), volumes=(shared_memory,), labels=labels)


def process(raw: Mapping[str, str], connections: tuple[str, ...] = ()) -> ProcessFacts:
    """What is read inside a pod whose process has the container's environment."""
    return ProcessFacts(
        container=values(raw),
        process=Seen(values(raw)),
        connections=Seen(connections),
        command="python",
        interpreter="/usr/bin/python3",
        headroom_bytes=800 * 2**20,
        others={"SEEDCORE_LOG_LEVEL": value(SHARED["SEEDCORE_LOG_LEVEL"], "SEEDCORE_LOG_LEVEL")},
    )


def connection_environment(*sources: Mapping[str, str]) -> dict[str, str]:
    """The connection variables of several sources, later ones winning."""
    merged: dict[str, str] = {}
    for source in sources:
        merged |= source
    return {name: raw for name, raw in merged.items() if name != "SEEDCORE_LOG_LEVEL"}


def ray_environment(role: Role, pod: str) -> dict[str, str]:
    """The connection variables of a Ray container."""
    given = {
        entry.name: entry.value.text or "ray start --block"
        for entry in ray_pod_template(role, pod).containers[0].env
        if entry.value and entry.name != "KUBERAY_GEN_RAY_START_CMD"
    }
    return connection_environment(SHARED, given)


def proof(address: str = CLIENT["RAY_ADDRESS"], mode: str = "client") -> ProbeFacts:
    """A probe that passed."""
    return ProbeFacts(
        ok=True,
        stage="done",
        address=address,
        mode=mode,
        session=SESSION,
        head_node_id=NODE,
        head_ip=HEAD_IP,
        namespace=NAMESPACE,
        ray_version="2.60.0",
        python_version="3.11.2",
        nodes=(
            NodeFacts(NODE, HEAD_IP, alive=True, head=True),
            NodeFacts("bb" * 28, WORKER_IP, alive=True, head=False),
        ),
        seconds=3.0,
        dashboard=DASHBOARD,
        serve=SERVES if mode == "client" else None,
    )


def ray_pod(role: Role, name: str, ip: str) -> PodFacts:
    """A head or worker pod."""
    return PodFacts(
        name=name,
        uid=f"uid-{name}",
        role=role,
        workload=str(role),
        group="headgroup" if role is Role.HEAD else "workers",
        container=f"ray-{role}",
        template=ray_pod_template(role, name),
        phase="Running",
        ready=True,
        ip=ip,
        raycluster="seedcore",
        owner="raycluster/seedcore",
        created_at=LONG_AGO,
        started_at=LONG_AGO,
        ready_since=LONG_AGO,
        process=Seen(process(ray_environment(role, name))),
        probe=Seen(proof("auto", "direct")) if role is Role.HEAD else None,
    )


def client_pod(name: str, app: str, ip: str) -> PodFacts:
    """A pod of a client Deployment."""
    return PodFacts(
        name=name,
        uid=f"uid-{name}",
        role=Role.CLIENT,
        workload=app,
        group=f"seedcore-{app}",
        container=app,
        template=client_template(app),
        phase="Running",
        ready=True,
        ip=ip,
        owner=f"deployment/seedcore-{app}",
        created_at=LONG_AGO,
        started_at=LONG_AGO,
        ready_since=LONG_AGO,
        process=Seen(process(connection_environment(SHARED, CLIENT), (f"{HEAD_IP}:10001",))),
        probe=Seen(proof()),
    )


def deployment(app: str, replicas: int = 1) -> WorkloadFacts:
    """A client Deployment whose rollout is over."""
    return WorkloadFacts(
        kind="Deployment",
        name=f"seedcore-{app}",
        template=client_template(app),
        replicas=replicas,
        generation=1,
        observed_generation=1,
        updated=replicas,
        available=replicas,
        current=replicas,
        selector={"app": f"seedcore-{app}"},
    )


def raycluster(name: str = "seedcore") -> RayClusterFacts:
    """The RayCluster with its head and one worker."""
    return RayClusterFacts(
        name=name,
        head_service=f"{name}-head-svc",
        groups=(
            RayGroup("headgroup", Role.HEAD, 1, ray_template(Role.HEAD)),
            RayGroup("workers", Role.WORKER, 1, ray_template(Role.WORKER)),
        ),
        created_at=LONG_AGO,
    )


def head_service() -> ServiceFacts:
    """The service that KubeRay makes."""
    return ServiceFacts(
        "seedcore-head-svc",
        (6379, 8000, 8080, 8265, 10001),
        {"ray.io/cluster": "seedcore", "ray.io/node-type": "head"},
        (HEAD_IP,),
    )


def manifests() -> Manifests:
    """The rendered dev overlay."""
    return Manifests(
        overlay="dev",
        configmaps=(configmap("seedcore-env", SHARED), configmap("seedcore-client-env", CLIENT)),
        rayclusters=(raycluster(),),
        workloads=(deployment("api"), deployment("serve")),
    )


def healthy() -> Snapshot:
    """Everything as it should be, and everything looked at."""
    return Snapshot(
        target=Target(
            "kind-seedcore",
            NAMESPACE,
            "https://127.0.0.1:6443",
            ("kubectl", "--context", "kind-seedcore", "-n", NAMESPACE),
            OVERLAY,
        ),
        contract=Contract(),
        taken_at=NOW,
        manifests=Seen(manifests()),
        configmaps=Seen(manifests().configmaps),
        services=Seen((head_service(), ServiceFacts("seedcore-api", (8080,)))),
        rayclusters=Seen((raycluster(),)),
        workloads=Seen((deployment("api"), deployment("serve"))),
        pods=Seen(
            (
                ray_pod(Role.HEAD, HEAD, HEAD_IP),
                ray_pod(Role.WORKER, WORKER, WORKER_IP),
                client_pod(API, "api", API_IP),
                client_pod(SERVE, "serve", SERVE_IP),
            )
        ),
        tool="seedcore-deploy 0.1.0",
    )


def of_the_service(name: str) -> RayClusterFacts:
    """A RayCluster that RayService seedcore makes; its head service is the RayService's."""
    return replace(raycluster(), name=name, service="seedcore")


def of_cluster(pod: PodFacts, name: str) -> PodFacts:
    """The pod as one of that RayCluster."""
    labels = {**pod.template.labels, "ray.io/cluster": name}
    return replace(pod, raycluster=name, template=replace(pod.template, labels=labels))


def made_by_a_rayservice(*clusters: RayClusterFacts, active: str) -> Snapshot:
    """The healthy pattern with a RayService above it, whose head service leads to `active`."""
    whole = healthy()
    assert isinstance(whole.pods, Seen)
    assert isinstance(whole.services, Seen)
    pods = (of_cluster(pod, active) if pod.raycluster else pod for pod in whole.pods.value)
    services = (
        replace(each, selector={**each.selector, "ray.io/cluster": active})
        if each.name == "seedcore-head-svc"
        else each
        for each in whole.services.value
    )
    planned = replace(manifests(), rayclusters=(of_the_service("seedcore"),))
    return replace(
        whole,
        rayclusters=Seen(clusters),
        pods=Seen(tuple(pods)),
        services=Seen(tuple(services)),
        manifests=Seen(planned),
    )


def without_manifests(snapshot: Snapshot) -> Snapshot:
    """The same without the repository at hand."""
    target = replace(snapshot.target, overlay="")
    return replace(snapshot, target=target, manifests=NotSeen("no overlay here", "use -k"))


def with_pod(snapshot: Snapshot, name: str, **changes: Any) -> Snapshot:
    """One pod changed."""
    assert isinstance(snapshot.pods, Seen)
    return replace(
        snapshot,
        pods=Seen(
            tuple(
                replace(pod, **changes) if pod.name == name else pod for pod in snapshot.pods.value
            )
        ),
    )


def without_pods(snapshot: Snapshot, *names: str) -> Snapshot:
    """Some pods gone."""
    assert isinstance(snapshot.pods, Seen)
    return replace(
        snapshot, pods=Seen(tuple(pod for pod in snapshot.pods.value if pod.name not in names))
    )


def with_added_pod(snapshot: Snapshot, pod: PodFacts) -> Snapshot:
    """One more pod."""
    assert isinstance(snapshot.pods, Seen)
    return replace(snapshot, pods=Seen((*snapshot.pods.value, pod)))


def pod_of(snapshot: Snapshot, name: str) -> PodFacts:
    """A pod by its name."""
    assert isinstance(snapshot.pods, Seen)
    return next(pod for pod in snapshot.pods.value if pod.name == name)


def with_process(
    snapshot: Snapshot, name: str, change: Callable[[ProcessFacts], ProcessFacts]
) -> Snapshot:
    """What was read inside one pod, changed."""
    look = pod_of(snapshot, name).process
    assert isinstance(look, Seen)
    return with_pod(snapshot, name, process=Seen(change(look.value)))


def with_environment(snapshot: Snapshot, name: str, **changes: str | None) -> Snapshot:
    """Variables of a running container and its process, set or (None) not set."""

    def change(facts: ProcessFacts) -> ProcessFacts:
        changed, others = {**facts.container}, {**facts.others}
        for variable, raw in changes.items():
            if variable in others:
                others[variable] = None if raw is None else value(raw, variable).hidden()
            elif raw is None:
                changed.pop(variable, None)
            else:
                changed[variable] = value(raw, variable)
        return replace(facts, container=changed, process=Seen(changed), others=others)

    return with_process(snapshot, name, change)


def with_probe(snapshot: Snapshot, name: str, **changes: Any) -> Snapshot:
    """What a probe reported, changed."""
    look = pod_of(snapshot, name).probe
    assert isinstance(look, Seen)
    return with_pod(snapshot, name, probe=Seen(replace(look.value, **changes)))


def with_dashboard(snapshot: Snapshot, answer: AddressAnswer | None, *names: str) -> Snapshot:
    """What these pods met at the address of the dashboard."""
    for name in names:
        snapshot = with_probe(snapshot, name, dashboard=answer)
    return snapshot


def with_serve(snapshot: Snapshot, answer: AddressAnswer | None, *names: str) -> Snapshot:
    """What these pods met at the address of Serve."""
    for name in names:
        snapshot = with_probe(snapshot, name, serve=answer)
    return snapshot


def failed(reason: str, address: str = CLIENT["RAY_ADDRESS"]) -> Seen[ProbeFacts]:
    """A probe that failed."""
    return Seen(ProbeFacts(False, "connect", address, reason=reason, error="ConnectionError: x"))


def with_key(snapshot: Snapshot, name: str, **changes: str | None) -> Snapshot:
    """Keys of a live ConfigMap, set or (None) removed."""
    assert isinstance(snapshot.configmaps, Seen)
    changed = []
    for each in snapshot.configmaps.value:
        data = {**each.data}
        for key, raw in changes.items() if each.name == name else ():
            if raw is None:
                data.pop(key, None)
            else:
                data[key] = value(raw, key)
        changed.append(replace(each, data=data))
    return replace(snapshot, configmaps=Seen(tuple(changed)))


def without_configmap(snapshot: Snapshot, name: str) -> Snapshot:
    """A ConfigMap deleted."""
    assert isinstance(snapshot.configmaps, Seen)
    left = tuple(each for each in snapshot.configmaps.value if each.name != name)
    return replace(snapshot, configmaps=Seen(left))


def with_renamed_configmap(snapshot: Snapshot, name: str, now: str) -> Snapshot:
    """A live ConfigMap under another name."""
    assert isinstance(snapshot.configmaps, Seen)
    renamed = (
        replace(each, name=now) if each.name == name else each for each in snapshot.configmaps.value
    )
    return replace(snapshot, configmaps=Seen(tuple(renamed)))


def with_workload(snapshot: Snapshot, name: str, **changes: Any) -> Snapshot:
    """One workload changed."""
    assert isinstance(snapshot.workloads, Seen)
    return replace(
        snapshot,
        workloads=Seen(
            tuple(
                replace(each, **changes) if each.name == name else each
                for each in snapshot.workloads.value
            )
        ),
    )


def with_container(template: PodTemplate, **changes: Any) -> PodTemplate:
    """The first container of a template changed."""
    first, *rest = template.containers
    return replace(template, containers=(replace(first, **changes), *rest))


def with_client_container(snapshot: Snapshot, app: str, **changes: Any) -> Snapshot:
    """The container of a client Deployment and of its pods changed alike."""
    template = with_container(client_template(app), **changes)
    changed = with_workload(snapshot, f"seedcore-{app}", template=template)
    assert isinstance(changed.pods, Seen)
    for pod in changed.pods.value:
        if pod.workload == app:
            changed = with_pod(changed, pod.name, template=template)
    return changed


def with_group_template(snapshot: Snapshot, role: Role, **changes: Any) -> Snapshot:
    """The container of a Ray group's template changed; its pods are left as they are."""
    assert isinstance(snapshot.rayclusters, Seen)
    (cluster,) = snapshot.rayclusters.value
    groups = tuple(
        replace(group, template=with_container(group.template, **changes))
        if group.role is role
        else group
        for group in cluster.groups
    )
    return replace(snapshot, rayclusters=Seen((replace(cluster, groups=groups),)))


def with_service(snapshot: Snapshot, name: str, **changes: Any) -> Snapshot:
    """One Service changed."""
    assert isinstance(snapshot.services, Seen)
    return replace(
        snapshot,
        services=Seen(
            tuple(
                replace(each, **changes) if each.name == name else each
                for each in snapshot.services.value
            )
        ),
    )
