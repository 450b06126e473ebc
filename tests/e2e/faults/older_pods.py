"""Pods that run with other settings than their template would give them now."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from tests.support.stage import CONTAINER, UVICORN, Stage

from .declaration import Expected, Family, Fault

CLIENT = "seedcore-client-env"
API = "deployment/seedcore-api"
PODS = "pod/seedcore-api-*"
FAMILY = Family.OLDER_PODS


def _started_with(key: str, value: str) -> Callable[[Stage], None]:
    """The API starts while the key has another value than before and after."""

    def make(stage: Stage) -> None:
        before = stage.get("configmap", CLIENT)["data"][key]
        stage.set_keys(CLIENT, **{key: value})
        stage.renew("api")
        stage.set_keys(CLIENT, **{key: before})

    return make


@contextlib.contextmanager
def _one_replica_of_two(stage: Stage) -> Iterator[None]:
    _started_with("RAY_DASHBOARD_ADDRESS", "http://seedcore-head-svc:8000")(stage)
    stage.rolled_out("api")
    stage.kubectl("scale", API, "--replicas=2")
    stage.rolled_out("api")
    yield
    stage.kubectl("scale", API, "--replicas=1")
    stage.rolled_out("api")


def _command(*words: str) -> Callable[[Stage], None]:
    """The API's program is started by way of these words."""

    def make(stage: Stage) -> None:
        stage.patch(API, {"op": "replace", "path": f"{CONTAINER}/command", "value": [*words]})
        stage.await_newest_running("api")

    return make


FAULTS = (
    Fault(
        "The API was started before RAY_DASHBOARD_ADDRESS was changed",
        FAMILY,
        _started_with("RAY_DASHBOARD_ADDRESS", "http://seedcore-head-svc:8000"),
        (Expected("SC303", PODS, "started before"),),
        ci=True,
    ),
    Fault(
        "The API was started while RAY_ADDRESS was local",
        FAMILY,
        _started_with("RAY_ADDRESS", "local"),
        (Expected("SC303", PODS, "started before"),),
    ),
    Fault(
        "One of two replicas of the API is older than its settings",
        FAMILY,
        _one_replica_of_two,
        (Expected("SC303", PODS, "started before"),),
    ),
    Fault(
        "The API's command sets another RAY_NAMESPACE",
        FAMILY,
        _command("sh", "-c", f"RAY_NAMESPACE=other exec {UVICORN}"),
        (Expected("SC304", f"{PODS} RAY_NAMESPACE", "command"),),
    ),
    Fault(
        "The API's command takes RAY_ADDRESS away",
        FAMILY,
        _command("env", "-u", "RAY_ADDRESS", *UVICORN.split()),
        (Expected("SC304", f"{PODS} RAY_ADDRESS", "command"),),
    ),
)
