from __future__ import annotations

import pytest

from seedcore_deploy.sources.file_kinds import FileKind, kind_by_first_line, kind_by_name


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (".env", FileKind.ENV_FILE),
        (".env.local", FileKind.ENV_FILE),
        ("seedcore.env", FileKind.ENV_FILE),
        (".envrc", FileKind.SHELL),
        ("run.sh", FileKind.SHELL),
        ("app.py", FileKind.PYTHON),
        ("Dockerfile", FileKind.DOCKERFILE),
        ("Dockerfile.dev", FileKind.DOCKERFILE),
        ("api.Dockerfile", FileKind.DOCKERFILE),
        ("dockerfile-notes.txt", None),
        ("docker-compose.override.yml", FileKind.COMPOSE),
        ("compose.yaml", FileKind.COMPOSE),
        ("values.yaml", FileKind.HELM_VALUES),
        ("prod-values.yml", FileKind.HELM_VALUES),
        ("values-prod.yaml", FileKind.HELM_VALUES),
        ("evalues.yaml", FileKind.YAML),
        ("Kustomization", FileKind.YAML),
        ("pod.json", FileKind.YAML),
        ("start", FileKind.MAYBE_SCRIPT),
        ("README.md", None),
        ("environment.txt", None),
    ],
)
def test_kind_is_told_by_the_name(name: str, kind: FileKind | None) -> None:
    assert kind_by_name(name) is kind


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        (b"#!/bin/sh\n", FileKind.SHELL),
        (b"#!/usr/bin/env bash\n", FileKind.SHELL),
        (b"#!/usr/bin/env -S python3.11 -u\n", FileKind.PYTHON),
        (b"#!/usr/bin/env node\n", None),
        (b"no script\n#!/bin/sh\n", None),
        (b"", None),
    ],
)
def test_kind_of_a_script_is_told_by_its_interpreter(first: bytes, kind: FileKind | None) -> None:
    assert kind_by_first_line(first) is kind
