"""Ray clusters and contracts that are well though they are not the base's."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.support.stage import CONTAINER, READY_S, WORKER, Stage

from .declaration import WAITED, Cost, Family, Fault
from .rayservice import in_place_of_the_cluster
from .variants import API, CLIENT_MAP, CLIENTS, RAY, SERVE, add, applied, remove, variant

FAMILY = Family.HEALTHY
GROUP = "/spec/workerGroupSpecs/0"


@contextlib.contextmanager
def _no_workers(stage: Stage) -> Iterator[Stage]:
    none = [add(f"{GROUP}/replicas", 0), add(f"{GROUP}/minReplicas", 0)]
    with applied(stage, {RAY: none}) as changed:
        stage.kubectl("wait", "--for=delete", "pod", "-l", WORKER, READY_S)
        yield changed


def _restarted_worker(stage: Stage) -> None:
    """The container ends and starts again in its pod: the same address joins a second time."""
    stage.kubectl("wait", "--for=create", "pod", "-l", WORKER, READY_S)
    stage.kubectl("wait", "--for=condition=Ready", "pod", "-l", WORKER, READY_S)
    name = stage.pod(WORKER)["metadata"]["name"]
    before = stage.get("pod", name)["status"]["containerStatuses"][0]["restartCount"]
    # `ray stop` ends what PID 1 waits for; the exec may end with the container.
    stage.in_pod(name, "sh", "-c", "ray stop --force >/dev/null 2>&1 & sleep 0")
    again = "--for=jsonpath={.status.containerStatuses[0].restartCount}=" + str(before + 1)
    stage.kubectl("wait", f"pod/{name}", again, READY_S)
    stage.kubectl("wait", f"pod/{name}", "--for=condition=Ready", READY_S)


def _token() -> dict[str, list[Any]]:
    """KubeRay makes the Secret, by the cluster's name."""
    reference = {"name": "seedcore", "key": "auth_token"}
    entries = [
        {"name": "RAY_AUTH_MODE", "value": "token"},
        {"name": "RAY_AUTH_TOKEN", "valueFrom": {"secretKeyRef": reference}},
    ]
    clients = [add(f"{CONTAINER}/env", entries)]
    return {API: clients, SERVE: clients, RAY: [add("/spec/authOptions", {"mode": "token"})]}


@contextlib.contextmanager
def _own_head_service(stage: Stage) -> Iterator[Stage]:
    """KubeRay makes a head's Service once: the cluster is made anew with the other name."""
    host = "seedcore-ray"
    metadata = {"metadata": {"name": host}}
    settings = [
        add("/data/RAY_ADDRESS", f"ray://{host}:10001"),
        add("/data/RAY_SERVE_ADDRESS", f"http://{host}:8000"),
        add("/data/RAY_DASHBOARD_ADDRESS", f"http://{host}:8265"),
    ]
    patches = {RAY: [add("/spec/headGroupSpec/headService", metadata)], CLIENT_MAP: settings}
    stage.kubectl("delete", "raycluster", "seedcore", "--cascade=foreground", "--wait=true")
    with applied(stage, patches, restart=CLIENTS) as changed:
        yield changed
        stage.kubectl("delete", "raycluster", "seedcore", "--cascade=foreground", "--wait=true")


@contextlib.contextmanager
def _by_contract(stage: Stage, text: str) -> Iterator[Stage]:
    """The tool runs in a repository with this ray-contract.toml."""
    with tempfile.TemporaryDirectory(prefix="seedcore-contract-") as name:
        (Path(name) / "deploy").mkdir()
        (Path(name) / "deploy" / "ray-contract.toml").write_text(text)
        yield replace(stage, bench=replace(stage.bench, cwd=Path(name)))


@contextlib.contextmanager
def _serve_without_settings(stage: Stage) -> Iterator[Stage]:
    """This Serve is no client of Ray: a web server that reads the shared settings only."""
    contract = '[[workloads]]\nname = "serve"\nrole = "worker"\n'
    server = ["python", "-m", "http.server", "8081", "--directory", "/tmp"]
    patches = {
        SERVE: [
            remove(f"{CONTAINER}/envFrom/1"),
            add(f"{CONTAINER}/command", server),
            *(remove(f"{CONTAINER}/{kind}Probe") for kind in ("liveness", "readiness", "startup")),
        ]
    }
    with applied(stage, patches) as changed, _by_contract(changed, contract) as told:
        yield told


_CONTRACT = """\
[configmaps]
client = "ray-clients"

[[workloads]]
name = "api"
selector = "role=gateway"
"""


@contextlib.contextmanager
def _other_names(stage: Stage) -> Iterator[Stage]:
    """Other names and labels; a Deployment's selector cannot change, so the API is made anew."""
    rendered = stage.kubectl("kustomize", str(stage.folder))
    rendered = rendered.replace("seedcore-client-env", "ray-clients")
    rendered = rendered.replace("app: seedcore-api", "role: gateway")
    kustomization = {"namespace": stage.namespace, "resources": ["all.yaml"]}
    with tempfile.TemporaryDirectory(prefix="seedcore-variant-") as name:
        folder = Path(name)
        (folder / "all.yaml").write_text(rendered)
        (folder / "kustomization.yaml").write_text(json.dumps(kustomization))
        stage.delete("deployment", "seedcore-api")
        stage.delete("configmap", "seedcore-client-env")
        stage.kubectl("apply", "-k", name)
        stage.rolled_out(*CLIENTS)
        with _by_contract(replace(stage, overlay=("-k", name)), _CONTRACT) as told:
            yield told
        stage.delete("deployment", "seedcore-api")
        stage.delete("configmap", "ray-clients")
        stage.kubectl("apply", "-k", str(stage.folder))
        stage.rolled_out(*CLIENTS)


def _healthy(name: str, make: Any, **more: Any) -> Fault:
    return Fault(name, FAMILY, make, options=WAITED, **more)


FAULTS = (
    _healthy("Serve has no client settings by contract", _serve_without_settings),
    _healthy("ConfigMap and labels have the contract's other names", _other_names),
    _healthy("There are no workers", _no_workers, cost=Cost.RAY),
    _healthy("A worker's container was restarted", _restarted_worker, cost=Cost.RAY),
    _healthy("Token authentication is on", variant(_token(), ray=True), cost=Cost.RAY),
    _healthy("The head service has a name of its own", _own_head_service, cost=Cost.RAY),
    _healthy("A RayService makes the RayCluster", in_place_of_the_cluster, cost=Cost.RAY),
)
