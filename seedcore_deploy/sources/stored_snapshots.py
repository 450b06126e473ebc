"""Snapshots as JSON text and back: what is stored tonight is judged again tomorrow.

A `Look` is written as `{"seen": value}` or `{"not_seen": why, "mend": mend}`.
"""

from __future__ import annotations

import functools
import json
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from seedcore_deploy.errors import UsageError
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import SNAPSHOT_VERSION, Snapshot

if TYPE_CHECKING:
    from cattrs import Converter

_MEND = "store a new one with `seedcore-deploy verify --save-snapshot FILE`"


def dump(snapshot: Snapshot) -> str:
    """The snapshot as JSON text, keys in the order of the fields."""
    return json.dumps(_converter().unstructure(snapshot), indent=1) + "\n"


def load(text: str) -> Snapshot:
    """The snapshot that the text holds.

    Raises UsageError for text that is no snapshot, and for one of another version.
    """
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise UsageError(f"this is no stored snapshot: not JSON ({fault})", _MEND) from fault
    version = raw.get("version") if isinstance(raw, dict) else None
    if version != SNAPSHOT_VERSION:
        raise UsageError(
            f"this is no stored snapshot of version {SNAPSHOT_VERSION} (it says {version!r})",
            f"use the seedcore-deploy that stored it, or {_MEND}",
        )
    from cattrs.errors import BaseValidationError
    from cattrs.v import transform_error

    try:
        return _converter().structure(raw, Snapshot)
    except (BaseValidationError, ValueError, TypeError, KeyError, AttributeError) as fault:
        why = transform_error(fault)[0] if isinstance(fault, BaseValidationError) else fault
        raise UsageError(f"this stored snapshot is damaged: {why}", _MEND) from fault


@functools.cache
def _converter() -> Converter:
    from cattrs import Converter

    converter = Converter(forbid_extra_keys=True)

    def is_look(kind: Any) -> bool:
        return get_origin(kind) in {Union, UnionType} and NotSeen in get_args(kind)

    def structure_look(kind: Any) -> Any:
        choices = get_args(kind)
        (seen,) = (each for each in choices if get_origin(each) is Seen)
        (value_kind,) = get_args(seen)

        def structure(raw: Any, _kind: Any) -> Any:
            if raw is None and NoneType in choices:
                return None
            if set(raw) == {"seen"}:
                return Seen(converter.structure(raw["seen"], value_kind))
            if set(raw) == {"not_seen", "mend"}:
                return NotSeen(_text(raw["not_seen"]), _text(raw["mend"]))
            raise ValueError(f"neither seen nor not seen: {sorted(raw)}")

        return structure

    def unstructure_seen(look: Seen[Any]) -> dict[str, Any]:
        return {"seen": converter.unstructure(look.value)}

    def unstructure_not_seen(look: NotSeen) -> dict[str, str]:
        return {"not_seen": look.why, "mend": look.mend}

    converter.register_structure_hook_factory(is_look, structure_look)
    converter.register_unstructure_hook(Seen, unstructure_seen)
    converter.register_unstructure_hook(NotSeen, unstructure_not_seen)
    # cattrs would turn 5 into "5" and "no" into True; a stored snapshot is taken at its word.
    # The hook for str is that of its children too, which are our enums.
    converter.register_structure_hook(str, lambda raw, kind: kind(_text(raw)))
    converter.register_structure_hook(bool, lambda raw, _: _flag(raw))
    converter.register_structure_hook(int, lambda raw, _: _whole(raw))
    converter.register_structure_hook(float, lambda raw, _: _number(raw))
    return converter


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise TypeError(f"text was expected, not {raw!r}")
    return raw


def _flag(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise TypeError(f"true or false was expected, not {raw!r}")
    return raw


def _whole(raw: Any) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool):
        raise TypeError(f"a whole number was expected, not {raw!r}")
    return raw


def _number(raw: Any) -> float:
    if not isinstance(raw, int | float) or isinstance(raw, bool):
        raise TypeError(f"a number was expected, not {raw!r}")
    return float(raw)
