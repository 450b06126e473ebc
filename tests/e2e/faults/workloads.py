"""Client workloads that are not there, or whose pods do not come up."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tests.support.stage import CONTAINER, Stage

from .declaration import WAITED, Expected, Family, Fault

API = "deployment/seedcore-api"
PODS = "pod/seedcore-api-*"
FAMILY = Family.WORKLOADS
# A pod may take two minutes to come up, and a refusal may be over at the next try: until then
# verify says "settling", and waits.


def _scaled_to_zero(stage: Stage) -> None:
    stage.kubectl("scale", API, "--replicas=0")
    stage.kubectl("wait", "--for=delete", "pod", "-l", "app=seedcore-api", "--timeout=120s")


def _deleted(stage: Stage) -> None:
    stage.kubectl("delete", API, "--wait=true", "--cascade=foreground")


def _wrong_command(stage: Stage) -> None:
    """The pod of before stays: the rollout waits for the new one."""
    command = ["uvicorn", "seedcore_apy:app", "--port", "8080"]
    stage.patch(API, {"op": "replace", "path": f"{CONTAINER}/command", "value": command})
    stage.await_newest_waiting("api", "CrashLoopBackOff")


def _no_image(stage: Stage) -> None:
    image = "localhost/seedcore-client:nowhere"
    stage.patch(API, {"op": "replace", "path": f"{CONTAINER}/image", "value": image})
    stage.await_newest_waiting("api", "ImagePullBackOff")


def _never_ready(stage: Stage) -> None:
    path = f"{CONTAINER}/readinessProbe/httpGet/path"
    stage.patch(API, {"op": "replace", "path": path, "value": "/nowhere"})
    stage.await_newest_running("api")


@contextlib.contextmanager
def _quota(stage: Stage) -> Iterator[None]:
    quota = {"name": "no-pods"}
    stage.create(
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": quota,
            "spec": {"hard": {"pods": "1"}},
        }
    )
    stage.kubectl("wait", "resourcequota/no-pods", "--for=jsonpath={.status.used.pods}")
    stage.kubectl("delete", "pod", "-l", "app=seedcore-api", "--wait=true")
    stage.kubectl("wait", API, "--for=condition=ReplicaFailure", "--timeout=120s")
    yield
    stage.kubectl("delete", "resourcequota", "no-pods", "--ignore-not-found")


def _lift_quota(stage: Stage) -> None:
    stage.delete("resourcequota", "no-pods")
    stage.kubectl("rollout", "restart", API)  # its controller's own next try can be minutes away


def _paused_rollout(stage: Stage) -> None:
    """Somebody held the rollouts of the API; then its settings were changed."""
    stage.kubectl("rollout", "pause", API)
    stage.set_keys("seedcore-client-env", RAY_ADDRESS="ray://seedcore-old-head-svc:10001")
    stage.renew("api")


FAULTS = (
    Fault(
        "The API is scaled to 0",
        FAMILY,
        _scaled_to_zero,
        (Expected("SC301", API, "scaled it down"),),
    ),
    Fault(
        "The API's Deployment is deleted",
        FAMILY,
        _deleted,
        (Expected("SC301", API, "deleted"),),
    ),
    Fault(
        "The API's command names a module that does not exist",
        FAMILY,
        _wrong_command,
        (Expected("SC302", PODS, "exit code 3"),),
        options=WAITED,
        ci=True,
    ),
    Fault(
        "The API's image does not exist",
        FAMILY,
        _no_image,
        (Expected("SC302", PODS, "localhost/seedcore-client:nowhere"),),
        options=WAITED,
    ),
    Fault(
        "The API's readiness probe asks for what is not there",
        FAMILY,
        _never_ready,
        (Expected("SC302", PODS, "readiness probe"),),
        options=WAITED,
    ),
    # A quota is somebody's decision: whether it is raised, or something else makes room, is not
    # for a printed command to choose.
    Fault(
        "A quota lets no pod of the API be made",
        FAMILY,
        _quota,
        (Expected("SC301", API, "exceeded quota: no-pods"),),
        by_hand=_lift_quota,
        options=WAITED,
    ),
    Fault(
        "The API has a wrong address while its rollouts are paused",
        FAMILY,
        _paused_rollout,
        (Expected("SC203", "configmap/seedcore-client-env RAY_ADDRESS", "seedcore-old-head-svc"),),
    ),
)
