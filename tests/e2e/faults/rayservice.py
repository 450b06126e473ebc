"""The overlay with a RayService in the RayCluster's place: KubeRay makes the cluster of it."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from seedcore_deploy.sources.yaml_documents import documents
from tests.support.stage import READY_S, Stage

from .variants import CLIENTS

CODE = """\
from ray import serve

@serve.deployment(ray_actor_options={"num_cpus": 0.1})
class Hello:
    async def __call__(self):
        return "hello"

app = Hello.bind()
"""
CONFIG = """\
proxy_location: HeadOnly
applications:
  - name: hello
    import_path: hello:app
    route_prefix: /hello
"""
_FILES = {"hello.py": CODE}
_MOUNT = {"name": "code", "mountPath": "/code"}
_PATH = {"name": "PYTHONPATH", "value": "/code"}


@contextlib.contextmanager
def in_place_of_the_cluster(stage: Stage) -> Iterator[Stage]:
    """Both have one name, so the clients' settings stay as they are."""
    rendered = documents(stage.kubectl("kustomize", str(stage.folder)), "the overlay")
    items = [_as_service(each) if each["kind"] == "RayCluster" else each for each in rendered]
    code = {"name": "hello", "namespace": stage.namespace}
    items.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": code, "data": _FILES})
    with tempfile.TemporaryDirectory(prefix="seedcore-variant-") as name:
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
        (Path(name) / "all.yaml").write_text(text)
        (Path(name) / "kustomization.yaml").write_text(json.dumps({"resources": ["all.yaml"]}))
        stage.kubectl("delete", "raycluster", "seedcore", "--cascade=foreground", "--wait=true")
        stage.kubectl("apply", "-k", name)
        _settled(stage)
        yield replace(stage, overlay=("-k", name))
        stage.kubectl("delete", "rayservice", "seedcore", "--cascade=foreground", "--wait=true")
        # KubeRay makes pods anew while their RayCluster goes; they are collected later.
        stage.kubectl(
            "wait", "--for=delete", "pod", "-l", "ray.io/cluster!=seedcore,ray.io/cluster", READY_S
        )
        stage.delete("configmap", "hello")
        stage.kubectl("apply", "-k", str(stage.folder))
        stage.await_head()
        stage.rolled_out(*CLIENTS)


def _settled(stage: Stage) -> None:
    """KubeRay makes the head's Service once the application runs."""
    stage.kubectl("wait", "rayservice/seedcore", "--for=condition=Ready", READY_S)
    stage.rolled_out(*CLIENTS)


def _as_service(cluster: Mapping[str, Any]) -> dict[str, Any]:
    spec = cluster["spec"]
    for group in (spec["headGroupSpec"], *spec["workerGroupSpecs"]):
        pod = group["template"]["spec"]
        pod["volumes"] = [*pod.get("volumes", ()), {"name": "code", "configMap": {"name": "hello"}}]
        for container in pod["containers"]:
            container["volumeMounts"] = [*container.get("volumeMounts", ()), _MOUNT]
            container["env"] = [*container.get("env", ()), _PATH]
    return {
        "apiVersion": "ray.io/v1",
        "kind": "RayService",
        "metadata": {key: cluster["metadata"][key] for key in ("name", "namespace")},
        "spec": {"serveConfigV2": CONFIG, "rayClusterConfig": spec},
    }
