"""What is wrong with the settings that clients of Ray must have."""

from __future__ import annotations

from collections.abc import Callable

from .declaration import Expected, Family, Fault
from .stage import CONTAINER, Stage

CLIENT = "seedcore-client-env"
KEY = f"configmap/{CLIENT} "


def _key(name: str, value: str | None) -> Callable[[Stage], None]:
    """The key is changed by hand, and the API starts with it."""

    def make(stage: Stage) -> None:
        stage.set_keys(CLIENT, **{name: value})
        stage.renew("api")

    return make


def _address(name: str, value: str | None, because: str, *, ci: bool = False) -> Fault:
    found = Expected("SC104", KEY + "RAY_ADDRESS", because)
    make = _key("RAY_ADDRESS", value)
    return Fault(name, Family.CLIENT_SETTINGS, make, (found,), ci=ci)


def _other_namespace_of_serve(stage: Stage) -> None:
    entry = {"name": "RAY_NAMESPACE", "value": "elsewhere"}
    stage.patch(
        "deployment/seedcore-serve", {"op": "add", "path": f"{CONTAINER}/env", "value": [entry]}
    )
    stage.await_running("app=seedcore-serve")


FAULTS = (
    _address("RAY_ADDRESS is removed from the client settings", None, "has no key", ci=True),
    _address("RAY_ADDRESS of clients is local", "local", "local"),
    _address("RAY_ADDRESS of clients is empty", "", "empty"),
)
