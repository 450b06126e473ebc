"""Another overlay over the one of the stage, applied for as long as a block lasts."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.support.stage import Stage

Operation = Mapping[str, Any]
Patches = Mapping[str, Sequence[Operation]]
Made = AbstractContextManager[Stage | None]

CLIENTS = ("api", "serve")
API, SERVE, RAY = "Deployment/seedcore-api", "Deployment/seedcore-serve", "RayCluster/seedcore"
CLIENT_MAP = "ConfigMap/seedcore-client-env"


def add(path: str, value: object) -> Operation:
    """A JSON patch operation that sets what is at a path."""
    return {"op": "add", "path": path, "value": value}


def remove(path: str) -> Operation:
    """A JSON patch operation that takes away what is at a path."""
    return {"op": "remove", "path": path}


@contextlib.contextmanager
def folder_on_top(stage: Stage, patches: Patches) -> Iterator[Path]:
    """A kustomization of the stage's overlay and JSON patches by KIND/NAME."""
    with tempfile.TemporaryDirectory(prefix="seedcore-variant-") as name:
        folder = Path(name)
        kustomization = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "namespace": stage.namespace,
            "resources": [os.path.relpath(stage.folder, folder.resolve())],
            "patches": [
                {
                    "target": dict(zip(("kind", "name"), what.split("/"), strict=True)),
                    "patch": json.dumps(operations),
                }
                for what, operations in patches.items()
            ],
        }
        (folder / "kustomization.yaml").write_text(json.dumps(kustomization, indent=1))
        yield folder


@contextlib.contextmanager
def applied(
    stage: Stage,
    patches: Patches,
    *,
    restart: Sequence[str] = (),
    ray: bool = False,
) -> Iterator[Stage]:
    """The patched overlay in place of the stage's; gives the stage that knows it.

    `restart` names clients that KIND/NAME's change alone does not make anew, `ray` has the Ray
    pods made anew, now and when the stage's own overlay is back.
    """

    def settle() -> None:
        if ray:
            stage.renew_ray_pods()
        stage.renew(*restart)
        stage.rolled_out(*CLIENTS)

    with folder_on_top(stage, patches) as folder:
        stage.kubectl("apply", "-k", str(folder))
        settle()
        yield replace(stage, overlay=("-k", str(folder)), folder=folder)
        stage.kubectl("apply", "-k", str(stage.folder))
        settle()


def variant(
    patches: Patches, *, restart: Sequence[str] = (), ray: bool = False
) -> Callable[[Stage], Made]:
    """What `make` of a healthy variant is: the patched overlay."""
    return lambda stage: applied(stage, patches, restart=restart, ray=ray)
