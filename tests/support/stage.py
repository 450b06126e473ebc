"""Where faults are brought about: one namespace of the test cluster with the pattern in it."""

from __future__ import annotations

import json
import operator
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.inside_pods import eventually
from tests.support.namespaced import Namespaced
from tests.support.tool import Bench, Report

HEAD, WORKER = "ray.io/node-type=head", "ray.io/node-type=worker"
READY_S = "--timeout=240s"
CALM_S = 240.0
CONTAINER = "/spec/template/spec/containers/0"
HEAD_TEMPLATE = "/spec/headGroupSpec/template"
UVICORN = "uvicorn seedcore_api:app --host 0.0.0.0 --port 8080 --no-access-log"
"""The API's command in the base."""
WORKER_TEMPLATE = "/spec/workerGroupSpecs/0/template"


@dataclass(frozen=True, slots=True)
class Stage(Namespaced):
    """A namespace, the tool's words for its overlay, and a folder for files of one fault."""

    overlay: tuple[str, ...]
    folder: Path

    def patch(self, what: str, *operations: Mapping[str, object]) -> None:
        """A JSON patch on KIND/NAME."""
        self.kubectl("patch", *what.split("/"), "--type=json", "-p", json.dumps(operations))

    def delete(self, kind: str, name: str) -> None:
        """Delete an object, and await its end."""
        self.kubectl("delete", kind, name, "--wait=true")

    def set_keys(self, configmap: str, **keys: str | None) -> None:
        """Set keys of a ConfigMap, or (None) remove them."""
        change = json.dumps({"data": keys})
        self.kubectl("patch", "configmap", configmap, "--type=merge", "-p", change)

    def renew(self, *apps: str) -> None:
        """Make the pods of client Deployments anew, and return once the containers run.

        They need not become ready: with most faults they never will.
        """
        for app in apps:
            self.kubectl("delete", "pod", "-l", f"app=seedcore-{app}", "--wait=true")
        for app in apps:
            self.await_running(f"app=seedcore-{app}")

    def await_running(self, selector: str) -> None:
        """Until a pod of the selector runs."""
        self.kubectl("wait", "--for=create", "pod", "-l", selector, READY_S)
        running = "--for=jsonpath={.status.containerStatuses[0].state.running}"
        self.kubectl("wait", running, "pod", "-l", selector, READY_S)

    def await_newest_running(self, app: str) -> None:
        """Until the pod of a client Deployment's newest template runs, beside that of before."""
        self.await_running(f"app=seedcore-{app},pod-template-hash={self.newest_hash(app)}")

    def await_newest_waiting(self, app: str, reason: str) -> None:
        """Until the container of a Deployment's newest template waits for such a reason."""
        selector = f"app=seedcore-{app},pod-template-hash={self.newest_hash(app)}"
        waiting = "--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=" + reason
        self.kubectl("wait", "--for=create", "pod", "-l", selector, READY_S)
        self.kubectl("wait", waiting, "pod", "-l", selector, READY_S)

    def replace_template(self, app: str, *operations: Mapping[str, object]) -> None:
        """Change a client Deployment's template while it has no pod, and start one of the new.

        Verify probes the ready pod of before as long as there is one.
        """
        name = f"deployment/seedcore-{app}"
        self.kubectl("scale", name, "--replicas=0")
        self.kubectl("wait", "--for=delete", "pod", "-l", f"app=seedcore-{app}", READY_S)
        self.patch(name, *operations)
        self.kubectl("scale", name, "--replicas=1")
        self.await_running(f"app=seedcore-{app}")

    def newest_hash(self, app: str) -> str:
        """The label of pods that are made from a client Deployment's newest template."""
        name = f"deployment/seedcore-{app}"
        deployment = self.get(name)
        generation = str(deployment["metadata"]["generation"])
        observed = "--for=jsonpath={.status.observedGeneration}=" + generation
        self.kubectl("wait", name, observed, READY_S)
        revision = self.get(name)["metadata"]["annotations"]["deployment.kubernetes.io/revision"]
        sets = self.get("replicaset", "-l", f"app=seedcore-{app}")["items"]
        (newest,) = (
            each["metadata"]["labels"]["pod-template-hash"]
            for each in sets
            if each["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == revision
        )
        return str(newest)

    def rolled_out(self, *apps: str) -> None:
        """Until a client Deployment's rollout is over."""
        for app in apps:
            self.kubectl("rollout", "status", f"deployment/seedcore-{app}", READY_S)

    def await_calm(self) -> None:
        """Until head and clients are ready and no pod of theirs is ending."""
        self.await_head()
        self.rolled_out("api", "serve")
        ending = "go-template={{range .items}}{{if .metadata.deletionTimestamp}}x{{end}}{{end}}"
        eventually(lambda: self.kubectl("get", "pods", "-o", ending), operator.not_, CALM_S)

    def renew_ray_pods(self) -> None:
        """Make head and workers anew, and return when the head is ready.

        KubeRay replaces them for no change. The workers go too: one that outlives several
        heads backs off longer with each of them.
        """
        self.kubectl("delete", "pod", "-l", "ray.io/cluster=seedcore", "--wait=true")
        self.await_head()

    def await_head(self) -> None:
        """Until a head is ready."""
        self.kubectl("wait", "--for=create", "pod", "-l", HEAD, READY_S)
        self.kubectl("wait", "--for=condition=Ready", "pod", "-l", HEAD, READY_S)

    def pod(self, selector: str) -> Any:
        """The one pod of a selector that is not ending."""
        items = self.get("pod", "-l", selector)["items"]
        (found,) = (each for each in items if "deletionTimestamp" not in each["metadata"])
        return found

    def client(self, app: str) -> Any:
        """The pod of a client Deployment."""
        return self.pod(f"app=seedcore-{app}")

    def in_pod(self, pod: str, *command: str, container: str = "") -> str:
        """What a command inside a pod prints."""
        chosen = ("-c", container) if container else ()
        return self.kubectl("exec", pod, *chosen, "--", *command)

    def apply(self) -> None:
        """The whole pattern, applied and proven."""
        words = ("apply", self.namespace, *self.overlay, "--create-namespace", "--timeout", "10m")
        ended = self.bench.tool(*words)
        assert ended.code == 0, str(ended)

    def verify(self, *options: str, bench: Bench | None = None) -> Report:
        """What verify says; `bench` for another user, or another way to the API server."""
        asked = bench or self.bench
        return asked.report("verify", self.namespace, *self.overlay, *options)
