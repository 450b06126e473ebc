"""What is wrong on the way from a client to the head, or inside of Ray."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import partial

from seedcore_deploy.judge.times import YOUNG_HEAD_S
from tests.e2e.conftest import CLUSTER
from tests.support.inside_pods import eventually
from tests.support.network_rules import NodeNetwork
from tests.support.stage import HEAD, READY_S, WORKER, Stage

from .declaration import WAITED, Answer, Cost, Expected, Family, Fault
from .neighbours import CLIENT_PORT, second_ray, web_server

FAMILY = Family.CONNECTION
HEAD_SERVICE = "seedcore-head-svc"
SERVICE = f"service/{HEAD_SERVICE}"
POD_SPEC = "/spec/template/spec"
Make = Callable[[Stage], AbstractContextManager[None] | None]


def _select(stage: Stage, app: str, *ips: str) -> None:
    """Let the head service pick other pods; KubeRay does not set its selector right again."""
    selector = {"op": "replace", "path": "/spec/selector", "value": {"app": app}}
    stage.patch(SERVICE, selector)
    slices = ("endpointslices", "-l", f"kubernetes.io/service-name={HEAD_SERVICE}")
    path = "--for=jsonpath={.endpoints[0].addresses[0]}"
    for ip in ips:
        stage.kubectl("wait", *slices, f"{path}={ip}", READY_S)


@contextlib.contextmanager
def _second_ray_selected(stage: Stage) -> Iterator[None]:
    with second_ray(stage) as ip:
        _select(stage, "other-ray", ip)
        yield


def _merge(stage: Stage, what: str, change: Mapping[str, object]) -> None:
    stage.kubectl("patch", *what.split("/"), "--type=merge", "-p", json.dumps(change))


def _nothing_selected(stage: Stage) -> None:
    _select(stage, "nobody")


def _external_name(stage: Stage) -> None:
    other = {
        "type": "ExternalName",
        "externalName": "seedcore-head-svc.elsewhere.svc.cluster.local",
        "clusterIP": None,
        "clusterIPs": None,
    }
    _merge(stage, SERVICE, {"spec": other})


@contextlib.contextmanager
def _second_ray_beside_the_head(stage: Stage) -> Iterator[None]:
    """Both answer in turn: which of them a client reaches is a matter of luck."""
    with second_ray(stage) as ip:
        _add_endpoint(stage, ip)
        yield


def _api_beside_the_head(stage: Stage) -> None:
    _add_endpoint(stage, stage.client("api")["status"]["podIP"])


def _add_endpoint(stage: Stage, ip: str) -> None:
    """A hand-made EndpointSlice: the controller leaves alone what it did not make."""
    stage.create(
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": "seedcore-head-by-hand",
                "labels": {"kubernetes.io/service-name": HEAD_SERVICE},
            },
            "addressType": "IPv4",
            "endpoints": [{"addresses": [ip], "conditions": {"ready": True}}],
            "ports": [{"name": "client", "port": CLIENT_PORT, "protocol": "TCP"}],
        }
    )


def _serve_with(stage: Stage, **fields: object) -> None:
    """Serve's pod with other fields; its rollout leaves no pod of before (Recreate)."""
    former = stage.client("serve")["metadata"]["name"]
    _merge(stage, "deployment/seedcore-serve", {"spec": {"template": {"spec": fields}}})
    stage.kubectl("wait", "--for=delete", f"pod/{former}", READY_S)
    stage.await_running("app=seedcore-serve")


def _serve_as_before(stage: Stage) -> None:
    """By hand: `kubectl apply` takes away only what it set itself, and the API server none."""
    _serve_with(stage, dnsPolicy="ClusterFirst", dnsConfig=None, hostAliases=None)


def _without_dns(stage: Stage) -> None:
    _serve_with(stage, dnsPolicy="None", dnsConfig={"nameservers": ["127.0.0.1"]})


def _alias(stage: Stage, ip: str) -> None:
    _serve_with(stage, hostAliases=[{"ip": ip, "hostnames": [HEAD_SERVICE]}])


def _alias_of_a_pod_without_ray(stage: Stage) -> None:
    _alias(stage, stage.client("api")["status"]["podIP"])


def _alias_of(neighbour: Callable[[Stage], AbstractContextManager[str]]) -> Make:
    @contextlib.contextmanager
    def make(stage: Stage) -> Iterator[None]:
        with neighbour(stage) as ip:
            _alias(stage, ip)
            yield

    return make


def _network(stage: Stage) -> NodeNetwork:
    return NodeNetwork(CLUSTER, f"{stage.namespace}-fault")


def _dropped(port: int) -> Make:
    """Nothing that the API sends to a port of the head arrives, as with a firewall's rule."""

    @contextlib.contextmanager
    def make(stage: Stage) -> Iterator[None]:
        api, head = stage.client("api"), stage.pod(HEAD)
        with _network(stage).dropped(api["status"]["podIP"], head["status"]["podIP"], port):
            yield

    return make


def _let_all_pass(stage: Stage) -> None:
    """By hand: the rule is the node's, and no object of Kubernetes has it."""
    _network(stage).let_all_pass()


def _signal(stage: Stage, selector: str, container: str, program: str, signal: str) -> None:
    """Send a signal to a program of Ray; the command lines are those of Ray 2.60."""
    pod = stage.pod(selector)["metadata"]["name"]
    stage.in_pod(pod, "pkill", f"-{signal}", "-f", program, container=container)


def _await_grown_head(stage: Stage) -> None:
    """Until the head is no longer so young that what fails may come right by itself."""
    started = datetime.fromisoformat(stage.pod(HEAD)["status"]["startTime"])
    grown = started + timedelta(seconds=YOUNG_HEAD_S + _START_S)
    eventually(partial(datetime.now, UTC), lambda now: now > grown, 2 * YOUNG_HEAD_S)


def _gcs_frozen(stage: Stage) -> None:
    _await_grown_head(stage)
    _signal(stage, HEAD, "ray-head", "gcs/gcs_server", "STOP")


def _raylet_of_the_head_frozen(stage: Stage) -> None:
    _await_grown_head(stage)
    _signal(stage, HEAD, "ray-head", "raylet/raylet ", "STOP")


_START_S = 30.0
"""From the pod's start to that of its container."""
_UNTIL_DEAD = """\
import sys, time, ray
ray.init("auto", logging_level="ERROR")
ends = time.monotonic() + 240
while any(node["Alive"] and node["NodeManagerAddress"] == sys.argv[1] for node in ray.nodes()):
    assert time.monotonic() < ends, "the worker is still alive"
    time.sleep(0.5)
"""


def _raylet_of_the_worker_frozen(stage: Stage) -> None:
    """Until the GCS has declared the node dead: before that Ray itself counts it as alive."""
    head, ip = stage.pod(HEAD)["metadata"]["name"], stage.pod(WORKER)["status"]["podIP"]
    _signal(stage, WORKER, "ray-worker", "raylet/raylet ", "STOP")
    stage.in_pod(head, "python", "-c", _UNTIL_DEAD, ip, container="ray-head")


def _dashboard_killed(stage: Stage) -> None:
    _signal(stage, HEAD, "ray-head", "dashboard/dashboard.py", "KILL")


@contextlib.contextmanager
def _application_that_does_not_reconnect(stage: Stage) -> Iterator[None]:
    stage.kubectl("set", "env", "deployment/seedcore-api", "SEEDCORE_RECONNECT=0")
    stage.rolled_out("api")
    stage.renew_ray_pods()
    yield
    stage.kubectl("set", "env", "deployment/seedcore-api", "SEEDCORE_RECONNECT-")
    stage.rolled_out("api")


def _of_service(name: str, make: Make, because: str, *, ci: bool = False) -> Fault:
    """The Service itself is wrong: one finding on it, whatever follows for the clients."""
    return Fault(name, FAMILY, make, (Expected("SC402", SERVICE, because),), ci=ci)


def _of_serve(name: str, make: Make, rule: str, because: str) -> Fault:
    """Only Serve's own pod is wrong: the head and its Service have no part in it."""
    found = Expected(rule, "pod/seedcore-serve-*", because)
    # Its pod is new, and settling for two minutes.
    return Fault(name, FAMILY, make, (found,), by_hand=_serve_as_before, options=WAITED)


def _of_ray(name: str, make: Make, rule: str, subject: str, because: str, **more: object) -> Fault:
    found = Expected(rule, subject, because)
    return Fault(name, FAMILY, make, (found,), cost=Cost.RAY, **more)  # type: ignore[arg-type]


FAULTS = (
    _of_service("The head service leads to another Ray", _second_ray_selected, "selector", ci=True),
    _of_service("The head service leads to no pod", _nothing_selected, "selector"),
    _of_service("The head service is an ExternalName", _external_name, "stands for"),
    _of_service(
        "A second Ray stands behind the head service beside the head",
        *(_second_ray_beside_the_head, "EndpointSlice"),
    ),
    _of_service(
        "A pod without Ray stands behind the head service beside the head",
        *(_api_beside_the_head, "EndpointSlice"),
    ),
    _of_serve("Serve asks a DNS that is not there", _without_dns, "SC401", "does not resolve"),
    _of_serve(
        "Serve has another address for the head in its hosts",
        *(_alias_of_a_pod_without_ray, "SC401", "nothing listens"),
    ),
    _of_serve(
        "Serve has the address of a second Ray in its hosts",
        *(_alias_of(second_ray), "SC402", "not this RayCluster's head"),
    ),
    _of_serve(
        "A web server answers Serve on the client port",
        *(_alias_of(web_server), "SC401", "something else than Ray Client"),
    ),
    Fault(
        "The API's way to the client port is cut",
        FAMILY,
        _dropped(CLIENT_PORT),
        (Expected("SC401", "pod/seedcore-api-*", "nothing answered"),),
        by_hand=_let_all_pass,
        ci=True,
    ),
    _of_ray(
        "The GCS of the head is frozen",
        *(_gcs_frozen, "SC401", "pod/seedcore-head-*", "GCS"),
    ),
    _of_ray(
        "The raylet of the head is frozen",
        *(_raylet_of_the_head_frozen, "SC401", "pod/seedcore-head-*", "raylet"),
    ),
    _of_ray(
        "The raylet of the worker is frozen",
        *(_raylet_of_the_worker_frozen, "SC403", "pod/seedcore-workers-worker-*", "raylet"),
    ),
    _of_ray(
        "The API's own connection died with the former head",
        *(_application_that_does_not_reconnect, "SC404", "deployment/seedcore-api", "head"),
        options=WAITED,
    ),
    # Ray ends with it, and the kubelet starts the head again: that comes right by itself.
    Fault(
        "The dashboard of the head is killed",
        FAMILY,
        _dashboard_killed,
        cost=Cost.RAY,
        answer=Answer.PROVEN,
        options=WAITED,
    ),
)
