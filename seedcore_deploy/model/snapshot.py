"""One look at everything: what the judge knows, and all that it knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from seedcore_deploy.model.address_answer import AddressAnswer
from seedcore_deploy.model.contract import Contract, Role
from seedcore_deploy.model.disclosure import EnvValue
from seedcore_deploy.model.look import Look, NotSeen
from seedcore_deploy.model.pod_state import ContainerState, EventFacts, Placement

SNAPSHOT_VERSION = 1
NOT_LOOKED_AT = NotSeen("not looked at")


class EnvSource(StrEnum):
    """Where an entry of `env:` takes its value from."""

    LITERAL = "literal"
    CONFIGMAP_KEY = "configMapKeyRef"
    SECRET_KEY = "secretKeyRef"  # noqa: S105 (the name of a field)
    FIELD = "fieldRef"
    RESOURCE = "resourceFieldRef"


@dataclass(frozen=True, slots=True)
class EnvEntry:
    """One entry of a container's `env:`.

    `value` is the literal, or what the field resolves to on this pod; for key references the
    object is `ref_name`, its key `ref_key`. `expands` tells that the raw literal holds a
    `$(VAR)` or a `$$`: where its text is hidden nobody could tell otherwise.
    """

    name: str
    source: EnvSource
    value: EnvValue | None = None
    ref_name: str = ""
    ref_key: str = ""
    optional: bool = False
    expands: bool = False


@dataclass(frozen=True, slots=True)
class EnvFromEntry:
    """One entry of a container's `envFrom:`; `secret` tells a Secret from a ConfigMap."""

    name: str
    secret: bool = False
    prefix: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """A container as a template or a pod declares it; `resources` as ("limits.cpu", "1") pairs."""

    name: str
    image: str
    env: tuple[EnvEntry, ...] = ()
    env_from: tuple[EnvFromEntry, ...] = ()
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    resources: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PodTemplate:
    """A pod template or a pod's spec; `volumes` as sorted canonical JSON texts.

    `scheduling` has what decides where the pod may run (nodeSelector, affinity, tolerations),
    by name, as canonical JSON; what is not set is left out.
    """

    containers: tuple[ContainerSpec, ...]
    enable_service_links: bool = True
    volumes: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    scheduling: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConfigMapFacts:
    """A ConfigMap's keys with what may be kept of their values.

    `changed_at` is when anybody last changed it, RFC 3339; empty when unknown.
    """

    name: str
    data: Mapping[str, EnvValue]
    changed_at: str = ""


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """A Service: its ports by number, and the addresses of its ready endpoints (pod IPs).

    `cluster_ips` is empty for a headless one; a client's socket shows such an address, not the
    pod's behind it.
    """

    name: str
    ports: tuple[int, ...] = ()
    selector: Mapping[str, str] = field(default_factory=dict)
    endpoints: tuple[str, ...] = ()
    external_name: str = ""
    cluster_ips: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RayGroup:
    """The head group or one worker group of a RayCluster; `replicas` as the spec asks."""

    name: str
    role: Role
    replicas: int
    template: PodTemplate


@dataclass(frozen=True, slots=True)
class RayClusterFacts:
    """A RayCluster: `head_service` is status.head.serviceName, else KubeRay's default name.

    `service` names the RayService that makes it: `head_service` is then the one that KubeRay
    keeps for that RayService, whichever of its RayClusters is active. `changed_at` is when
    anybody last changed it, its status left out; empty when unknown. `observed` tells that an
    operator has written a status, `refused` why the API server takes no pods of it, and since when.
    `serves` names the Serve applications that a rendered RayService has KubeRay deploy.
    """

    name: str
    head_service: str
    groups: tuple[RayGroup, ...]
    created_at: str = ""
    suspended: bool = False
    service: str = ""
    changed_at: str = ""
    observed: bool = True
    refused: str = ""
    refused_since: str = ""
    serves: tuple[str, ...] = ()

    @property
    def declared(self) -> str:
        """The name of the object that people write."""
        return self.service or self.name


@dataclass(frozen=True, slots=True)
class RayServiceFacts:
    """A RayService: the RayCluster that serves, and the one that is to follow it (empty: none).

    `observed_generation` is 0 where its conditions do not tell. `deleted_after_s` is how long after
    the switch KubeRay deletes a former RayCluster.
    """

    name: str
    generation: int = 0
    observed_generation: int = 0
    active: str = ""
    pending: str = ""
    deleted_after_s: int = 60


@dataclass(frozen=True, slots=True)
class WorkloadFacts:
    """A Deployment (or another client workload): what it asks for and how far it has come.

    `stuck` says why a rollout that is not over will not go on by itself; `refused` why the API
    server takes no new pods of it (a quota, a webhook), and `refused_since` since when it does not;
    `failed` what Kubernetes itself says of a rollout of this revision that it gave up, and when.
    """

    kind: str
    name: str
    template: PodTemplate
    replicas: int = 1
    generation: int = 0
    observed_generation: int = 0
    updated: int = 0
    available: int = 0
    current: int = 0
    rolled_out: bool = True
    selector: Mapping[str, str] = field(default_factory=dict)
    stuck: str = ""
    paused: bool = False
    refused: str = ""
    refused_since: str = ""
    failed: str = ""
    failed_since: str = ""


@dataclass(frozen=True, slots=True)
class Manifests:
    """Layer 1: the rendered overlay, in the same shapes as the live objects."""

    overlay: str
    configmaps: tuple[ConfigMapFacts, ...]
    rayclusters: tuple[RayClusterFacts, ...]
    workloads: tuple[WorkloadFacts, ...]
    services: tuple[ServiceFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """What was read inside the pod: the container's start environment, and the live process's.

    `container` is layer 3, `process` layer 4: only connection variables (disclosure.py).
    `connections` are the remote `ip:port` of ESTABLISHED TCP connections that the main process
    tree holds; `inbound` counts those that the pod's listening ports have, by port, and
    `inbound_after` of a head the same once the probes were done. `command` is the main process's
    program name without arguments. `others` are further variables that ConfigMaps give the
    container, to compare by and no more; None for one that it does not have.
    """

    container: Mapping[str, EnvValue]
    process: Look[Mapping[str, EnvValue]]
    connections: Look[tuple[str, ...]]
    pid: int = 1
    command: str = ""
    interpreter: str = ""
    headroom_bytes: int | None = None
    inbound: Mapping[str, int] = field(default_factory=dict)
    inbound_after: Mapping[str, int] = field(default_factory=dict)
    others: Mapping[str, EnvValue | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """One entry of `ray.nodes()`."""

    node_id: str
    ip: str
    alive: bool
    head: bool


@dataclass(frozen=True, slots=True)
class ProbeFacts:
    """What the probe inside a pod reported. Times in seconds.

    `ok` only when the probe ran to its end: connected by the right class of context, ran a task
    on the head node, and shut down. Otherwise `stage` says how far it came, `error` what it met,
    `reason` the class of failure (probe_reasons in observe/payloads), `diagnosis` what the cheap
    diagnosers found. `sessions` counts the Ray Client sessions that the head had, the probe's own
    among them. `attempts` is 2 where the start-up race made the first one fail. `dashboard` and
    `serve` are what answered at the process's addresses (of a head: on its own pod), None
    where they were not asked: that is done only once the proof is made. `address` and `namespace`
    are empty too where a Secret gave them (observe/secret_values.py). `waited` tells for how long
    the last attempt was ready to run and got no CPU, `pinged` that the client server answered a
    bare call after it.
    """

    ok: bool
    stage: str
    address: str
    mode: str = ""
    reason: str = ""
    error: str = ""
    diagnosis: str = ""
    session: str = ""
    head_node_id: str = ""
    head_ip: str = ""
    namespace: str = ""
    ray_version: str = ""
    python_version: str = ""
    nodes: tuple[NodeFacts, ...] = ()
    attempts: int = 1
    seconds: float = 0.0
    sessions: int | None = None
    dashboard: AddressAnswer | None = None
    serve: AddressAnswer | None = None
    waited: float = 0.0
    pinged: bool = False


@dataclass(frozen=True, slots=True)
class PodFacts:
    """A pod of a contracted role, with what was read inside it.

    `container` names the one judged. `group` is the Ray group or the workload's name. `ip` is the
    first of `ips`, of which a dual-stack pod has one of each family.
    Times are RFC 3339 as the API server gives them; empty when unknown. `ready_since` is when
    the Ready condition last changed, in either direction; `tried_at` when the run of the
    container that ended last had begun, empty where none has ended. A `proxyless` worker is
    `ready` as far as Ray goes, though Kubernetes waits for a Serve proxy that need not run there.
    """

    name: str
    uid: str
    role: Role
    workload: str
    group: str
    container: str
    template: PodTemplate
    phase: str
    ready: bool
    terminating: bool = False
    finished: bool = False
    ip: str = ""
    raycluster: str = ""
    owner: str = ""
    created_at: str = ""
    started_at: str = ""
    ready_since: str = ""
    restarts: int = 0
    why_not_ready: str = ""
    cpu_limit: float | None = None
    process: Look[ProcessFacts] = NOT_LOOKED_AT
    probe: Look[ProbeFacts] | None = None
    ips: tuple[str, ...] = ()
    tried_at: str = ""
    containers: tuple[ContainerState, ...] = ()
    placement: Placement = field(default_factory=Placement)
    proxyless: bool = False

    @property
    def addresses(self) -> tuple[str, ...]:
        """All addresses of the pod; empty while it has none."""
        return self.ips or ((self.ip,) if self.ip else ())


@dataclass(frozen=True, slots=True)
class Target:
    """Which cluster and namespace; `kubectl` is the command prefix that reaches it again."""

    context: str
    namespace: str
    server: str = ""
    kubectl: tuple[str, ...] = ("kubectl",)
    overlay: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that was looked at, each part `Seen` or `NotSeen`; serialisable, replayable.

    `looks_inside` is False where nothing was to be run inside the pods. `events` are those that
    say why something does not come up; nothing rests on their being complete. `rayservices` are
    looked at where a RayCluster belongs to one.
    """

    target: Target
    contract: Contract
    taken_at: str
    manifests: Look[Manifests]
    configmaps: Look[tuple[ConfigMapFacts, ...]]
    services: Look[tuple[ServiceFacts, ...]]
    rayclusters: Look[tuple[RayClusterFacts, ...]]
    workloads: Look[tuple[WorkloadFacts, ...]]
    pods: Look[tuple[PodFacts, ...]]
    tool: str = ""
    version: int = SNAPSHOT_VERSION
    looks_inside: bool = True
    events: Look[tuple[EventFacts, ...]] = NOT_LOOKED_AT
    rayservices: Look[tuple[RayServiceFacts, ...]] = NOT_LOOKED_AT
