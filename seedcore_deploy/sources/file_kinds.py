"""Which reader a file is for, told by its name, and where that says nothing by its first line."""

from __future__ import annotations

import re
from enum import Enum, auto


class FileKind(Enum):
    """What kind of file it is to lint."""

    ENV_FILE = auto()
    DOCKERFILE = auto()
    COMPOSE = auto()
    HELM_VALUES = auto()
    YAML = auto()
    SHELL = auto()
    PYTHON = auto()
    MAYBE_SCRIPT = auto()
    """A name without an ending: the first line tells."""


_BY_NAME = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (FileKind.SHELL, r"\.envrc|.*\.(?:sh|bash|zsh|ksh)"),
        (FileKind.PYTHON, r".*\.py"),
        (FileKind.ENV_FILE, r"\.env(?:\..+)?|.*\.env"),
        (FileKind.DOCKERFILE, r"(?:docker|container)file(?:[.-].+)?(?<!\.txt)(?<!\.md)"),
        (FileKind.DOCKERFILE, r".*\.(?:docker|container)file"),
        (FileKind.COMPOSE, r"(?:docker-|podman-)?compose(?:[.-].*)?\.ya?ml"),
        (FileKind.HELM_VALUES, r"(?:.*[-_.])?values(?:[-_.].*)?\.ya?ml"),
        (FileKind.YAML, r".*\.(?:ya?ml|json)|kustomization"),
        (FileKind.MAYBE_SCRIPT, r"[^.]+"),
    )
)
_INTERPRETERS = (
    (FileKind.PYTHON, re.compile(rb"#!.*\bpython[\d.]*(?:\s|\Z)")),
    (FileKind.SHELL, re.compile(rb"#!.*\b(?:ba|z|k|da)?sh(?:\s|\Z)")),
)


def kind_by_name(name: str) -> FileKind | None:
    """The kind that a file's name tells; None for files that lint has no reader for."""
    return next((kind for kind, pattern in _BY_NAME if pattern.fullmatch(name)), None)


def kind_by_first_line(content: bytes) -> FileKind | None:
    """The kind of a script without an ending, by its interpreter."""
    first = content[:200].partition(b"\n")[0]
    return next((kind for kind, pattern in _INTERPRETERS if pattern.match(first)), None)
