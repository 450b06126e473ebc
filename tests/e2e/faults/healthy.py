"""Clients that are well though they are not as the base has them: nothing may be found."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from tests.support.stage import CONTAINER, HEAD, READY_S, Stage

from .declaration import WAITED, Family, Fault
from .variants import API, CLIENT_MAP, CLIENTS, SERVE, Made, add, applied, remove, variant

FAMILY = Family.HEALTHY
POD = "/spec/template/spec"
IMAGE = "localhost/seedcore-client:0.1.0"
UVICORN = ["uvicorn", "seedcore_api:app", "--host", "0.0.0.0", "--port", "8080"]
LINE = " ".join(UVICORN)
ENV_FROM = [{"configMapRef": {"name": name}} for name in ("seedcore-env", "seedcore-client-env")]
SMALL = {"requests": {"cpu": "10m", "memory": "32Mi"}}
SLEEP = ["/bin/sleep", "infinity"]


def _by_key(name: str) -> dict[str, Any]:
    reference = {"name": "seedcore-client-env", "key": name}
    return {"name": name, "valueFrom": {"configMapKeyRef": reference}}


BY_REFERENCE = [
    *map(_by_key, ("RAY_ADDRESS", "RAY_SERVE_ADDRESS", "RAY_DASHBOARD_ADDRESS")),
    _by_key("RAY_ENABLE_AUTO_CONNECT"),
    {"name": "RAY_NAMESPACE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}},
]


def _another_domain(stage: Stage) -> Made:
    """The names of such a cluster's domain lead to the head here by the pods' own hosts file."""
    host = f"seedcore-head-svc.{stage.namespace}.svc.corp.example"
    alias = {"ip": stage.pod(HEAD)["status"]["podIP"], "hostnames": [host]}
    address = {
        "RAY_ADDRESS": f"ray://{host}:10001",
        "RAY_SERVE_ADDRESS": f"http://{host}:8000",
        "RAY_DASHBOARD_ADDRESS": f"http://{host}:8265",
    }
    aliases = [add(f"{POD}/hostAliases", [alias])]
    settings = [add(f"/data/{name}", value) for name, value in address.items()]
    patches = {API: aliases, SERVE: aliases, CLIENT_MAP: settings}
    return applied(stage, patches, restart=CLIENTS)


@contextlib.contextmanager
def _finished_job(stage: Stage) -> Iterator[None]:
    container = {
        "name": "batch",
        "image": IMAGE,
        "command": ["/bin/true"],
        "envFrom": ENV_FROM,
    }
    stage.create(
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": "batch"},
            "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [container]}}},
        }
    )
    stage.kubectl("wait", "job/batch", "--for=condition=Complete", READY_S)
    yield
    stage.delete("job", "batch")


@contextlib.contextmanager
def _ray_job(stage: Stage) -> Iterator[None]:
    """A job that runs on the cluster, and whose submitter follows its output all the while."""
    submitter = {
        "name": "submitter",
        "image": IMAGE,
        "envFrom": ENV_FROM,
        "resources": SMALL,
    }
    stage.create(
        {
            "apiVersion": "ray.io/v1",
            "kind": "RayJob",
            "metadata": {"name": "report"},
            "spec": {
                "entrypoint": "sleep 900",
                "clusterSelector": {"ray.io/cluster": "seedcore"},
                "submitterPodTemplate": {
                    "spec": {"restartPolicy": "Never", "containers": [submitter]}
                },
            },
        }
    )
    running = "--for=jsonpath={.status.jobStatus}=RUNNING"
    stage.kubectl("wait", "rayjob/report", running, READY_S)
    yield
    stage.delete("rayjob", "report")


def _scale(stage: Stage, replicas: int) -> None:
    stage.kubectl("scale", "deployment/seedcore-api", f"--replicas={replicas}")
    stage.rolled_out("api")


@contextlib.contextmanager
def _scaled(stage: Stage) -> Iterator[None]:
    """As an autoscaler leaves it: the overlay still has one."""
    _scale(stage, 2)
    yield
    _scale(stage, 1)


@contextlib.contextmanager
def _evicted(stage: Stage) -> Iterator[None]:
    """One of two replicas is evicted, as when its node is drained."""
    _scale(stage, 2)
    pod = stage.get("pod", "-l", "app=seedcore-api")["items"][0]["metadata"]["name"]
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": pod, "namespace": stage.namespace},
    }
    path = f"/api/v1/namespaces/{stage.namespace}/pods/{pod}/eviction"
    stage.kubectl("create", "--raw", path, "-f", "-", stdin=json.dumps(eviction))
    yield
    _scale(stage, 1)


def _command(*words: str) -> dict[str, list[Any]]:
    return {API: [add(f"{CONTAINER}/command", list(words))]}


def _no_shell() -> dict[str, list[Any]]:
    """Both shells of the image are hidden below a file that nobody can execute."""
    items = [{"path": "none", "fieldRef": {"fieldPath": "metadata.name"}}]
    mounts = [
        {"name": "hide", "mountPath": f"/usr/bin/{name}", "subPath": "none"}
        for name in ("bash", "dash")
    ]
    hide = {"name": "hide", "downwardAPI": {"items": items}}
    return {
        API: [
            add(f"{POD}/volumes/-", hide),
            *(add(f"{CONTAINER}/volumeMounts/-", each) for each in mounts),
        ]
    }


BESIDE = {"name": "log", "image": IMAGE, "command": SLEEP, "resources": SMALL}
BEFORE = {"name": "migrate", "image": IMAGE, "command": ["/bin/true"], "resources": SMALL}
AS_ROOT = {"runAsUser": 0, "runAsGroup": 0, "runAsNonRoot": False}


def _healthy(name: str, make: Any, **more: Any) -> Fault:
    return Fault(name, FAMILY, make, options=WAITED, **more)


FAULTS = (
    _healthy(
        "The client settings have further harmless names",
        variant(
            {CLIENT_MAP: [add("/data/RAY_LOG_TO_STDERR", "0"), add("/data/FEATURE_X", "on")]},
            restart=CLIENTS,
        ),
    ),
    _healthy(
        "The API takes its client settings one by one",
        variant({API: [remove(f"{CONTAINER}/envFrom/1"), add(f"{CONTAINER}/env", BY_REFERENCE)]}),
        ci=True,
    ),
    _healthy("The API has two replicas", variant({API: [add("/spec/replicas", 2)]})),
    _healthy("The API has more replicas than the overlay", _scaled),
    _healthy("A replica of the API is evicted", _evicted),
    _healthy("A job with the client settings has finished", _finished_job, ci=True),
    _healthy("A RayJob's submitter has the client settings", _ray_job),
    _healthy("The API is started by a shell's exec", variant(_command("sh", "-c", f"exec {LINE}"))),
    _healthy(
        "The API is the child of a shell that stays",
        variant(_command("bash", "-c", f"{LINE} & wait $!")),
    ),
    _healthy(
        "The API has a sidecar without Ray settings",
        variant({API: [add(f"{POD}/containers/-", BESIDE)]}),
    ),
    _healthy(
        "The API has an init container without Ray settings",
        variant({API: [add(f"{POD}/initContainers", [BEFORE])]}),
    ),
    _healthy("The clients' addresses have another cluster domain", _another_domain),
    _healthy(
        "The API runs as root with a writable file system",
        variant(
            {
                API: [
                    add(f"{CONTAINER}/securityContext/readOnlyRootFilesystem", False),
                    *(
                        add(f"{CONTAINER}/securityContext/{name}", value)
                        for name, value in AS_ROOT.items()
                    ),
                ]
            }
        ),
    ),
    _healthy("The API has no shell", variant(_no_shell())),
    _healthy(
        "The API's pod shares its process namespace",
        variant({API: [add(f"{POD}/shareProcessNamespace", True)]}),
    ),
)
