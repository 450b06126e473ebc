"""YAML text to documents, with the position of what is wrong in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from seedcore_deploy.errors import UsageError

Document: TypeAlias = Mapping[str, Any]

MAX_BYTES = 32 * 1024 * 1024
MAX_NODES = 2_000_000
"""Nodes after aliases are written out: a few lines of nested aliases can mean billions."""
MAX_DEPTH = 200
"""Lists and objects within one another: libyaml's time grows with the square of it."""

_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):  # type: ignore[misc]
    """The safe loader; dates stay text, as Kubernetes reads them."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in _SafeLoader.yaml_implicit_resolvers.items()
}


class YamlFault(UsageError):
    """A text that cannot be read as YAML; `line` and `column` from 1, as far as it is told."""

    def __init__(self, what: str, mend: str, source: str, line: int = 1, column: int = 1) -> None:
        super().__init__(what, mend)
        self.source = source
        self.line = line
        self.column = column


def read_documents(file: Path) -> tuple[Document, ...]:
    """The documents of a file. Raises UsageError with file and line, also when unreadable."""
    try:
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as fault:
        raise UsageError(f"{file} is not UTF-8 text: {fault.reason}", "save it as UTF-8") from fault
    except OSError as fault:
        raise UsageError(
            f"cannot read {file}: {fault.strerror or fault}", "check the path and its permissions"
        ) from fault
    return documents(text, str(file))


def documents(text: str, source: str) -> tuple[Document, ...]:
    """The documents of a text; empty ones are left out. Raises UsageError naming `source`."""
    if len(text) > MAX_BYTES:
        raise UsageError(
            f"{source} has {len(text) >> 20} MiB of YAML; {MAX_BYTES >> 20} is the limit",
            "split it, or look for what blew it up",
        )
    try:
        check_bounds(text, source)
        loaded = list(yaml.load_all(text, Loader=_Loader))
    except (yaml.YAMLError, RecursionError, ValueError) as fault:
        raise yaml_fault(fault, source) from fault
    return tuple(_mapping(document, source) for document in loaded if document is not None)


def _mapping(document: object, source: str) -> Document:
    if not isinstance(document, dict) or not all(isinstance(key, str) for key in document):
        raise UsageError(
            f"{source} holds a document that is no object with named fields",
            "every document needs apiVersion, kind and metadata",
        )
    return document


def yaml_fault(fault: Exception, source: str) -> YamlFault:
    """What a YAML reader met, as an error of ours."""
    if isinstance(fault, yaml.YAMLError):
        mark = getattr(fault, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return YamlFault(
            f"{source}{_position(fault)}: {_reason(fault)}", "mend the YAML", source, line, column
        )
    return YamlFault(f"{source} cannot be read as YAML: {fault}", "mend the YAML", source)


def check_bounds(text: str, source: str) -> None:
    """Count the nodes as if each alias were written out, without writing it out.

    Raises YamlFault for more than MAX_NODES, for what is nested deeper than MAX_DEPTH, and for what
    contains itself.
    """
    weights: dict[str, int] = {}
    open_nodes: list[tuple[str | None, int]] = []
    total = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            if any(event.anchor == anchor for anchor, _ in open_nodes):
                what = f"holds a value that contains itself, by alias *{event.anchor}"
                raise _refused(event, source, what, "write it without that alias")
            total += weights.get(event.anchor or "", 1)
        elif isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append((event.anchor, total))
            total += 1
            if len(open_nodes) > MAX_DEPTH:
                what = f"is nested deeper than {MAX_DEPTH} levels"
                raise _refused(event, source, what, "write it flatter")
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_nodes.pop()
            if anchor:
                weights[anchor] = total - before
        elif isinstance(event, yaml.ScalarEvent):
            total += 1
        if total > MAX_NODES:
            what = f"means more than {MAX_NODES} values once its aliases are written out"
            raise _refused(event, source, what, "write it without nested aliases")


def _refused(event: yaml.Event, source: str, what: str, mend: str) -> YamlFault:
    mark = event.start_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return YamlFault(f"{source} {what}", mend, source, line, column)


def _position(fault: yaml.YAMLError) -> str:
    mark = getattr(fault, "problem_mark", None)
    return f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""


def _reason(fault: yaml.YAMLError) -> str:
    parts = (getattr(fault, "context", None), getattr(fault, "problem", None))
    return ", ".join(part for part in parts if part) or " ".join(str(fault).split())
