"""What a pod's own spec tells to be hidden in its words: a log can quote a variable's value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from seedcore_deploy.model.disclosure import SHOWN_NAMES

SHORTEST = 6
"""Shorter values (ports, numbers, `true`) are in any sentence."""
_NOT_SHOWN = re.compile(r"(?<=://).+(?=@)|(?<=[?#]).+", re.DOTALL)
"""What of a value that may be shown is hidden all the same: userinfo and query."""


def hidden_literals(pod: Mapping[str, Any]) -> frozenset[str]:
    """The literal values in the pod's `env`, but for what may be shown of them (disclosure.py).

    Of values of several lines or in JSON their parts as well. What comes from a Secret is not in
    the spec, and not among them.
    """
    spec = pod.get("spec") or {}
    containers = (*(spec.get("initContainers") or ()), *(spec.get("containers") or ()))
    return frozenset(
        part
        for container in containers
        for entry in container.get("env") or ()
        for part in _hidden_parts(entry.get("name"), str(entry.get("value") or ""))
        if len(part) >= SHORTEST
    )


def _hidden_parts(name: object, value: str) -> Iterator[str]:
    if name in SHOWN_NAMES:
        yield from _NOT_SHOWN.findall(value)
    else:
        yield from _parts(value)


def _parts(value: str) -> Iterator[str]:
    yield value.strip()
    yield from (line.strip() for line in value.splitlines())
    try:
        inside = json.loads(value)
    except ValueError:
        return
    for text in _texts(inside):
        yield text
        # `Bearer TOKEN`: the token may stand alone.
        yield from text.split()


def _texts(inside: Any) -> Iterator[str]:
    """The texts in what was JSON, but not the keys."""
    if isinstance(inside, str):
        yield inside
    elif isinstance(inside, dict):
        for each in inside.values():
            yield from _texts(each)
    elif isinstance(inside, list):
        for each in inside:
            yield from _texts(each)
