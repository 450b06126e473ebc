"""The snapshot, arranged for judging: which cluster is meant, who belongs to it, what they have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from seedcore_deploy.judge.carriers import Carrier, carriers, evaluated, evaluated_pod
from seedcore_deploy.judge.environment import Evaluation
from seedcore_deploy.judge.layers import Variable, read_layers
from seedcore_deploy.judge.meant_cluster import meant_cluster
from seedcore_deploy.judge.pod_threats import pod_threat
from seedcore_deploy.judge.revisions import superseded
from seedcore_deploy.judge.settling import (
    head_unsettled,
    heads_ready_since,
    newest_pod_counted,
    pod_settling,
    refusal_counted,
    rollout_unsettled,
    young_start,
)
from seedcore_deploy.judge.templates import differences, operator_additions
from seedcore_deploy.judge.threat import Around, Threat, by_pod
from seedcore_deploy.model.contract import Contract, Role
from seedcore_deploy.model.disclosure import EnvValue
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import Look, NotSeen, Seen
from seedcore_deploy.model.snapshot import (
    ConfigMapFacts,
    Manifests,
    PodFacts,
    ProbeFacts,
    ProcessFacts,
    RayClusterFacts,
    ServiceFacts,
    Snapshot,
)

T = TypeVar("T")


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)


@dataclass(frozen=True, slots=True)
class PodView:
    """A pod that is meant to serve: neither ending nor finished.

    `differs` is how a Ray pod departs from its group's template. `settling` says why its being
    unready may pass by itself, or is empty; `unsettled` the same for its way to the head, and
    `young` for connections of its own. `threat` is what keeps it from becoming ready by itself.
    """

    pod: PodFacts
    carrier: Carrier | None
    live: Evaluation | None
    variables: Mapping[str, Variable]
    differs: tuple[str, ...]
    settling: str
    unsettled: str
    young: str
    threat: Threat | None = None

    @property
    def subject(self) -> Subject:
        """The pod, as a finding names it."""
        return Subject("Pod", self.pod.name)

    @property
    def owner(self) -> Subject:
        """What makes the pod; the pod itself where that is unknown."""
        return self.carrier.subject if self.carrier else self.subject

    @property
    def image(self) -> str:
        """The image of the container that is judged; empty where it is not known."""
        named = (each for each in self.pod.template.containers if each.name == self.pod.container)
        return next((each.image for each in named), "")

    @property
    def process(self) -> ProcessFacts | None:
        """What was read inside the pod."""
        return self.pod.process.value if isinstance(self.pod.process, Seen) else None

    @property
    def unread_process(self) -> NotSeen | None:
        """Why nobody read what a client's main process runs with, though its pod was looked into.

        None for Ray nodes: they show by their membership what they run with.
        """
        live = self.process.process if self.process and self.pod.role is Role.CLIENT else None
        return live if isinstance(live, NotSeen) else None

    @property
    def probe(self) -> ProbeFacts | None:
        """What the probe in the pod reported."""
        return self.pod.probe.value if isinstance(self.pod.probe, Seen) else None

    def has(self, name: str) -> tuple[bool, EnvValue | None]:
        """The value the application runs with: (whether it was read, the value or None)."""
        if self.process is None:
            return False, None
        variable = self.variables.get(name)
        return variable.live() if variable else (True, None)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the rules look at. A mapping or tuple is None where it was not seen.

    `rendered`: what is judged is a render, where a ConfigMap may well be defined elsewhere.
    """

    snapshot: Snapshot
    configmaps: Mapping[str, ConfigMapFacts] | None
    services: Mapping[str, ServiceFacts] | None
    cluster: RayClusterFacts | None
    clusters: tuple[RayClusterFacts, ...] | None
    manifests: Manifests | None
    carriers: tuple[Carrier, ...]
    planned: Mapping[tuple[str, str, str], Carrier]
    pods: tuple[PodView, ...]
    leaving: tuple[PodFacts, ...]
    head_unsettled: str
    rendered: bool = False

    @property
    def contract(self) -> Contract:
        """The contract that is judged by."""
        return self.snapshot.contract

    @property
    def namespace(self) -> str:
        """The namespace that is judged."""
        return self.snapshot.target.namespace

    @property
    def heads(self) -> tuple[PodView, ...]:
        """The head pods of the cluster that is meant."""
        return tuple(view for view in self.pods if view.pod.role is Role.HEAD)

    @property
    def workers(self) -> tuple[PodView, ...]:
        """The worker pods that KubeRay made for the cluster that is meant."""
        return tuple(
            view for view in self.pods if view.pod.role is Role.WORKER and view.pod.raycluster
        )

    @property
    def clients(self) -> tuple[PodView, ...]:
        """The client pods."""
        return tuple(view for view in self.pods if view.pod.role is Role.CLIENT)

    def made_by(self, carrier: Carrier) -> tuple[PodView, ...]:
        """The pods of a carrier."""
        return tuple(view for view in self.pods if view.carrier is carrier)

    def evaluation(self, carrier: Carrier) -> Evaluation | None:
        """Layer 2 of a carrier; None where ConfigMaps were not seen."""
        if self.configmaps is None:
            return None
        pods = self.made_by(carrier)
        if pods:
            return pods[0].live
        return evaluated(
            carrier, None, self.configmaps, self.services or (), complete=not self.rendered
        )


def gather(snapshot: Snapshot, *, rendered: bool = False) -> Facts:
    """Arrange a snapshot; `rendered` for one that was made of manifests."""
    manifests = seen(snapshot.manifests)
    configmaps = _named(seen(snapshot.configmaps))
    services = _named(seen(snapshot.services))
    clusters = seen(snapshot.rayclusters)
    cluster = meant_cluster(snapshot, manifests, clusters, configmaps, services)
    contract = snapshot.contract
    now = snapshot.taken_at
    of_manifests: tuple[Carrier, ...] = ()
    if manifests is not None:
        of_manifests = carriers(contract, manifests.rayclusters, manifests.workloads)
    planned = {carrier.key: carrier for carrier in of_manifests}
    mine = [
        pod
        for pod in seen(snapshot.pods) or ()
        if not pod.finished
        and (not pod.raycluster or cluster is None or pod.raycluster == cluster.name)
    ]
    serving = [pod for pod in mine if not pod.terminating]
    leaving = tuple(pod for pod in mine if pod.terminating)
    ready_since = heads_ready_since(serving)
    around = Around(now, ready_since, bool(leaving), configmaps, by_pod(snapshot.events))
    workloads_seen = seen(snapshot.workloads)
    former = superseded(workloads_seen or (), serving)
    threats = {pod.uid: None if pod.uid in former else pod_threat(pod, around) for pod in serving}
    unsettled = head_unsettled(now, serving, leaving, threats)
    workloads = [
        newest_pod_counted(
            refusal_counted(now, each),
            [pod for pod in serving if not pod.raycluster and pod.group == each.name],
            lambda pod: pod_settling(now, pod, unsettled, ready_since, threats[pod.uid]),
        )
        for each in seen(snapshot.workloads) or ()
    ]
    live = carriers(contract, [cluster] if cluster else [], workloads)
    arranging = _Arranging(
        snapshot, configmaps, services, live, planned, manifests, unsettled, ready_since, threats
    )
    return Facts(
        snapshot,
        configmaps,
        services,
        cluster,
        clusters,
        manifests,
        live,
        planned,
        arranging.views(serving),
        leaving,
        unsettled,
        rendered,
    )


@dataclass(frozen=True, slots=True)
class _Arranging:
    """What is needed to arrange one pod after the other."""

    snapshot: Snapshot
    configmaps: Mapping[str, ConfigMapFacts] | None
    services: Mapping[str, ServiceFacts] | None
    carriers: tuple[Carrier, ...]
    planned: Mapping[tuple[str, str, str], Carrier]
    manifests: Manifests | None
    unsettled: str
    head_ready_since: str
    threats: Mapping[str, Threat | None]

    def views(self, pods: list[PodFacts]) -> tuple[PodView, ...]:
        """The pods in their given order."""
        owners = {
            pod.uid: next((each for each in self.carriers if each.makes(pod)), None) for pod in pods
        }
        operator_adds = operator_additions(
            (carrier.template, [pod.template for pod in pods if owners[pod.uid] is carrier])
            for carrier in self.carriers
            if carrier.group is not None
        )
        return tuple(self._view(pod, owners[pod.uid], operator_adds) for pod in pods)

    def _view(
        self, pod: PodFacts, carrier: Carrier | None, operator_adds: frozenset[str]
    ) -> PodView:
        contract, services = self.snapshot.contract, self.services or {}
        live = planned = None
        differs: tuple[str, ...] = ()
        configmaps, complete = self.configmaps or {}, self.configmaps is not None
        if carrier is None:
            live = evaluated_pod(pod, configmaps, services, complete=complete)
        else:
            live = evaluated(carrier, pod, configmaps, services, operator_adds, complete=complete)
            rendered = self.planned.get(carrier.key)
            if rendered is not None and self.manifests is not None:
                named = _named(self.manifests.configmaps) or {}
                planned = evaluated(rendered, None, named, services, complete=False)
            if carrier.group is not None:
                differs = differences(carrier.template, pod.template, pod.role, operator_adds)
        contracted = {*contract.client_variables, "RAY_ADDRESS"}
        facts = carrier.facts if carrier else None
        variables = read_layers(pod, planned, live, contracted, tuple(services))
        now, threat = self.snapshot.taken_at, self.threats[pod.uid]
        return PodView(
            pod,
            carrier,
            live,
            {variable.name: variable for variable in variables},
            differs,
            pod_settling(now, pod, self.unsettled, self.head_ready_since, threat),
            self.unsettled or (rollout_unsettled(facts) if facts else ""),
            young_start(now, pod),
            threat,
        )


def seen(look: Look[T]) -> T | None:
    """The value of a part that was seen, else None."""
    return look.value if isinstance(look, Seen) else None


def _named(objects: Iterable[N] | None) -> dict[str, N] | None:
    return None if objects is None else {each.name: each for each in objects}
