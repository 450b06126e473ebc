"""What is wrong where clients find the dashboard and Serve, while Ray Client itself answers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tests.e2e.conftest import CLUSTER
from tests.support.network_rules import NodeNetwork
from tests.support.stage import HEAD, READY_S, Stage

from .declaration import WAITED, Cost, Expected, Family, Fault

FAMILY = Family.CONNECTION
SERVICE = "service/seedcore-head-svc"
DASHBOARD_PORT, SERVE_PORT = 8265, 8000
_SHUT_DOWN = """\
import os, ray
from ray import serve
ray.init(os.environ["RAY_ADDRESS"], logging_level="ERROR", log_to_driver=False)
serve.shutdown()
"""


def _dashboard_frozen(stage: Stage) -> None:
    """Not killed: Ray ends with its dashboard, and the kubelet starts the head again.

    The head stays ready: KubeRay's readiness probe asks the agent.
    """
    head = stage.pod(HEAD)["metadata"]["name"]
    stage.in_pod(head, "pkill", "-STOP", "-f", "dashboard/dashboard.py", container="ray-head")


def _serve_shut_down(stage: Stage) -> None:
    """The deployer's own readiness asks the application, and is lost with it."""
    pod = stage.client("serve")["metadata"]["name"]
    stage.in_pod(pod, "python", "-c", _SHUT_DOWN)
    stage.kubectl("wait", "--for=condition=Ready=false", f"pod/{pod}", READY_S)


def _network(stage: Stage) -> NodeNetwork:
    return NodeNetwork(CLUSTER, f"{stage.namespace}-fault")


@contextlib.contextmanager
def _dropped(stage: Stage, port: int) -> Iterator[None]:
    api, head = stage.client("api"), stage.pod(HEAD)
    with _network(stage).dropped(api["status"]["podIP"], head["status"]["podIP"], port):
        yield


def _let_all_pass(stage: Stage) -> None:
    """By hand: the rule is the node's, and no object of Kubernetes has it."""
    _network(stage).let_all_pass()


FAULTS = (
    Fault(
        "The API's way to the dashboard is cut",
        FAMILY,
        lambda stage: _dropped(stage, DASHBOARD_PORT),
        (Expected("SC409", SERVICE, "something between"),),
        by_hand=_let_all_pass,
        options=WAITED,
    ),
    Fault(
        "The API's way to Serve is cut",
        FAMILY,
        lambda stage: _dropped(stage, SERVE_PORT),
        (Expected("SC410", SERVICE, "application seedcore RUNNING"),),
        by_hand=_let_all_pass,
        options=WAITED,
    ),
    # What deploys the application is unready for it: that nothing is served stands under it.
    Fault(
        "Serve is shut down",
        FAMILY,
        _serve_shut_down,
        (Expected("SC302", "pod/seedcore-serve-*", "readiness"),),
        options=WAITED,
    ),
    Fault(
        "The dashboard of the head is frozen",
        FAMILY,
        _dashboard_frozen,
        (Expected("SC409", SERVICE, "hangs"),),
        cost=Cost.RAY,
        options=WAITED,
    ),
)
