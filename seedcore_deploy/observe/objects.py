"""ConfigMaps, Services, RayClusters and workloads: one parser for live and rendered objects."""

from __future__ import annotations

from collections.abc import Sequence

from seedcore_deploy.errors import UsageError
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.disclosure import Discloser, without_secrets
from seedcore_deploy.model.snapshot import (
    ConfigMapFacts,
    RayClusterFacts,
    RayGroup,
    ServiceFacts,
    WorkloadFacts,
)
from seedcore_deploy.observe.containers import Json, Parser
from seedcore_deploy.sources.yaml_documents import documents

RAY_SERVICE = "RayService"
RAY_KINDS = ("RayCluster", RAY_SERVICE)
_RECORDER = "seedcore-deploy"
"""The manager of what we write ourselves: at each apply a record (act/record.py)."""
_NAMELESS = "default"
"""What Serve calls an application without a name."""
WORKLOAD_KINDS = ("Deployment", "StatefulSet", "Job", "CronJob")


def configmap(document: Json, discloser: Discloser) -> ConfigMapFacts:
    """Every key, and of its value what may be kept: the key's name decides."""
    data = document.get("data") or {}
    return ConfigMapFacts(
        name=_name(document),
        data={key: discloser.value(key, str(value)) for key, value in data.items()},
        changed_at=_changed(document),
    )


def service(document: Json, slices: Sequence[Json] = ()) -> ServiceFacts:
    """A Service; `slices` are the namespace's EndpointSlices, of which it takes its own."""
    spec = document.get("spec") or {}
    name = _name(document)
    return ServiceFacts(
        name=name,
        ports=tuple(int(port["port"]) for port in spec.get("ports") or []),
        selector=dict(spec.get("selector") or {}),
        endpoints=tuple(sorted(_ready_addresses(name, slices))),
        external_name=str(spec.get("externalName") or ""),
        cluster_ips=_cluster_ips(spec),
    )


def raycluster(document: Json, discloser: Discloser) -> RayClusterFacts:
    """A RayCluster with its groups, and the head service by the name that KubeRay gives it.

    A rendered RayService counts as the RayCluster that KubeRay will make of it. Source of the
    names: KubeRay 1.6.1 GenerateHeadServiceName, which shortens nothing.
    """
    name, spec, status = _name(document), document.get("spec") or {}, document.get("status") or {}
    service = _ray_service(document)
    if document.get("kind") == RAY_SERVICE:
        spec, status = spec.get("rayClusterConfig") or {}, {}
    head = spec.get("headGroupSpec") or {}
    custom = ((head.get("headService") or {}).get("metadata") or {}).get("name")
    live = (status.get("head") or {}).get("serviceName")
    workers = spec.get("workerGroupSpecs") or []
    refused, refused_since = _refused(status)
    return RayClusterFacts(
        name=name,
        head_service=f"{service}-head-svc"
        if service
        else str(live or custom or f"{name}-head-svc"),
        groups=(
            _group("headgroup", Role.HEAD, 1, head, discloser),
            *(
                _group(str(each["groupName"]), Role.WORKER, _wanted(each), each, discloser)
                for each in workers
            ),
        ),
        created_at=_created(document),
        suspended=bool(spec.get("suspend")),
        service=service,
        changed_at=_changed(document),
        observed=bool(status),
        refused=refused,
        refused_since=refused_since,
        serves=_served(document),
    )


def _served(document: Json) -> tuple[str, ...]:
    """The names of a RayService's Serve applications; none where its config cannot be read."""
    config = (document.get("spec") or {}).get("serveConfigV2")
    try:
        found = documents(str(config or ""), "serveConfigV2")
    except UsageError:
        return ()
    applications = found[0].get("applications") if found else None
    if not isinstance(applications, list):
        return ()
    return tuple(
        str(each.get("name") or _NAMELESS) for each in applications if isinstance(each, dict)
    )


def _ray_service(document: Json) -> str:
    """The RayService that this is, or that makes this RayCluster."""
    if document.get("kind") == RAY_SERVICE:
        return _name(document)
    owners = document["metadata"].get("ownerReferences") or []
    made_by = (each for each in owners if each.get("controller"))
    return next((str(each["name"]) for each in made_by if each.get("kind") == RAY_SERVICE), "")


def workload(document: Json, discloser: Discloser) -> WorkloadFacts:
    """A Deployment, StatefulSet, Job or CronJob, and how far its rollout has come."""
    kind, spec, status = document["kind"], document.get("spec") or {}, document.get("status") or {}
    metadata = document.get("metadata") or {}
    pod = pod_template(document)
    template = Parser(discloser).template(
        pod.get("spec") or {}, (pod.get("metadata") or {}).get("labels")
    )
    replicas = _replicas(kind, spec)
    generation = int(metadata.get("generation") or 0)
    observed = int(status.get("observedGeneration") or 0)
    current = int(status.get("replicas") or status.get("active") or 0)
    updated = int(status.get("updatedReplicas") or 0)
    refused, refused_since = _refused(status)
    failed, failed_since = _given_up(status)
    is_current = observed >= generation
    return WorkloadFacts(
        kind=kind,
        name=_name(document),
        template=template,
        replicas=replicas,
        generation=generation,
        observed_generation=observed,
        updated=updated,
        available=int(status.get("availableReplicas") or status.get("ready") or 0),
        current=current,
        rolled_out=kind in {"Job", "CronJob"}
        or (is_current and updated == replicas == current and not _progress_failing(status)),
        selector=dict((spec.get("selector") or {}).get("matchLabels") or {}),
        stuck=_stuck(document, current=is_current),
        paused=bool(spec.get("paused")),
        refused=refused,
        refused_since=refused_since,
        failed=failed if is_current else "",
        failed_since=failed_since if is_current else "",
    )


def is_over(document: Json) -> bool:
    """Whether a Job has finished or is suspended: it makes no pods, and cannot be changed."""
    if document["kind"] != "Job":
        return False
    conditions = (document.get("status") or {}).get("conditions") or []
    return bool((document.get("spec") or {}).get("suspend")) or any(
        condition.get("type") in {"Complete", "Failed"} and condition.get("status") == "True"
        for condition in conditions
    )


def pod_template(document: Json) -> Json:
    """The pod template inside a workload."""
    spec = document.get("spec") or {}
    if document["kind"] == "CronJob":
        spec = (spec.get("jobTemplate") or {}).get("spec") or {}
    template: Json = spec.get("template") or {}
    return template


def _group(name: str, role: Role, replicas: int, group: Json, discloser: Discloser) -> RayGroup:
    template = group.get("template") or {}
    labels = (template.get("metadata") or {}).get("labels")
    parsed = Parser(discloser).template(template.get("spec") or {}, labels)
    return RayGroup(name, role, replicas, parsed)


def _wanted(group: Json) -> int:
    """The pods KubeRay makes for a worker group (1.6.1 GetWorkerGroupDesiredReplicas)."""
    if group.get("suspend"):
        return 0
    least = int(group.get("minReplicas") or 0)
    most = group.get("maxReplicas")
    asked = group.get("replicas")
    wanted = max(least, least if asked is None else int(asked))
    if most is not None:
        wanted = min(wanted, int(most))
    return wanted * int(group.get("numOfHosts") or 1)


def _replicas(kind: str, spec: Json) -> int:
    if kind == "CronJob":
        return 0
    asked = spec.get("parallelism" if kind == "Job" else "replicas")
    return 1 if asked is None else int(asked)


def _stuck(document: Json, *, current: bool) -> str:
    """Why a rollout will not go on by itself; what failed of a former revision says nothing."""
    if document["kind"] != "Deployment":
        return ""
    if (document.get("spec") or {}).get("paused"):
        return f"it is paused (kubectl rollout resume deployment/{_name(document)})"
    for condition in ((document.get("status") or {}).get("conditions") or []) if current else []:
        if condition.get("type") == "Progressing" and condition.get("status") == "False":
            return f"its rollout failed: {condition.get('reason') or 'no reason is given'}"
    return ""


def _refused(status: Json) -> tuple[str, str]:
    """Why no more pods can be made, and since when: what a ReplicaSet, or KubeRay, met.

    KubeRay 1.6.1 has the same condition (RayClusterReplicaFailure), and takes it away again.
    """
    for condition in status.get("conditions") or []:
        if condition.get("type") == "ReplicaFailure" and condition.get("status") == "True":
            said = condition.get("message") or condition.get("reason") or "no reason is given"
            # A webhook may quote what it refuses.
            return without_secrets(str(said)), str(condition.get("lastTransitionTime") or "")
    return "", ""


def _given_up(status: Json) -> tuple[str, str]:
    for condition in status.get("conditions") or []:
        if condition.get("type") == "Progressing" and condition.get("status") == "False":
            said = without_secrets(str(condition.get("message") or ""))
            why = f"{condition.get('reason') or 'no reason is given'}: {said}".strip(": ")
            return why, str(condition.get("lastTransitionTime") or "")
    return "", ""


def _progress_failing(status: Json) -> bool:
    return any(
        condition.get("type") == "Progressing" and condition.get("status") == "False"
        for condition in status.get("conditions") or []
    )


def _ready_addresses(name: str, slices: Sequence[Json]) -> set[str]:
    return {
        str(address)
        for piece in slices
        if (piece["metadata"].get("labels") or {}).get("kubernetes.io/service-name") == name
        for endpoint in piece.get("endpoints") or []
        # Unset means "no one knows", and is to be taken as ready (EndpointConditions).
        if (endpoint.get("conditions") or {}).get("ready") is not False
        for address in endpoint.get("addresses") or []
    }


def _cluster_ips(spec: Json) -> tuple[str, ...]:
    addresses = spec.get("clusterIPs") or [spec.get("clusterIP")]
    return tuple(str(each) for each in addresses if each and each != "None")


def _name(document: Json) -> str:
    return str(document["metadata"]["name"])


def _changed(document: Json) -> str:
    """When somebody but a controller that reports its status changed the object last.

    A write that changes nothing does not move the times in managedFields (measured).
    """
    metadata = document["metadata"]
    times = [
        str(each.get("time") or "")
        for each in metadata.get("managedFields") or ()
        if not each.get("subresource") and each.get("manager") != _RECORDER
    ]
    return max([*times, _created(document)])


def _created(document: Json) -> str:
    return str(document["metadata"].get("creationTimestamp") or "")
