"""What is wrong with the settings that every role shares."""

from __future__ import annotations

from tests.support.stage import CONTAINER, Stage

from .declaration import Expected, Family, Fault

SHARED = "seedcore-env"
FAMILY = Family.SHARED_SETTINGS
ON_THE_KEY = Expected("SC106", f"configmap/{SHARED} RAY_ADDRESS")


def _covered_address(stage: Stage) -> None:
    stage.set_keys(SHARED, RAY_ADDRESS="ray://seedcore-head-svc:10001")


def _address_that_wins(stage: Stage) -> None:
    """The last reference that has a key wins."""
    stage.set_keys(SHARED, RAY_ADDRESS="local")
    again = {"configMapRef": {"name": SHARED}}
    stage.patch(
        "deployment/seedcore-api",
        {"op": "remove", "path": f"{CONTAINER}/envFrom/0"},
        {"op": "add", "path": f"{CONTAINER}/envFrom/-", "value": again},
    )
    stage.await_newest_running("api")


def _unread(stage: Stage) -> None:
    stage.patch("deployment/seedcore-api", {"op": "remove", "path": f"{CONTAINER}/envFrom/0"})
    stage.rolled_out("api")


FAULTS = (
    Fault(
        "RAY_ADDRESS is in the shared settings, and hidden everywhere",
        FAMILY,
        _covered_address,
        (ON_THE_KEY,),
        ci=True,
    ),
    # Two causes: without the key the order would still be wrong, and without the wrong order
    # the key would still be a trap.
    Fault(
        "RAY_ADDRESS is in the shared settings, and the API reads them last",
        FAMILY,
        _address_that_wins,
        (ON_THE_KEY, Expected("SC204", "deployment/seedcore-api envFrom", "by hand")),
    ),
    Fault(
        "The API does not read the shared settings",
        FAMILY,
        _unread,
        (Expected("SC109", "deployment/seedcore-api", "deployment/seedcore-api"),),
    ),
)
