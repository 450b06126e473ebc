"""What an apply would change, told from the snapshot alone: where nobody may try it out.

Compared are the keys of ConfigMaps, and of pod templates what the model has. What only the live
object has is taken to go: it does where an earlier apply made it, which nobody can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from seedcore_deploy.judge.environment import same
from seedcore_deploy.judge.scheduling import scheduling_differences
from seedcore_deploy.judge.templates import (
    same_entry,
    same_image,
    same_resources,
    volume_differences,
)
from seedcore_deploy.model.disclosure import EnvValue
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import Look, NotSeen, Seen
from seedcore_deploy.model.plan import Change, FieldChange, ObjectChange, Preview
from seedcore_deploy.model.snapshot import (
    ConfigMapFacts,
    ContainerSpec,
    EnvEntry,
    Manifests,
    PodTemplate,
    RayClusterFacts,
    Snapshot,
    WorkloadFacts,
)
from seedcore_deploy.model.upgrade import ServiceChange, Upgrade


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)
T = TypeVar("T")
_TEMPLATE = "spec.template.spec"
_UNSEEN = "all but the keys of ConfigMaps and the pod templates: labels, ports, replicas, probes"


def preview_of(
    snapshot: Snapshot, manifests: Manifests, others: Sequence[Subject], *, recreates: bool
) -> Preview:
    """The manifests against the live objects.

    `others` are rendered objects of kinds that are not compared; `recreates`: KubeRay deletes the
    pods for a change of the RayCluster (upgradeStrategy Recreate), or makes a new RayCluster for a
    change of the RayService. A RayService is compared with the last RayCluster that it made.
    """
    configmaps = _objects(manifests.configmaps, snapshot.configmaps, _configmap, _keys)
    workloads = _objects(manifests.workloads, snapshot.workloads, _workload, _workload_fields)
    live_clusters = _oldest_first(snapshot.rayclusters)
    clusters = _objects(manifests.rayclusters, live_clusters, _cluster, _cluster_fields)
    changes = {**configmaps, **workloads, **clusters}
    moved = {subject for subject, each in changes.items() if each.change is not Change.UNCHANGED}
    changed = {subject for subject, each in changes.items() if each.change is Change.CHANGED}
    return Preview(
        objects=tuple(changes.values()),
        configmaps=tuple(each for each in manifests.configmaps if _configmap(each) in moved),
        workloads=tuple(each for each in manifests.workloads if _workload(each) in moved),
        rayclusters=tuple(
            each for each in manifests.rayclusters if _cluster(each) in moved and not each.service
        ),
        rolling=tuple(
            each for each in workloads if each in changed and each.kind in _ROLLING_BY_ITSELF
        ),
        recreated=tuple(
            each.name
            for each in clusters
            if recreates and each in changed and each.kind == "RayCluster"
        ),
        upgrades=tuple(
            _upgrade(each, live_clusters, clusters[_cluster(each)], replaces=recreates)
            for each in manifests.rayclusters
            if each.service and _cluster(each) in changed
        ),
        not_compared=tuple(_not_compared(snapshot, others)),
    )


_ROLLING_BY_ITSELF = ("Deployment", "StatefulSet")


def _not_compared(snapshot: Snapshot, others: Sequence[Subject]) -> Iterator[str]:
    for part in ("configmaps", "workloads", "rayclusters"):
        look = getattr(snapshot, part)
        if isinstance(look, NotSeen):
            yield f"the {part} ({look.why})"
    yield _UNSEEN
    if others:
        yield f"{', '.join(str(each) for each in others)} altogether"


def _objects(
    wanted: Iterable[N],
    live: Look[tuple[N, ...]],
    subject: Callable[[N], Subject],
    fields: Callable[[N, N], Iterable[FieldChange]],
) -> dict[Subject, ObjectChange]:
    if not isinstance(live, Seen):
        return {}
    there = {subject(each): each for each in live.value}
    return {subject(each): _object(subject(each), there, each, fields) for each in wanted}


def _object(
    subject: Subject,
    there: Mapping[Subject, N],
    wanted: N,
    fields: Callable[[N, N], Iterable[FieldChange]],
) -> ObjectChange:
    live = there.get(subject)
    if live is None:
        made: tuple[FieldChange, ...] = ()
        if isinstance(wanted, ConfigMapFacts):
            made = tuple(_keys(ConfigMapFacts(wanted.name, {}), wanted))
        return ObjectChange(subject, Change.CREATED, made)
    found = tuple(fields(live, wanted))
    return ObjectChange(subject, Change.CHANGED if found else Change.UNCHANGED, found)


def _configmap(facts: ConfigMapFacts) -> Subject:
    return Subject("ConfigMap", facts.name)


def _workload(facts: WorkloadFacts) -> Subject:
    return Subject(facts.kind, facts.name)


def _cluster(facts: RayClusterFacts) -> Subject:
    return Subject("RayService" if facts.service else "RayCluster", facts.declared)


def _oldest_first(look: Look[tuple[RayClusterFacts, ...]]) -> Look[tuple[RayClusterFacts, ...]]:
    """Of the RayClusters of one RayService, the last one counts."""
    if not isinstance(look, Seen):
        return look
    return Seen(tuple(sorted(look.value, key=lambda each: each.created_at)))


def _upgrade(
    wanted: RayClusterFacts,
    live: Look[tuple[RayClusterFacts, ...]],
    change: ObjectChange,
    *,
    replaces: bool,
) -> ServiceChange:
    """What KubeRay makes of a changed RayService; further worker groups at the end need no other
    RayCluster.
    """
    paths = tuple(field.path for field in change.fields)
    there = live.value if isinstance(live, Seen) else ()
    made = [each for each in there if each.service == wanted.service]
    former = [group.name for group in made[-1].groups] if made else []
    names = [group.name for group in wanted.groups]
    added = {f"spec[{name}]" for name in names[len(former) :]}
    if former and names[: len(former)] == former and set(paths) == added:
        return ServiceChange(wanted.service, Upgrade.IN_PLACE, paths)
    kind = Upgrade.NEW_CLUSTER if replaces else Upgrade.NOT_TAKEN_OVER
    return ServiceChange(wanted.service, kind, paths)


def _keys(live: ConfigMapFacts, wanted: ConfigMapFacts) -> Iterator[FieldChange]:
    for key in sorted({*live.data, *wanted.data}):
        before, after = live.data.get(key), wanted.data.get(key)
        if same(before, after) is not True:
            sure = after is not None
            yield FieldChange(key, _display(before), _display(after), sure, is_key=True)


def _display(value: EnvValue | None) -> str | None:
    return None if value is None else value.display()


def _workload_fields(live: WorkloadFacts, wanted: WorkloadFacts) -> Iterator[FieldChange]:
    yield from _template(_TEMPLATE, live.template, wanted.template)


def _cluster_fields(live: RayClusterFacts, wanted: RayClusterFacts) -> Iterator[FieldChange]:
    there = {group.name: group for group in live.groups}
    for group in wanted.groups:
        if group.name in there:
            path = f"spec[{group.name}].template.spec"
            yield from _template(path, there[group.name].template, group.template)
        else:
            yield FieldChange(f"spec[{group.name}]", None, "")
    names = {group.name for group in wanted.groups}
    for group in live.groups:
        if group.name not in names:
            yield FieldChange(f"spec[{group.name}]", "", None)


def _template(path: str, live: PodTemplate, wanted: PodTemplate) -> Iterator[FieldChange]:
    there = {each.name: each for each in live.containers}
    for container in wanted.containers:
        below = f"{path}.containers[{container.name}]"
        if container.name in there:
            yield from _container(below, there[container.name], container)
        else:
            yield FieldChange(below, None, "")
    names = {each.name for each in wanted.containers}
    for name in there:
        if name not in names:
            yield FieldChange(f"{path}.containers[{name}]", "", None, sure=False)
    for volume in volume_differences(wanted.volumes, live.volumes):
        yield FieldChange(f"{path}.volumes[{volume.partition(' ')[2]}]")
    if live.enable_service_links != wanted.enable_service_links:
        before, after = (str(each.enable_service_links).lower() for each in (live, wanted))
        yield FieldChange(f"{path}.enableServiceLinks", before, after)
    for name in scheduling_differences(wanted, live):
        yield FieldChange(f"{path}.{name}")


def _container(path: str, live: ContainerSpec, wanted: ContainerSpec) -> Iterator[FieldChange]:
    if not same_image(wanted.image, live.image):
        yield FieldChange(f"{path}.image", live.image, wanted.image)
    yield from _env(path, live.env, wanted.env)
    if live.env_from != wanted.env_from:
        yield FieldChange(f"{path}.envFrom")
    for name in ("command", "args"):
        if getattr(live, name) != getattr(wanted, name):
            yield FieldChange(f"{path}.{name}")
    amounts = dict(live.resources)
    for name, amount in wanted.resources:
        if not same_resources([(name, amount)], live.resources):
            yield FieldChange(f"{path}.resources.{name}", amounts.get(name), amount)


def _env(path: str, live: Sequence[EnvEntry], wanted: Sequence[EnvEntry]) -> Iterator[FieldChange]:
    there = {each.name: each for each in live}
    named = {each.name: each for each in wanted}
    for name in dict.fromkeys((*named, *there)):
        before, after = there.get(name), named.get(name)
        if before is not None and after is not None and same_entry(before, after):
            continue
        yield FieldChange(
            f"{path}.env[{name}]", _entry(before), _entry(after), sure=after is not None
        )


def _entry(entry: EnvEntry | None) -> str | None:
    if entry is None:
        return None
    return entry.value.display() if entry.value is not None else ""
