"""What the objects of a render would be after an apply, as the API server itself tries it out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from seedcore_deploy.kubectl_diff import Difference
from seedcore_deploy.model.disclosure import Discloser
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.plan import Change, FieldChange, ObjectChange, Preview
from seedcore_deploy.observe import objects
from seedcore_deploy.observe.containers import Json
from seedcore_deploy.observe.field_changes import field_changes, key_changes
from seedcore_deploy.observe.service_change import service_change
from seedcore_deploy.sources.rendered import ObjectName, object_name

_TEMPLATE = "spec.template."
_NO_RECREATION = ("replicas", "minReplicas", "maxReplicas", "scaleStrategy")


def preview(
    steps: Sequence[tuple[Sequence[Json], Sequence[Difference]]], discloser: Discloser
) -> Preview:
    """The documents of each step that is sent, and what kubectl diff says of it.

    Of an object that two steps send, the later one counts. `discloser` is the snapshot's.
    """
    rendered: dict[ObjectName, Json] = {}
    found: dict[ObjectName, Difference | None] = {}
    for documents, differences in steps:
        by_name = {object_name(each.after): each for each in differences}
        for document in documents:
            name = object_name(document)
            rendered[name] = document
            found[name] = by_name.get(name)
    changes = {name: _change(name, each, discloser) for name, each in found.items()}
    after = [
        each.after
        for name, each in found.items()
        if each is not None and changes[name].change is not Change.UNCHANGED
    ]
    workloads = [each for each in after if each["kind"] in objects.WORKLOAD_KINDS]
    return Preview(
        objects=tuple(changes.values()),
        configmaps=tuple(objects.configmap(each, discloser) for each in _of(after, "ConfigMap")),
        workloads=tuple(objects.workload(each, discloser) for each in workloads),
        rayclusters=tuple(objects.raycluster(each, discloser) for each in _of(after, "RayCluster")),
        rolling=tuple(
            each.subject
            for each in changes.values()
            if each.subject.kind in {"Deployment", "StatefulSet"} and _rolls(each.fields)
        ),
        recreated=tuple(
            change.subject.name
            for name, change in changes.items()
            if (difference := found[name]) is not None and _recreates(difference.after, change)
        ),
        upgrades=tuple(
            upgrade
            for each in found.values()
            if each is not None
            and each.before is not None
            and each.after["kind"] == objects.RAY_SERVICE
            and (upgrade := service_change(each.before, each.after)) is not None
        ),
    )


def everything_created(documents: Iterable[Json], discloser: Discloser) -> Preview:
    """What an apply makes in a namespace that is not there yet."""
    return preview([(tuple(documents), [Difference(None, each) for each in documents])], discloser)


def _change(name: ObjectName, difference: Difference | None, discloser: Discloser) -> ObjectChange:
    subject = Subject(name.kind, name.name)
    if difference is None:
        return ObjectChange(subject, Change.UNCHANGED)
    before, after = difference.before or {}, difference.after
    fields: tuple[FieldChange, ...] = ()
    if name.kind == "ConfigMap":
        fields = key_changes(_data(before), _data(after), discloser)
    if difference.before is None:
        return ObjectChange(subject, Change.CREATED, fields)
    rest = field_changes(_without_data(before), _without_data(after), discloser)
    if name.kind == "Secret":
        rest = (*_secret_keys(before, after), *rest)
    fields = (*fields, *rest)
    # An apply may write anew what is there already; nothing of it reaches a pod.
    return ObjectChange(subject, Change.CHANGED if fields else Change.UNCHANGED, fields)


def _secret_keys(before: Json, after: Json) -> tuple[FieldChange, ...]:
    old, new = _data(before), _data(after)
    return tuple(
        FieldChange(key, None if key not in old else "", None if key not in new else "")
        for key in sorted({*old, *new})
        if old.get(key) != new.get(key)
    )


def _data(document: Json) -> Mapping[str, object]:
    return {
        **(document.get("stringData") or {}),
        **(document.get("binaryData") or {}),
        **(document.get("data") or {}),
    }


def _without_data(document: Json) -> Json:
    data = ("data", "binaryData", "stringData")
    return {key: value for key, value in document.items() if key not in data}


def _rolls(fields: Iterable[FieldChange]) -> bool:
    return any(each.path.startswith(_TEMPLATE) for each in fields)


def _recreates(after: Json, change: ObjectChange) -> bool:
    """Whether KubeRay deletes the pods for this change of the spec.

    Source: KubeRay 1.6.1 shouldRecreatePodsForUpgrade, which leaves out the numbers of workers.
    """
    if change.subject.kind != "RayCluster" or change.change is not Change.CHANGED:
        return False
    if ((after.get("spec") or {}).get("upgradeStrategy") or {}).get("type") != "Recreate":
        return False
    return any(
        each.path.startswith("spec.")
        and not each.path.startswith("spec.upgradeStrategy")
        and each.path.rpartition(".")[2] not in _NO_RECREATION
        for each in change.fields
    )


def _of(documents: Iterable[Json], kind: str) -> list[Json]:
    return [each for each in documents if each["kind"] == kind]
