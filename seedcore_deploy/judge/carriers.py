"""Carriers: the templates that make pods of a role, live or rendered, and their environments."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from seedcore_deploy.judge.environment import Evaluation, Surroundings, evaluate
from seedcore_deploy.judge.selectors import matches
from seedcore_deploy.judge.templates import injected_by_kuberay, of_a_submitter
from seedcore_deploy.model.contract import Contract, Role, WorkloadContract
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.snapshot import (
    ConfigMapFacts,
    ContainerSpec,
    EnvEntry,
    EnvSource,
    PodFacts,
    PodTemplate,
    RayClusterFacts,
    RayGroup,
    WorkloadFacts,
)
from seedcore_deploy.model.variable import Origin, OriginKind

_OF_A_CLUSTER = ("RayCluster", "/spec")
ROLLING_KINDS = ("Deployment", "StatefulSet", "DaemonSet")


@dataclass(frozen=True, slots=True)
class Carrier:
    """A Ray group or a client workload: what it declares for the container that is judged.

    `path` is where the pod spec stands in the object, as a JSON pointer; `index` the container's.
    `cluster` names the RayCluster of a group, whose `subject` may be the RayService above it.
    """

    subject: Subject
    role: Role
    workload: str
    template: PodTemplate
    index: int
    path: str
    replicas: int
    group: RayGroup | None = None
    cluster: str = ""
    facts: WorkloadFacts | None = None

    @property
    def container(self) -> ContainerSpec:
        """The container that is judged."""
        return self.template.containers[self.index]

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes a live and a rendered carrier the same."""
        return self.subject.kind, self.subject.name, self.subject.detail

    def reads(self, configmap: str) -> bool:
        """Whether the container takes any variable from the ConfigMap."""
        return reads(self.container, configmap)

    def makes(self, pod: PodFacts) -> bool:
        """Whether the pod is one of this carrier's."""
        if self.group is not None:
            return (pod.raycluster, pod.group) == (self.cluster, self.group.name)
        return not pod.raycluster and pod.group == self.subject.name


def reads(container: ContainerSpec, configmap: str) -> bool:
    """Whether the container takes any variable from the ConfigMap."""
    whole = any(not each.secret and each.name == configmap for each in container.env_from)
    return whole or any(
        each.source is EnvSource.CONFIGMAP_KEY and each.ref_name == configmap
        for each in container.env
    )


def judged_index(template: PodTemplate, contract: Contract, workload: WorkloadContract) -> int:
    """The container to judge: the contract's, else KubeRay's own or the one with the settings."""
    names = [container.name for container in template.containers]
    if workload.container in names:
        return names.index(workload.container)
    if workload.role is Role.CLIENT:
        for configmap in (contract.client_configmap, contract.shared_configmap):
            for index, container in enumerate(template.containers):
                if reads(container, configmap):
                    return index
    return 0


def carriers(
    contract: Contract,
    clusters: Iterable[RayClusterFacts],
    workloads: Iterable[WorkloadFacts],
) -> tuple[Carrier, ...]:
    """Every carrier of a role: the RayClusters' groups, and the workloads of the contract."""
    found = [
        carrier
        for cluster in clusters
        for carrier in _groups(contract, cluster)
        if carrier.template.containers
    ]
    for facts in workloads:
        bound = contract_of(contract, facts)
        if bound is None or not facts.template.containers:
            continue
        path = "/spec/jobTemplate/spec/template/spec" if facts.kind == "CronJob" else ""
        found.append(
            Carrier(
                Subject(facts.kind, facts.name),
                bound.role,
                bound.name,
                facts.template,
                judged_index(facts.template, contract, bound),
                path or "/spec/template/spec",
                facts.replicas,
                facts=facts,
            )
        )
    return tuple(found)


def contract_of(contract: Contract, facts: WorkloadFacts) -> WorkloadContract | None:
    """The contract that speaks of a workload: by selector, else as any reader of the settings."""
    for workload in contract.workloads:
        if matches(workload.selector, facts.template.labels):
            return workload
    if any(reads(each, contract.client_configmap) for each in facts.template.containers):
        return WorkloadContract(facts.name, Role.CLIENT, "", required=False)
    return None


def is_contracted(contract: Contract, labels: Mapping[str, str]) -> bool:
    """Whether a selector of the contract picks it, as against it being any reader of settings."""
    return any(matches(workload.selector, labels) for workload in contract.workloads)


def _groups(contract: Contract, cluster: RayClusterFacts) -> Iterable[Carrier]:
    workers = 0
    kind, spec = ("RayService", "/spec/rayClusterConfig") if cluster.service else _OF_A_CLUSTER
    for group in cluster.groups:
        bound = next(
            (each for each in contract.workloads if each.role is group.role),
            WorkloadContract(group.role, group.role, ""),
        )
        path = f"{spec}/headGroupSpec/template/spec"
        if group.role is Role.WORKER:
            path = f"{spec}/workerGroupSpecs/{workers}/template/spec"
            workers += 1
        names = [container.name for container in group.template.containers]
        yield Carrier(
            Subject(kind, cluster.declared, group.name),
            group.role,
            bound.name,
            group.template,
            names.index(bound.container) if bound.container in names else 0,
            path,
            0 if cluster.suspended else group.replicas,
            group=group,
            cluster=cluster.name,
        )


def evaluated(
    carrier: Carrier,
    pod: PodFacts | None,
    configmaps: Mapping[str, ConfigMapFacts],
    services: Collection[str],
    operator_adds: Collection[str] = (),
    *,
    complete: bool,
) -> Evaluation:
    """What the carrier's container would get now; with `pod`, what that pod would.

    The pod lends what a template cannot know: resolved fields, and what KubeRay or an admission
    webhook adds to it.
    """
    container = carrier.container
    submitter = of_a_submitter(container) if carrier.group is None else ()
    origins = dict.fromkeys(submitter, Origin(OriginKind.KUBERAY))
    if pod is not None and carrier.index < len(pod.template.containers):
        own = {entry.name: entry for entry in _own(pod, carrier).env}
        env = [_resolved(entry, own.get(entry.name)) for entry in container.env]
        declared = {entry.name for entry in container.env}
        for name, entry in own.items():
            if name in declared:
                continue
            kuberay = injected_by_kuberay(entry, pod.role) or name in operator_adds
            if carrier.group is not None and not kuberay:
                continue  # left by a former template: what it would get now lacks it
            env.append(entry)
            kind = OriginKind.KUBERAY if carrier.group is not None else OriginKind.POD
            origins[name] = Origin(kind)
        container = replace(container, env=tuple(env))
    around = Surroundings(
        configmaps,
        complete,
        services if carrier.template.enable_service_links else (),
        str(carrier.subject),
        origins,
    )
    return evaluate(container, around)


def evaluated_pod(
    pod: PodFacts,
    configmaps: Mapping[str, ConfigMapFacts],
    services: Collection[str],
    *,
    complete: bool,
) -> Evaluation | None:
    """What a pod's own container would get now, where nothing that makes such pods is known."""
    container = container_of(pod)
    if container is None:
        return None
    submitter = of_a_submitter(container)
    kuberay = {
        entry.name
        for entry in container.env
        if entry.name in submitter or injected_by_kuberay(entry, pod.role)
    }
    origins = {
        entry.name: Origin(OriginKind.KUBERAY if entry.name in kuberay else OriginKind.POD)
        for entry in container.env
    }
    links = services if pod.template.enable_service_links else ()
    around = Surroundings(configmaps, complete, links, f"pod/{pod.name}", origins)
    return evaluate(container, around)


def container_of(pod: PodFacts) -> ContainerSpec | None:
    """The container of a pod that is judged."""
    return next((each for each in pod.template.containers if each.name == pod.container), None)


def _own(pod: PodFacts, carrier: Carrier) -> ContainerSpec:
    return container_of(pod) or pod.template.containers[carrier.index]


def _resolved(entry: EnvEntry, own: EnvEntry | None) -> EnvEntry:
    """The template's entry, with what the field resolves to on the pod."""
    if own is None or entry.source not in (EnvSource.FIELD, EnvSource.RESOURCE):
        return entry
    return own if own.source is entry.source else entry
