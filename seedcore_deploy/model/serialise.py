"""Snapshots as JSON text and back, so that one can be stored, sent along and judged again."""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, Union, get_args, get_origin

from seedcore_deploy.errors import UsageError
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import SNAPSHOT_VERSION, EnvSource, Snapshot

if TYPE_CHECKING:
    from cattrs import Converter

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_MEND = "name a file that `seedcore-deploy verify --save-snapshot FILE` wrote"


def dump(snapshot: Snapshot) -> str:
    """The snapshot as JSON text, one line a value so that two can be compared with diff."""
    return json.dumps(_converter().unstructure(snapshot), indent=1, sort_keys=True) + "\n"


def load(text: str) -> Snapshot:
    """A snapshot from its text. Raises UsageError for text that is none, or of a newer version."""
    try:
        raw: Json = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise UsageError(f"this is no snapshot: {fault}", _MEND) from fault
    version = raw.get("version") if isinstance(raw, dict) else None
    if not isinstance(version, int):
        raise UsageError("this is no snapshot: it has no version", _MEND)
    if version > SNAPSHOT_VERSION:
        raise UsageError(
            f"this snapshot is of version {version}, and this program reads {SNAPSHOT_VERSION}",
            "judge it with the release that wrote it (its `tool`), or a newer one",
        )
    from cattrs import BaseValidationError, transform_error

    try:
        return _converter().structure(raw, Snapshot)
    except BaseValidationError as fault:
        raise UsageError(f"this snapshot is damaged: {transform_error(fault)[0]}", _MEND) from fault
    except (ValueError, TypeError, KeyError, RecursionError) as fault:
        raise UsageError(f"this snapshot is damaged: {fault}", _MEND) from fault


@cache
def _converter() -> Converter:
    """cattrs, strict: an unknown field or a wrong type is an error, never dropped or cast."""
    from cattrs import Converter

    converter = Converter(forbid_extra_keys=True)
    for kind in (str, int, bool, float):
        converter.register_structure_hook(kind, _exactly)
    for enum in (Role, EnvSource):  # each by itself: to cattrs a StrEnum is a str first
        converter.register_structure_hook(enum, _member)
    converter.register_structure_hook_func(
        _is_tuple, lambda raw, kind: _tuple(converter, raw, kind)
    )
    converter.register_structure_hook_func(
        _is_mapping, lambda raw, kind: _mapping(converter, raw, kind)
    )
    converter.register_structure_hook_func(_is_look, lambda raw, kind: _look(converter, raw, kind))
    converter.register_unstructure_hook_func(
        _is_seen,
        lambda seen: {"seen": converter.unstructure(seen.value)},
    )
    converter.register_unstructure_hook(
        NotSeen, lambda look: {"not_seen": {"why": look.why, "mend": look.mend}}
    )
    converter.register_unstructure_hook_func(
        _is_look, lambda look: None if look is None else converter.unstructure(look, type(look))
    )
    return converter


def _exactly(raw: object, kind: type) -> object:
    if kind is float and type(raw) is int:
        return float(raw)
    if type(raw) is not kind:
        raise TypeError(f"{raw!r} is no {kind.__name__}")
    return raw


def _member(raw: object, kind: type[Enum]) -> Enum:
    return kind(raw)


def _is_tuple(kind: Any) -> bool:
    return bool(get_origin(kind) is tuple)


def _tuple(converter: Converter, raw: object, kind: Any) -> tuple[object, ...]:
    if not isinstance(raw, list):
        raise TypeError(f"{raw!r} is no list")
    inner = get_args(kind)
    if len(inner) == 2 and inner[1] is Ellipsis:
        return tuple(converter.structure(each, inner[0]) for each in raw)
    if len(inner) != len(raw):
        raise TypeError(f"{raw!r} does not have {len(inner)} parts")
    return tuple(converter.structure(each, kind) for each, kind in zip(raw, inner, strict=True))


def _is_mapping(kind: Any) -> bool:
    return get_origin(kind) is Mapping


def _mapping(converter: Converter, raw: object, kind: Any) -> dict[str, object]:
    if not isinstance(raw, dict):
        raise TypeError(f"{raw!r} is no object")
    _, inner = get_args(kind)
    return {str(name): converter.structure(each, inner) for name, each in raw.items()}


def _is_seen(kind: Any) -> bool:
    return kind is Seen or bool(get_origin(kind) is Seen)


def _is_look(kind: Any) -> bool:
    """Whether a type is `Look[...]`, or `Look[...] | None`."""
    if get_origin(kind) not in (Union, types.UnionType):
        return False
    return any(get_origin(each) is Seen for each in get_args(kind))


def _look(converter: Converter, raw: object, kind: Any) -> object:
    if raw is None and type(None) in get_args(kind):
        return None
    inner = next(get_args(each)[0] for each in get_args(kind) if get_origin(each) is Seen)
    if isinstance(raw, dict) and set(raw) == {"seen"}:
        return Seen(converter.structure(raw["seen"], inner))
    if isinstance(raw, dict) and set(raw) == {"not_seen"}:
        return converter.structure(raw["not_seen"], NotSeen)
    raise TypeError("neither seen nor not_seen")
