"""What is wrong with the settings that clients of Ray must have."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from tests.support.stage import CONTAINER, Stage

from .declaration import Expected, Family, Fault
from .variants import CLIENT_MAP, CLIENTS, remove, variant

CLIENT = "seedcore-client-env"
HEAD_SERVICE, AUTO_CONNECT = "seedcore-head-svc", "RAY_ENABLE_AUTO_CONNECT"
FAMILY = Family.CLIENT_SETTINGS


def _key(
    name: str, key: str, value: str | None, rule: str, because: str, *, ci: bool = False
) -> Fault:
    """The key is changed by hand (None: removed), and the API starts with it."""

    def make(stage: Stage) -> None:
        stage.set_keys(CLIENT, **{key: value})
        stage.renew("api")

    found = Expected(rule, f"configmap/{CLIENT} {key}", because)
    return Fault(name, FAMILY, make, (found,), ci=ci)


def _address(name: str, value: str | None, because: str, *, ci: bool = False) -> Fault:
    return _key(name, "RAY_ADDRESS", value, "SC104", because, ci=ci)


def _own_namespace_of_serve(stage: Stage) -> None:
    entry = {"name": "RAY_NAMESPACE", "value": "elsewhere"}
    stage.patch(
        "deployment/seedcore-serve", {"op": "add", "path": f"{CONTAINER}/env", "value": [entry]}
    )
    stage.rolled_out("serve")


@contextlib.contextmanager
def _address_from_a_secret(stage: Stage) -> Iterator[None]:
    """A rollout that waits for ever, as its pod does; the pod of before stays."""
    stage.create(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "ray-address"},
            "stringData": {"address": "ray://seedcore-old-head-svc:10001"},
        }
    )
    reference = {"secretKeyRef": {"name": "ray-address", "key": "address"}}
    entry = {"name": "RAY_ADDRESS", "valueFrom": reference}
    stage.patch(
        "deployment/seedcore-api", {"op": "add", "path": f"{CONTAINER}/env", "value": [entry]}
    )
    stage.await_newest_running("api")
    yield
    stage.kubectl("delete", "secret", "ray-address")


@contextlib.contextmanager
def _service_links(stage: Stage) -> Iterator[None]:
    stage.create(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "ray"},
            "spec": {"selector": {"app": "nobody"}, "ports": [{"port": 10001}]},
        }
    )
    links = "/spec/template/spec/enableServiceLinks"
    stage.patch("deployment/seedcore-api", {"op": "replace", "path": links, "value": True})
    stage.rolled_out("api")
    yield
    stage.kubectl("delete", "service", "ray")


def _fault(
    name: str,
    make: Callable[[Stage], contextlib.AbstractContextManager[None] | None],
    *found: Expected,
    ci: bool = False,
) -> Fault:
    return Fault(name, FAMILY, make, found, ci=ci)


FAULTS = (
    _address("RAY_ADDRESS is removed from the client settings", None, "has no key", ci=True),
    _address("RAY_ADDRESS of clients is local", "local", "local"),
    _address("RAY_ADDRESS of clients is empty", "", "empty"),
    _address("RAY_ADDRESS of clients is auto", "auto", "inside the pod"),
    _address("RAY_ADDRESS has a typing error in its scheme", f"rya://{HEAD_SERVICE}:10001", "rya"),
    _address("RAY_ADDRESS is an http address", f"http://{HEAD_SERVICE}:10001", "http"),
    _address("RAY_ADDRESS is a bare host and port", f"{HEAD_SERVICE}:10001", "lacks the scheme"),
    _address("RAY_ADDRESS has the port of the GCS", f"ray://{HEAD_SERVICE}:6379", "6379"),
    _address("RAY_ADDRESS has no port", f"ray://{HEAD_SERVICE}", "no port"),
    _key(
        "RAY_SERVE_ADDRESS is removed from the client settings",
        *("RAY_SERVE_ADDRESS", None, "SC101", "has no key"),
    ),
    _key(
        "RAY_DASHBOARD_ADDRESS has a port that nobody has",
        *("RAY_DASHBOARD_ADDRESS", f"http://{HEAD_SERVICE}:8266", "SC102", "no port 8266"),
    ),
    _key(
        "RAY_ADDRESS names the service of a former head",
        *("RAY_ADDRESS", "ray://seedcore-old-head-svc:10001", "SC203", HEAD_SERVICE),
    ),
    _key(
        "RAY_DASHBOARD_ADDRESS leads to another namespace",
        *("RAY_DASHBOARD_ADDRESS", f"http://{HEAD_SERVICE}.elsewhere:8265"),
        *("SC203", "in another namespace"),
    ),
    _key(
        "RAY_SERVE_ADDRESS names another host",
        *("RAY_SERVE_ADDRESS", "http://seedcore-serve-svc:8000", "SC203", HEAD_SERVICE),
    ),
    _fault(
        "Serve has a RAY_NAMESPACE of its own",
        _own_namespace_of_serve,
        Expected("SC107", "deployment/seedcore-serve RAY_NAMESPACE", "deployment/seedcore-serve"),
    ),
    # What the Secret has nobody may read out: that the entry is foreign to the overlay, and that
    # the connection fails with it, can be said without.
    _fault(
        "RAY_ADDRESS of the API comes from a Secret that has it wrong",
        _address_from_a_secret,
        Expected("SC204", "deployment/seedcore-api RAY_ADDRESS", "overlay"),
    ),
    _fault(
        "A Service named ray puts its variables into the API",
        _service_links,
        Expected("SC108", "service/ray", "RAY_"),
    ),
    Fault(
        "RAY_ENABLE_AUTO_CONNECT is not in the client settings",
        FAMILY,
        variant({CLIENT_MAP: [remove(f"/data/{AUTO_CONNECT}")]}, restart=CLIENTS),
        (Expected("SC110", f"configmap/{CLIENT} {AUTO_CONNECT}", "ray.init()", hint=True),),
    ),
)
