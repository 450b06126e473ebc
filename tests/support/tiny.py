"""The pattern with tiny pods: the same objects, and in place of Ray and the applications a sleep.

What is waited for, and what is doomed, shows with them as well, in seconds.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.namespaced import Namespaced
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


def one_worker() -> Patch:
    """A worker of the head's own shape; KubeRay puts an init container before it."""
    group = "/spec/workerGroupSpecs/0"
    return on_head(
        {"op": "replace", "path": f"{group}/replicas", "value": 1},
        *_small(f"{group}/template"),
    )


class Run:
    """An apply in the background, and what it says on stderr, line by line."""

    def __init__(self, program: subprocess.Popen[str]) -> None:
        self.program = program
        self.said: list[tuple[float, str]] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.program.stderr
        for line in self.program.stderr:
            with self._news:
                self.said.append((time.time(), line.rstrip("\n")))
                self._news.notify_all()

    def await_line(self, word: str, timeout_s: float = 240.0, since: float = 0.0) -> float:
        """When a line with the word was said, after a moment; fails when none comes in time."""
        deadline = time.monotonic() + timeout_s
        with self._news:
            while True:
                for moment, line in self.said:
                    if word in line and moment >= since:
                        return moment
                left = deadline - time.monotonic()
                over = self.program.poll() is not None and not self._reader.is_alive()
                assert not over, f"it ended without {word!r}:\n{self.text}"
                assert left > 0, f"no {word!r} in time:\n{self.text}"
                self._news.wait(min(left, 1.0))

    @property
    def text(self) -> str:
        """All that was said so far."""
        return "\n".join(line for _, line in list(self.said))

    def interrupt(self) -> str:
        """End it as Ctrl-C does; what it said."""
        self.program.send_signal(signal.SIGINT)
        self.program.wait(60)
        self._reader.join(10)
        return self.text


@dataclass(frozen=True, slots=True)
class Tiny(Namespaced):
    """A namespace for tiny pods, and where overlays for it are written."""

    folder: Path

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
        settings = settings.split("patches:")[0]
        settings = settings.replace("../..", os.path.relpath(dev.parents[1], self.folder))
        (self.folder / "kustomization.yaml").write_text(
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
            f"namespace: {self.namespace}\n"
            "generatorOptions:\n  disableNameSuffixHash: true\n"
            f"configMapGenerator:{settings}"
            f"patches: {json.dumps([*_tiny(), *patches])}\n"
        )
        return ("-k", str(self.folder))

    def apply(self, *patches: Patch, timeout: str = "5m") -> Ended:
        """Apply the overlay to its end, which is a finding at best: there is no Ray."""
        return self.bench.tool(*self.words(*patches, timeout=timeout))

    @contextlib.contextmanager
    def applying(
        self, *patches: Patch, timeout: str = "5m", bench: Bench | None = None
    ) -> Iterator[Run]:
        """Apply in the background."""
        words = ("seedcore-deploy", *self.words(*patches, timeout=timeout))
        with (bench or self.bench).started(*words) as program:
            yield Run(program)

    def apply_by_kubectl(self, *patches: Patch) -> None:
        """Apply the overlay without the tool, and await all its pods."""
        self.kubectl("apply", *self.overlay(*patches))
        self.await_ready("app=seedcore-api", "app=seedcore-serve", "ray.io/node-type=head")

    def await_ready(self, *selectors: str) -> None:
        """Until the pods of each selector are ready."""
        for selector in selectors:
            self.kubectl("wait", "--for=create", "pod", "-l", selector, "--timeout=120s")
            ready = "--for=condition=Ready"
            self.kubectl("wait", ready, "pod", "-l", selector, "--timeout=180s")

    def await_running(self, selector: str) -> None:
        """Until the pods' containers run; they need not be ready."""
        running = "--for=jsonpath={.status.containerStatuses[0].state.running}"
        self.kubectl("wait", running, "pod", "-l", selector, "--timeout=180s")

    def grant_deployer(self) -> None:
        """The Role of those who apply, in this namespace."""
        rendered = self.bench.kubectl("kustomize", str(REPOSITORY / "deploy" / "rbac"))
        mine = rendered.replace("seedcore-dev", self.namespace)
        mine = mine.replace("name: seedcore-preflight", f"name: {self._preflight}")
        self.bench.kubectl("apply", "-f", "-", stdin=mine)

    def revoke_deployer(self) -> None:
        """Take away what of it is outside of the namespace."""
        kinds = "clusterrole,clusterrolebinding"
        self.bench.kubectl("delete", kinds, self._preflight, "--ignore-not-found")

    @property
    def _preflight(self) -> str:
        return f"preflight-{self.namespace}"

    def words(self, *patches: Patch, timeout: str = "5m") -> tuple[str, ...]:
        """What the tool is called with."""
        return ("apply", self.namespace, *self.overlay(*patches), "--timeout", timeout)
