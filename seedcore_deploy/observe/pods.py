"""Pods: which of them have a role, and what the API server knows of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seedcore_deploy.model.contract import Contract, Role, WorkloadContract
from seedcore_deploy.model.disclosure import Discloser, without_secrets
from seedcore_deploy.model.snapshot import PodFacts
from seedcore_deploy.observe.container_states import container_states, placement
from seedcore_deploy.observe.containers import Json, Parser, container_reads, reads_configmap
from seedcore_deploy.observe.pod_state import why_not_ready
from seedcore_deploy.observe.quantities import quantity
from seedcore_deploy.observe.serve_proxy import lacks_proxy_only

_RAY_CLUSTER, _RAY_GROUP, _RAY_NODE_TYPE = "ray.io/cluster", "ray.io/group", "ray.io/node-type"
_START_COMMAND = "KUBERAY_GEN_RAY_START_CMD"


@dataclass(frozen=True, slots=True)
class PodParser:
    """Turns pods into facts; `selected` has, by workload name, the uids its selector picks."""

    contract: Contract
    selected: Mapping[str, frozenset[str]]
    discloser: Discloser

    def pods(self, documents: Sequence[Json]) -> tuple[PodFacts, ...]:
        """The pods that have a role, sorted by role and name."""
        facts = [
            self._facts(document, workload)
            for document in documents
            if (workload := self._workload(document)) is not None
        ]
        order = list(Role)
        return tuple(sorted(facts, key=lambda pod: (order.index(pod.role), pod.name)))

    def _workload(self, pod: Json) -> WorkloadContract | None:
        """The contract of the pod: the first whose selector picks it, else that of any reader."""
        for workload in self.contract.workloads:
            if pod["metadata"]["uid"] in self.selected.get(workload.name, frozenset()):
                return workload
        if _RAY_NODE_TYPE in _labels(pod):
            # A Ray pod that reads the client settings is the business of its own role.
            return None
        if reads_configmap(pod["spec"], self.contract.client_configmap):
            _, name = owner(pod)
            own = name or str(pod["metadata"]["name"])
            return WorkloadContract(own, Role.CLIENT, "", required=False)
        return None

    def _facts(self, pod: Json, workload: WorkloadContract) -> PodFacts:
        metadata, spec, status = pod["metadata"], pod["spec"], pod.get("status") or {}
        container = self._container(spec, workload)
        own = _status_of(status, str(container["name"]))
        ready = _condition(status, "Ready")
        terminating = "deletionTimestamp" in metadata
        finished = status.get("phase") in {"Succeeded", "Failed"}
        kind, name = owner(pod)
        alive = not terminating and not finished
        of_worker = alive and workload.role is Role.WORKER
        proxyless = of_worker and lacks_proxy_only(pod, container)
        is_ready = alive and (ready.get("status") == "True" or proxyless)
        limits = (container.get("resources") or {}).get("limits") or {}
        cpus = quantity(limits["cpu"]) if "cpu" in limits else None
        return PodFacts(
            name=metadata["name"],
            uid=metadata["uid"],
            role=workload.role,
            workload=workload.name,
            group=_of_kuberay(pod, _RAY_GROUP) or name or workload.name,
            container=str(container["name"]),
            template=Parser(self.discloser, pod).template(spec, _labels(pod)),
            phase=str(status.get("phase") or ""),
            ready=is_ready,
            terminating=terminating,
            finished=finished,
            ip=str(status.get("podIP") or ""),
            ips=tuple(str(each["ip"]) for each in status.get("podIPs") or [] if each.get("ip")),
            raycluster=_of_kuberay(pod, _RAY_CLUSTER),
            owner=f"{kind.lower()}/{name}" if kind else "",
            created_at=str(metadata.get("creationTimestamp") or ""),
            started_at=str(_running(own).get("startedAt") or ""),
            ready_since=str(ready.get("lastTransitionTime") or ""),
            restarts=int(own.get("restartCount") or 0),
            why_not_ready="" if is_ready else without_secrets(why_not_ready(pod)),
            cpu_limit=None if cpus is None else float(cpus),
            tried_at=_tried(own),
            containers=container_states(pod),
            placement=placement(pod),
            proxyless=proxyless,
        )

    def _container(self, spec: Json, workload: WorkloadContract) -> Json:
        """The container to judge, by the rule that WorkloadContract states."""
        containers: Sequence[Json] = spec["containers"]
        for container in containers:
            if workload.container and container["name"] == workload.container:
                return container
        if workload.role is Role.CLIENT:
            for names in ((self.contract.client_configmap,), (self.contract.shared_configmap,)):
                for container in containers:
                    if container_reads(container, *names):
                        return container
            return containers[0]
        return next(filter(_starts_ray, containers), containers[0])


def _of_kuberay(pod: Json, label: str) -> str:
    """A label of a Ray node: on another pod it may be somebody's own, to sort clients by."""
    return _labels(pod).get(label, "") if _RAY_NODE_TYPE in _labels(pod) else ""


def owner(pod: Json) -> tuple[str, str]:
    """Kind and name of what makes the pod; a Deployment is found behind its ReplicaSet.

    The ReplicaSet's name is the Deployment's and the pod's template hash, so no list is needed.
    """
    for reference in pod["metadata"].get("ownerReferences") or []:
        if not reference.get("controller"):
            continue
        kind, name = str(reference["kind"]), str(reference["name"])
        template_hash = _labels(pod).get("pod-template-hash")
        if kind == "ReplicaSet" and template_hash and name.endswith(f"-{template_hash}"):
            return "Deployment", name.removesuffix(f"-{template_hash}")
        return kind, name
    return "", ""


def _starts_ray(container: Json) -> bool:
    """Whether it is KubeRay's own; a webhook may have put a sidecar before it."""
    return any(each["name"] == _START_COMMAND for each in container.get("env") or [])


def _labels(pod: Json) -> dict[str, str]:
    return pod["metadata"].get("labels") or {}


def _condition(status: Json, kind: str) -> Json:
    for condition in status.get("conditions") or []:
        if condition.get("type") == kind:
            found: Json = condition
            return found
    return {}


def _status_of(status: Json, container: str) -> Json:
    for each in status.get("containerStatuses") or []:
        if each.get("name") == container:
            found: Json = each
            return found
    return {}


def _running(container: Json) -> Json:
    return (container.get("state") or {}).get("running") or {}


def _tried(container: Json) -> str:
    """When the run that ended last had begun: the present state's, else the one's before it."""
    for state in (container.get("state") or {}, container.get("lastState") or {}):
        if ended := state.get("terminated"):
            return str(ended.get("startedAt") or "")
    return ""
