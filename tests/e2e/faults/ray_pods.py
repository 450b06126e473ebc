"""What is wrong with the RayCluster, its templates and the pods that KubeRay makes of them."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tests.support.stage import HEAD, HEAD_TEMPLATE, READY_S, WORKER, WORKER_TEMPLATE, Stage

from .declaration import WAITED, Answer, Cost, Expected, Family, Fault

FAMILY = Family.RAY_PODS
CLUSTER = "raycluster/seedcore"
RAY_CONTAINER = "/spec/containers/0"
ADDRESS = {"name": "RAY_ADDRESS", "value": "ray://seedcore-head-svc:10001"}
IN_CLUSTER = "ray.io/cluster=seedcore"


def _renew(stage: Stage, selector: str) -> None:
    """Make a Ray pod anew; it need not become ready, and often never will."""
    stage.kubectl("delete", "pod", "-l", selector, "--wait=true")
    stage.kubectl("wait", "--for=create", "pod", "-l", selector, READY_S)


def _address_of_head(stage: Stage) -> None:
    path = f"{HEAD_TEMPLATE}{RAY_CONTAINER}/env/-"
    stage.patch(CLUSTER, {"op": "add", "path": path, "value": ADDRESS})
    stage.renew_ray_pods()


def _address_of_worker(stage: Stage) -> None:
    path = f"{WORKER_TEMPLATE}{RAY_CONTAINER}/env"
    stage.patch(CLUSTER, {"op": "add", "path": path, "value": [ADDRESS]})
    _renew(stage, WORKER)
    stage.await_running(WORKER)


def _client_settings_of_head(stage: Stage) -> None:
    """In the template only: KubeRay replaces no pod for it."""
    path = f"{HEAD_TEMPLATE}{RAY_CONTAINER}/envFrom/-"
    reference = {"configMapRef": {"name": "seedcore-client-env"}}
    stage.patch(CLUSTER, {"op": "add", "path": path, "value": reference})


def _no_shared_settings_of_worker(stage: Stage) -> None:
    stage.patch(CLUSTER, {"op": "remove", "path": f"{WORKER_TEMPLATE}{RAY_CONTAINER}/envFrom"})
    _renew(stage, WORKER)
    stage.await_running(WORKER)


def _deleted(stage: Stage) -> None:
    stage.kubectl("delete", *CLUSTER.split("/"), "--wait=true")
    stage.kubectl("wait", "--for=delete", "pod", "-l", IN_CLUSTER, READY_S)


def _suspended(stage: Stage) -> None:
    stage.patch(CLUSTER, {"op": "add", "path": "/spec/suspend", "value": True})
    stage.kubectl("wait", "--for=delete", "pod", "-l", IN_CLUSTER, READY_S)


def _reference_to_nothing(stage: Stage) -> None:
    path = f"{HEAD_TEMPLATE}{RAY_CONTAINER}/envFrom/0/configMapRef/name"
    stage.patch(CLUSTER, {"op": "replace", "path": path, "value": "seedcore-envs"})
    _renew(stage, HEAD)
    _await_waiting(stage, "CreateContainerConfigError")


def _unknown_parameter(stage: Stage) -> None:
    path = "/spec/headGroupSpec/rayStartParams/no-such-option"
    stage.patch(CLUSTER, {"op": "add", "path": path, "value": "1"})
    _renew(stage, HEAD)
    _await_waiting(stage, "CrashLoopBackOff")


def _await_waiting(stage: Stage, reason: str) -> None:
    waiting = "--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=" + reason
    stage.kubectl("wait", waiting, "pod", "-l", HEAD, READY_S)


def _without_the_parameter(stage: Stage) -> None:
    """By hand: what is wrong stands in the head's log; no rule knows what was meant."""
    path = "/spec/headGroupSpec/rayStartParams/no-such-option"
    stage.patch(CLUSTER, {"op": "remove", "path": path})
    stage.renew_ray_pods()


def _no_node_for_worker(stage: Stage) -> None:
    path = f"{WORKER_TEMPLATE}/spec/nodeSelector"
    stage.patch(CLUSTER, {"op": "add", "path": path, "value": {"disk": "none-has-it"}})
    _renew(stage, WORKER)
    stage.kubectl("wait", "--for=condition=PodScheduled=false", "pod", "-l", WORKER, READY_S)


def _for_any_node(stage: Stage) -> None:
    """By hand: whether the selector is a mistake, or a node lacks its label, people know."""
    stage.patch(CLUSTER, {"op": "remove", "path": f"{WORKER_TEMPLATE}/spec/nodeSelector"})
    _renew(stage, WORKER)


def _of_a_former_template(stage: Stage) -> None:
    """The worker is made from another template, which is set right again behind its back."""
    path = f"{WORKER_TEMPLATE}{RAY_CONTAINER}/resources/limits/memory"
    stage.patch(CLUSTER, {"op": "replace", "path": path, "value": "2500Mi"})
    _renew(stage, WORKER)
    stage.await_running(WORKER)
    stage.patch(CLUSTER, {"op": "replace", "path": path, "value": "2Gi"})


def _of_former_settings(stage: Stage) -> None:
    """The worker starts with another value of a key, which is set right again later."""
    right = stage.get("configmap", "seedcore-env")["data"]["RAY_SERVE_URL"]
    stage.set_keys("seedcore-env", RAY_SERVE_URL="http://seedcore-old-head-svc:8000")
    _renew(stage, WORKER)
    stage.await_running(WORKER)
    stage.set_keys("seedcore-env", RAY_SERVE_URL=right)


@contextlib.contextmanager
def _another_beside(stage: Stage) -> Iterator[None]:
    """A second RayCluster; suspended, since its pods would show nothing more."""
    spec = {**stage.get(*CLUSTER.split("/"))["spec"], "suspend": True}
    stage.create(
        {
            "apiVersion": "ray.io/v1",
            "kind": "RayCluster",
            "metadata": {"name": "older"},
            "spec": spec,
        }
    )
    try:
        yield
    finally:
        _delete_older(stage)


@contextlib.contextmanager
def _another_beside_and_no_clue(stage: Stage) -> Iterator[None]:
    """The clients' address names a Service of one's own, which no RayCluster is known by."""
    service = {"selector": {"ray.io/node-type": "head"}, "ports": [{"port": 10001}]}
    with _another_beside(stage):
        stage.create(
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "the-ray"},
                "spec": {**service, "clusterIP": "None"},
            }
        )
        stage.set_keys("seedcore-client-env", RAY_ADDRESS="ray://the-ray:10001")
        stage.renew("api", "serve")
        stage.rolled_out("api", "serve")
        yield
        stage.kubectl("delete", "service", "the-ray")


@contextlib.contextmanager
def without_overlay(stage: Stage) -> Iterator[Stage]:
    """As on a machine that does not have the repository."""
    with tempfile.TemporaryDirectory() as folder:
        yield replace(stage, bench=replace(stage.bench, cwd=Path(folder)), overlay=())


def _older_one_deleted(stage: Stage) -> None:
    """By hand: which of the two is meant, nobody but people can say."""
    _delete_older(stage)
    stage.set_keys("seedcore-client-env", RAY_ADDRESS=ADDRESS["value"])
    stage.renew("api", "serve")


def _delete_older(stage: Stage) -> None:
    stage.kubectl("delete", "raycluster", "older", "--ignore-not-found", "--wait=true")


def _fault(name: str, make: object, *found: Expected, **more: object) -> Fault:
    return Fault(name, FAMILY, make, found, cost=Cost.RAY, **more)  # type: ignore[arg-type]


FAULTS = (
    _fault(
        "The head's template reads the client settings",
        _client_settings_of_head,
        Expected("SC103", f"{CLUSTER} headgroup", "seedcore-client-env"),
        ci=True,
    ),
    _fault(
        "The worker's own env has the clients' RAY_ADDRESS",
        _address_of_worker,
        Expected("SC105", f"{CLUSTER} worker RAY_ADDRESS", "KubeRay leaves"),
    ),
    _fault(
        "The worker does not read the shared settings",
        _no_shared_settings_of_worker,
        Expected("SC109", f"{CLUSTER} workers", "seedcore-env"),
    ),
    _fault(
        "The worker was made from a former template",
        _of_a_former_template,
        Expected("SC303", "pod/seedcore-workers-worker-*", "KubeRay does not replace pods"),
    ),
    _fault(
        "The worker started with a former value of the shared settings",
        _of_former_settings,
        Expected("SC303", "pod/seedcore-workers-worker-*", "before its ConfigMap"),
    ),
    _fault(
        "No node takes the worker",
        _no_node_for_worker,
        Expected("SC302", "pod/seedcore-workers-worker-*", "affinity/selector"),
        by_hand=_for_any_node,
        options=WAITED,
    ),
    _fault(
        "A second RayCluster is beside the one of the overlay",
        _another_beside,
        Expected("SC305", "raycluster/older", "renamed", hint=True),
        answer=Answer.PROVEN,
        ci=True,
    ),
    _fault(
        "Nothing tells which of two RayClusters is meant",
        _another_beside_and_no_clue,
        Expected("SC305", "raycluster/older, seedcore", "neither an overlay nor"),
        during=without_overlay,
        by_hand=_older_one_deleted,
    ),
    _fault(
        "The RayCluster is suspended",
        _suspended,
        Expected("SC301", f"{CLUSTER} headgroup", "suspended"),
    ),
    _fault("The RayCluster is deleted", _deleted, Expected("SC305", CLUSTER, "deleted")),
    _fault(
        "The head refers to a ConfigMap that does not exist",
        _reference_to_nothing,
        Expected("SC202", f"{CLUSTER} ray-head configmap/seedcore-envs", "starts no container"),
    ),
    _fault(
        "The head's own env has the clients' RAY_ADDRESS",
        _address_of_head,
        Expected("SC105", f"{CLUSTER} head RAY_ADDRESS", "KubeRay leaves"),
    ),
    _fault(
        "The head ends at an option that Ray does not know",
        _unknown_parameter,
        Expected("SC302", "pod/seedcore-head-*", "CrashLoopBackOff"),
        by_hand=_without_the_parameter,
        options=WAITED,
    ),
)
