"""Label selectors as kubectl writes them, matched against an object's labels."""

from __future__ import annotations

import re
from collections.abc import Mapping

_IN = re.compile(r"^(?P<key>[^\s!=]+)\s+(?P<not>not)?in\s*\((?P<values>[^)]*)\)$", re.IGNORECASE)
_EQUAL = re.compile(r"^(?P<key>[^\s!=]+)\s*(?P<operator>!=|==|=)\s*(?P<value>\S*)$")


def _requirements(selector: str) -> list[str]:
    return [part.strip() for part in re.split(r",(?![^(]*\))", selector) if part.strip()]


def _holds(requirement: str, labels: Mapping[str, str]) -> bool:
    if found := _IN.match(requirement):
        values = {value.strip() for value in found["values"].split(",")}
        inside = labels.get(found["key"]) in values
        return inside != bool(found["not"])
    if found := _EQUAL.match(requirement):
        equal = labels.get(found["key"]) == found["value"]
        return equal != (found["operator"] == "!=")
    if requirement.startswith("!"):
        return requirement[1:].strip() not in labels
    return requirement in labels


def matches(selector: str, labels: Mapping[str, str]) -> bool:
    """Whether the selector picks an object with these labels; an empty selector picks nothing."""
    requirements = _requirements(selector)
    return bool(requirements) and all(_holds(each, labels) for each in requirements)
