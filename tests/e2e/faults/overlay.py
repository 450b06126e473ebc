"""What is in the cluster and not in the overlay, though nothing is wrong with it in itself."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tests.support.autoscaler import autoscaler, scaled_to
from tests.support.stage import CONTAINER, READY_S, Stage

from .declaration import Expected, Family, Fault

CLIENT = "seedcore-client-env"
API = "deployment/seedcore-api"
FAMILY = Family.OVERLAY
DASHBOARD = "http://seedcore-head-svc:8265"
RECORDING = "RAY_ENABLE_RECORD_ACTOR_TASK_LOGGING"


def _long_host(stage: Stage) -> None:
    stage.set_keys(CLIENT, RAY_ADDRESS=f"ray://seedcore-head-svc.{stage.namespace}.svc:10001")


def _long_host_taken_up(stage: Stage) -> None:
    _long_host(stage)
    stage.renew("api")
    stage.rolled_out("api")


def _entry(stage: Stage) -> None:
    entry = {"name": "RAY_DASHBOARD_ADDRESS", "value": DASHBOARD}
    stage.patch(API, {"op": "add", "path": f"{CONTAINER}/env", "value": [entry]})
    stage.rolled_out("api")


@contextlib.contextmanager
def _entry_beside_an_autoscaler(stage: Stage) -> Iterator[None]:
    """The mend must not cost the second replica, which the overlay does not know of."""
    stage.create(autoscaler("seedcore-api", 2))
    stage.kubectl("wait", API, scaled_to(2), READY_S)
    _entry(stage)
    yield
    assert stage.get(API)["spec"]["replicas"] == 2
    stage.delete("horizontalpodautoscaler", "seedcore-api")
    stage.kubectl("scale", API, "--replicas=1")
    stage.rolled_out("api")


def _extra_key(stage: Stage) -> None:
    stage.set_keys(CLIENT, **{RECORDING: "1"})
    stage.renew("api")
    stage.rolled_out("api")


FAULTS = (
    Fault(
        "RAY_ADDRESS is changed by hand to another form that works",
        FAMILY,
        _long_host,
        (Expected("SC204", f"configmap/{CLIENT} RAY_ADDRESS", "by hand"),),
        ci=True,
    ),
    Fault(
        "RAY_ADDRESS is changed by hand to another form that works, and the API restarted",
        FAMILY,
        _long_host_taken_up,
        (Expected("SC204", f"configmap/{CLIENT} RAY_ADDRESS", "by hand"),),
    ),
    Fault(
        "The API's template got an entry of its own by hand",
        FAMILY,
        _entry,
        (Expected("SC204", f"{API} RAY_DASHBOARD_ADDRESS", "by hand"),),
    ),
    Fault(
        "The API's template got an entry of its own by hand, and an autoscaler a second replica",
        FAMILY,
        _entry_beside_an_autoscaler,
        (Expected("SC204", f"{API} RAY_DASHBOARD_ADDRESS", "by hand"),),
    ),
    Fault(
        "The client settings got another key by hand",
        FAMILY,
        _extra_key,
        (Expected("SC204", f"configmap/{CLIENT} {RECORDING}", "by hand"),),
    ),
)
