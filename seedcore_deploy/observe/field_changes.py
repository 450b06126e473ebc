"""In what two states of an object differ, field by field, and of the values what may be shown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seedcore_deploy.model.disclosure import Discloser, without_userinfo
from seedcore_deploy.model.plan import FieldChange
from seedcore_deploy.observe.containers import Json
from seedcore_deploy.observe.last_applied import LAST_APPLIED

_OF_THE_SERVER = frozenset(
    {"generation", "resourceVersion", "uid", "creationTimestamp", "managedFields"}
)
"""Fields of metadata that the API server keeps by itself."""
_SHOWN = frozenset(
    """
    image imagePullPolicy replicas minReplicas maxReplicas rayVersion cpu memory type serviceType
    port targetPort containerPort enableServiceLinks suspend paused terminationGracePeriodSeconds
    """.split()
)
"""Fields whose values tell no secret. Of others only that they change."""
_NAMED_BY = ("name", "groupName", "mountPath", "containerPort", "port")


def field_changes(before: Json, after: Json, discloser: Discloser) -> tuple[FieldChange, ...]:
    """What differs, but for status and what the API server keeps by itself."""
    return tuple(_Comparison(discloser).changes("", _own(before), _own(after)))


def key_changes(
    before: Mapping[str, Any], after: Mapping[str, Any], discloser: Discloser
) -> tuple[FieldChange, ...]:
    """What differs between the data of two ConfigMaps: the key's name decides what is shown."""

    def shown(key: str, data: Mapping[str, Any]) -> str | None:
        return discloser.value(key, str(data[key])).display() if key in data else None

    return tuple(
        FieldChange(key, shown(key, before), shown(key, after), is_key=True)
        for key in sorted({*before, *after})
        if before.get(key) != after.get(key)
    )


def _own(document: Json) -> dict[str, Any]:
    left = {key: value for key, value in document.items() if key != "status"}
    metadata = {
        key: value
        for key, value in (document.get("metadata") or {}).items()
        if key not in _OF_THE_SERVER
    }
    annotations = {
        key: value
        for key, value in (metadata.get("annotations") or {}).items()
        if key != LAST_APPLIED
    }
    metadata.pop("annotations", None)
    return {
        **left,
        "metadata": {**metadata, **({"annotations": annotations} if annotations else {})},
    }


@dataclass(frozen=True, slots=True)
class _Comparison:
    discloser: Discloser

    def changes(self, path: str, before: Any, after: Any) -> Iterator[FieldChange]:
        if before == after:
            return
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from self._of_mappings(path, before, after)
        elif (old := _by_name(before)) is not None and (new := _by_name(after)) is not None:
            yield from self._of_lists(path, old, new)
        else:
            yield FieldChange(path)

    def _of_mappings(
        self, path: str, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> Iterator[FieldChange]:
        if path.endswith("metadata.labels"):
            yield from _of_labels(path, before, after)
            return
        for key in sorted({*before, *after}):
            below = f"{path}.{key}" if path else key
            if _by_name(before.get(key, after.get(key))) and not (key in before and key in after):
                yield from self.changes(below, before.get(key, []), after.get(key, []))
            elif key not in before:
                yield FieldChange(below, None, _shown(key, after[key]))
            elif key not in after:
                yield FieldChange(below, _shown(key, before[key]), None)
            elif path.rpartition(".")[2].startswith("env[") and key == "value":
                yield from self._of_values(path, before[key], after[key])
            elif isinstance(before[key], (Mapping, list)):
                yield from self.changes(below, before[key], after[key])
            elif before[key] != after[key]:
                yield FieldChange(below, _shown(key, before[key]), _shown(key, after[key]))

    def _of_lists(
        self, path: str, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> Iterator[FieldChange]:
        for name in dict.fromkeys((*before, *after)):
            below = f"{path}[{name}]"
            if name not in before:
                yield FieldChange(below, None, self._entry(path, after[name]))
            elif name not in after:
                yield FieldChange(below, self._entry(path, before[name]), None)
            else:
                yield from self.changes(below, before[name], after[name])
        common = [name for name in before if name in after]
        if common != [name for name in after if name in before]:
            yield FieldChange(f"{path} (its order)")

    def _of_values(self, path: str, before: Any, after: Any) -> Iterator[FieldChange]:
        """A variable's literal: its own name decides what is shown."""
        if before != after:
            name = path.rpartition("[")[2].rstrip("]")
            old, new = (self.discloser.value(name, str(each)).display() for each in (before, after))
            yield FieldChange(path, old, new)

    def _entry(self, path: str, item: Any) -> str:
        if path.rpartition(".")[2] == "env" and isinstance(item, Mapping) and "value" in item:
            return self.discloser.value(str(item.get("name")), str(item["value"])).display()
        return ""


def _of_labels(
    path: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[FieldChange]:
    """Labels are there to be seen and selected by."""
    for key in sorted({*before, *after}):
        old, new = (None if key not in of else str(of[key]) for of in (before, after))
        if old != new:
            yield FieldChange(f"{path}.{key}", old, new)


def _shown(field: str, value: Any) -> str:
    if field in _SHOWN and isinstance(value, (str, int, bool)):
        return without_userinfo(value) if isinstance(value, str) else json.dumps(value)
    return ""


def _by_name(value: Any) -> dict[str, Any] | None:
    """A list's items by what names them; None for what is no list of named items."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    if not all(isinstance(item, Mapping) for item in value):
        return None
    for key in _NAMED_BY:
        names = [str(item[key]) for item in value if key in item]
        if len(names) == len(value) and len(set(names)) == len(names):
            return dict(zip(names, value, strict=True))
    return None
