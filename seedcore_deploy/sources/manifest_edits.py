"""What is put into manifests, as edits of their text: all other lines stay byte for byte."""

from __future__ import annotations

from seedcore_deploy.model.change import AddGenerator, AddReference, Change
from seedcore_deploy.model.manifest_source import YamlPath
from seedcore_deploy.model.source import Edit
from seedcore_deploy.sources.source_text import SourceText
from seedcore_deploy.sources.yaml_nodes import (
    Node,
    compose,
    end_of,
    field,
    is_mapping,
    items,
    pairs,
    start_of,
)


def edit_of(change: Change, source: SourceText) -> Edit | None:
    """The edit that makes a change; None where the text has no place for it (flow style, aliases).

    Raises YamlFault for a text that is no YAML.
    """
    if isinstance(change, AddReference):
        roots = compose(source)
        container = _at(roots[change.document], change.path)
        return None if container is None else _reference(source, container, change)
    if isinstance(change, AddGenerator):
        return _generator(source, change)
    return change


def _at(node: Node | None, path: YamlPath) -> Node | None:
    for step in path:
        if isinstance(step, int):
            within = items(node)
            node = within[step] if step < len(within) else None
        else:
            node = field(node, step)
    return node


def _reference(source: SourceText, container: Node, change: AddReference) -> Edit | None:
    if not is_mapping(container) or container.flow_style:
        return None
    references = field(container, "envFrom")
    name = change.configmap
    if references is not None and items(references) and not references.flow_style:
        first, last = items(references)[0], items(references)[-1]
        dash = source.text.rfind("-", 0, start_of(first) + 1)
        indent = _indent(source, dash)
        if indent is None:
            return None
        item = (f"{indent}- configMapRef:", f"{indent}    name: {name}")
        at = source.line_start(dash) if change.first else source.line_end(end_of(last) - 1)
        return _inserted(source, at, item)
    if references is not None:
        return None
    key, value = next(iter(pairs(container)))
    indent = " " * _column(source, start_of(key))
    lines = (
        f"{indent}envFrom:",
        f"{indent}  - configMapRef:",
        f"{indent}      name: {name}",
    )
    return _inserted(source, source.line_end(max(end_of(value) - 1, start_of(key))), lines)


def _generator(source: SourceText, change: AddGenerator) -> Edit | None:
    root = next(iter(compose(source)), None)
    generators = field(root, "configMapGenerator")
    if generators is not None and (not items(generators) or generators.flow_style):
        return None
    indent, at = "  ", len(source.text)
    head: tuple[str, ...] = ("", "configMapGenerator:")
    if generators is not None:
        dash = source.text.rfind("-", 0, start_of(items(generators)[0]) + 1)
        found = _indent(source, dash)
        if found is None:
            return None
        indent, head = found, ()
        at = source.line_end(end_of(items(generators)[-1]) - 1)
    lines = (
        *head,
        f"{indent}- name: {change.configmap}",
        f"{indent}  options:",
        f"{indent}    disableNameSuffixHash: true",
        f"{indent}  literals:",
        *(f"{indent}    - {literal}" for literal in change.literals),
    )
    return _inserted(source, at, lines)


def _indent(source: SourceText, offset: int) -> str | None:
    """What stands before a character on its line, if that is blank."""
    before = source.text[source.line_start(offset) : offset]
    return before if not before.strip() else None


def _column(source: SourceText, offset: int) -> int:
    """How many characters stand before one on its line."""
    return source.at(offset).column - 1


def _inserted(source: SourceText, at: int, lines: tuple[str, ...]) -> Edit:
    newline = source.newline
    before = "" if at == 0 or source.text[:at].endswith("\n") else newline
    return Edit(source.file, at, at, before + "".join(f"{line}{newline}" for line in lines))
