"""Setting single values in a YAML text, which else stays as it is, letter by letter.

Reading and writing a whole render anew would turn what our parser and kubectl's read differently
(1e3 is a text to one and a number to the other) into another manifest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from seedcore_deploy.errors import UsageError
from seedcore_deploy.sources.yaml_documents import Document, documents

Path: TypeAlias = tuple[str | int, ...]

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Edit:
    """A value to be set in document number `document` (empty ones do not count) at a path.

    What is missing on the way is made; the items of lists must be there. The value that is
    replaced must be a scalar.
    """

    document: int
    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class _Splice:
    start: int
    end: int
    text: str


def edited(text: str, edits: Sequence[Edit], source: str) -> str:
    """The text with the edits made.

    Raises UsageError where that cannot be done without changing more (YAML aliases), and for what
    is no YAML.
    """
    if not edits:
        return text
    nodes = [node for node in yaml.compose_all(text, Loader=_Loader) if not _is_empty(node)]
    result = text
    splices = [_splice(nodes[edit.document], edit.path, edit.value) for edit in edits]
    # From the end, so that the positions before stay right.
    for splice in sorted(splices, key=lambda each: each.start, reverse=True):
        result = result[: splice.start] + splice.text + result[splice.end :]
    if documents(result, source) != _wanted(documents(text, source), edits):
        raise UsageError(
            f"{source} cannot be changed in place: labels or worker groups are YAML aliases",
            "write them out",
        )
    return result


def _splice(root: Any, path: Path, value: Any) -> _Splice:
    node = root
    for depth, step in enumerate(path):
        if isinstance(step, int):
            node = node.value[step]
            continue
        if not isinstance(node, yaml.MappingNode):
            return _replaced(node, _nested(path[depth:], value))
        found = next((child for key, child in node.value if key.value == step), None)
        if found is None:
            return _inserted(node, step, _nested(path[depth + 1 :], value))
        node = found
    return _replaced(node, value)


def _replaced(node: Any, value: Any) -> _Splice:
    start, end = node.start_mark.index, node.end_mark.index
    return _Splice(start, end, f" {json.dumps(value)}" if start == end else json.dumps(value))


def _inserted(node: Any, key: str, value: Any) -> _Splice:
    entry = f"{json.dumps(key)}: {json.dumps(value)}"
    if node.flow_style:
        start = node.start_mark.index + 1
        return _Splice(start, start, f"{entry}, " if node.value else entry)
    first = node.value[0][0].start_mark
    return _Splice(first.index, first.index, f"{entry}\n{' ' * first.column}")


def _nested(path: Path, value: Any) -> Any:
    for step in reversed(path):
        value = {step: value}
    return value


def _is_empty(node: Any) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _wanted(found: Sequence[Document], edits: Sequence[Edit]) -> tuple[Document, ...]:
    wanted: list[Any] = [_unshared(document) for document in found]
    for edit in edits:
        target = wanted[edit.document]
        for here, then in zip(edit.path, edit.path[1:], strict=False):
            if isinstance(here, int):
                target = target[here]
            else:
                if not isinstance(target.get(here), dict | list):
                    target[here] = {}
                target = target[here]
            assert isinstance(then, str) == isinstance(target, Mapping)
        target[edit.path[-1]] = edit.value
    return tuple(wanted)


def _unshared(value: Any) -> Any:
    """A copy in which what an alias repeats is written out."""
    if isinstance(value, Mapping):
        return {key: _unshared(item) for key, item in value.items()}
    return [_unshared(item) for item in value] if isinstance(value, list) else value
