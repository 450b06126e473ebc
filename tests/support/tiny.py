"""The pattern with tiny pods: the same objects, and in place of Ray and the applications a sleep.

What is waited for, and what is doomed, shows with them as well, in seconds.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.tool import REPOSITORY, Bench, Ended

IMAGE = "localhost/seedcore-client:0.1.0"
SLEEP = ("python", "-c", "import time; time.sleep(1e6)")
TRUE = {
    "exec": {"command": ["true"]},
    "periodSeconds": 1,
    "timeoutSeconds": 30,
    "failureThreshold": 30,
}
HEAD = "/spec/headGroupSpec/template"
POD = "/spec/template"
FIRST = "/spec/containers/0"
Patch = Mapping[str, Any]
Operations = Sequence[Mapping[str, Any]]


def container(place: str, field: str, value: object) -> Mapping[str, Any]:
    """A JSON patch operation on the first container under HEAD or POD."""
    return {"op": "add", "path": f"{place}{FIRST}/{field}", "value": value}


def shell(script: str) -> list[str]:
    """A command that runs a script."""
    return ["sh", "-c", script]


def on_head(*operations: Mapping[str, Any]) -> Patch:
    """A patch of the RayCluster."""
    return {"target": {"kind": "RayCluster"}, "patch": json.dumps(operations)}


def on_client(app: str, *operations: Mapping[str, Any]) -> Patch:
    """A patch of a client Deployment."""
    target = {"kind": "Deployment", "name": f"seedcore-{app}"}
    return {"target": target, "patch": json.dumps(operations)}


def on_api(*operations: Mapping[str, Any]) -> Patch:
    """A patch of the API's Deployment."""
    return on_client("api", *operations)


def _small(place: str) -> list[Mapping[str, Any]]:
    return [
        container(place, "image", IMAGE),
        container(place, "command", list(SLEEP)),
        container(place, "resources", {"requests": {"cpu": "1m", "memory": "8Mi"}}),
        container(place, "readinessProbe", TRUE),
        container(place, "livenessProbe", {**TRUE, "periodSeconds": 3600}),
        {"op": "add", "path": f"{place}/spec/terminationGracePeriodSeconds", "value": 1},
    ]


def _tiny() -> tuple[Patch, ...]:
    own_command = {"ray.io/overwrite-container-cmd": "true"}
    group = "/spec/workerGroupSpecs/0"
    return (
        on_head(
            {"op": "add", "path": "/metadata/annotations", "value": own_command},
            {"op": "replace", "path": f"{group}/replicas", "value": 0},
            {"op": "replace", "path": f"{group}/minReplicas", "value": 0},
            *_small(HEAD),
        ),
        *(
            on_client(
                app,
                *_small(POD),
                {"op": "remove", "path": f"{POD}{FIRST}/startupProbe"},
            )
            for app in ("api", "serve")
        ),
    )


@dataclass(frozen=True, slots=True)
class Tiny:
    """A namespace for tiny pods, and where overlays for it are written."""

    bench: Bench
    namespace: str
    folder: Path

    def kubectl(self, *words: str, stdin: str = "") -> str:
        """Run kubectl in the namespace; fails the test when kubectl fails."""
        return self.bench.kubectl("-n", self.namespace, *words, stdin=stdin)

    def get(self, *words: str) -> Any:
        """`kubectl get -o json`, read."""
        return json.loads(self.kubectl("get", *words, "-o", "json"))

    def create(self, document: Mapping[str, Any]) -> None:
        """Apply an object."""
        self.kubectl("apply", "-f", "-", stdin=json.dumps(document))

    def clear(self) -> None:
        """Take everything of the pattern away, and await its end."""
        kinds = "raycluster,deployment,resourcequota,replicaset"
        self.kubectl("delete", kinds, "--all", "--wait=true", "--timeout=120s")
        pods = ("pod", "-l", "app.kubernetes.io/part-of=seedcore")
        self.kubectl("wait", "--for=delete", *pods, "--timeout=120s")

    def overlay(self, *patches: Patch) -> tuple[str, ...]:
        """The words that name the dev overlay with tiny pods and some patches."""
        dev = REPOSITORY / "deploy" / "kustomize" / "overlays" / "dev"
        settings = (dev / "kustomization.yaml").read_text().split("configMapGenerator:")[1]
        settings = settings.split("resources:")[0].replace("seedcore-dev", self.namespace)
        base = os.path.relpath(dev.parents[1] / "base", self.folder)
        (self.folder / "kustomization.yaml").write_text(
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
            f"namespace: {self.namespace}\n"
            "generatorOptions:\n  disableNameSuffixHash: true\n"
            f"configMapGenerator:{settings}"
            f"resources: [{base}]\n"
            f"patches: {json.dumps([*_tiny(), *patches])}\n"
        )
        return ("-k", str(self.folder))

    def apply(self, *patches: Patch, timeout: str = "5m") -> Ended:
        """Apply the overlay to its end, which is a finding at best: there is no Ray."""
        return self.bench.tool(*self._words(patches, timeout))

    @contextlib.contextmanager
    def applying(
        self, *patches: Patch, timeout: str = "5m", bench: Bench | None = None
    ) -> Iterator[Any]:
        """Apply in the background."""
        words = ("seedcore-deploy", *self._words(patches, timeout))
        with (bench or self.bench).started(*words) as program:
            yield program

    def _words(self, patches: Sequence[Patch], timeout: str) -> tuple[str, ...]:
        return ("apply", self.namespace, *self.overlay(*patches), "--timeout", timeout)
