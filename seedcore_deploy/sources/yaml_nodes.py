"""YAML text as nodes that know their place, within bounds that hostile text cannot pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import yaml

from seedcore_deploy.model.source import Edit
from seedcore_deploy.sources.source_text import SourceText
from seedcore_deploy.sources.yaml_documents import check_bounds, yaml_fault

Node: TypeAlias = Any
"""A node of PyYAML: ScalarNode, SequenceNode or MappingNode."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def compose(source: SourceText) -> tuple[Node, ...]:
    """The root nodes of the documents. Raises YamlFault, also for what is beyond the bounds."""
    try:
        check_bounds(source.text, source.file)
        return tuple(node for node in yaml.compose_all(source.text, Loader=_Loader) if node)
    except (yaml.YAMLError, RecursionError, ValueError) as fault:
        raise yaml_fault(fault, source.file) from fault


def repeated_key(source: SourceText) -> int | None:
    """The offset of a key that its mapping has twice: kustomize refuses that. Raises YamlFault."""
    waiting = list(compose(source))
    while waiting:
        node = waiting.pop()
        waiting += items(node)
        met = set()
        for key, value in pairs(node):
            if key.value in met:
                return start_of(key)
            met.add(key.value)
            waiting.append(value)
    return None


def is_mapping(node: Node) -> bool:
    """Whether the node has named fields."""
    return isinstance(node, yaml.MappingNode)


def is_sequence(node: Node) -> bool:
    """Whether the node is a list."""
    return isinstance(node, yaml.SequenceNode)


def pairs(node: Node) -> Iterator[tuple[Node, Node]]:
    """The fields of a mapping whose names are texts; none of anything else."""
    if isinstance(node, yaml.MappingNode):
        yield from (pair for pair in node.value if isinstance(pair[0], yaml.ScalarNode))


def items(node: Node) -> Sequence[Node]:
    """The items of a list; none of anything else."""
    return node.value if isinstance(node, yaml.SequenceNode) else ()


def field(node: Node, *names: str) -> Node | None:
    """The value at a path of field names; None where there is none."""
    for name in names:
        node = next((value for key, value in pairs(node) if key.value == name), None)
        if node is None:
            return None
    return node


def text_of(node: Node | None) -> str | None:
    """The text of a scalar as it is written; None for null and for anything else."""
    if not isinstance(node, yaml.ScalarNode) or node.tag == "tag:yaml.org,2002:null":
        return None
    return str(node.value)


def start_of(node: Node) -> int:
    """The offset at which the node begins."""
    return int(node.start_mark.index)


def end_of(node: Node) -> int:
    """The offset behind the last character of the node's content."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style:
        return int(node.end_mark.index)
    children = node.value[-1] if node.value else None
    if children is None:
        return int(node.end_mark.index)
    return end_of(children[1] if isinstance(children, tuple) else children)


def item_removal(source: SourceText, sequence: Node, item: Node) -> Edit | None:
    """The edit that takes one item out of a block list; None where other text shares its lines."""
    if sequence.flow_style or len(sequence.value) < 2:
        return None
    # The node begins behind its dash.
    dash = source.text.rfind("-", 0, start_of(item) + 1)
    return _lines(source, dash, end_of(item))


def entry_removal(source: SourceText, holder: Node, name: str, item: Node) -> Edit | None:
    """The edit that takes an item out of the list in field `name`; the field, if it is the last."""
    for key, value in pairs(holder):
        if key.value == name and len(items(value)) == 1:
            return pair_removal(source, holder, key, value)
        if key.value == name:
            return item_removal(source, value, item)
    return None


def pair_removal(source: SourceText, mapping: Node, key: Node, value: Node) -> Edit | None:
    """The edit that takes one field out of a block mapping; None as for item_removal."""
    if mapping.flow_style or len(mapping.value) < 2:
        return None
    return _lines(source, start_of(key), max(end_of(value), start_of(key)))


def _lines(source: SourceText, start: int, end: int) -> Edit | None:
    """Whole lines from `start` to `end`, if nothing else stands on them but a comment."""
    first = source.line_start(start)
    if source.text[first:start].strip():
        return None
    last_start = source.line_start(max(end - 1, start))
    last = source.line_end(last_start)
    rest = source.text[end:last].strip() if end <= last else ""
    if rest and not rest.startswith("#"):
        return None
    return Edit(source.file, first, last)
