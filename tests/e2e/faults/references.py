"""ConfigMaps that are not there, and templates that do not read what they must."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping

from tests.support.stage import CONTAINER, Stage

from .declaration import Expected, Family, Fault

CLIENT, SHARED = "seedcore-client-env", "seedcore-env"
API = "deployment/seedcore-api"
FAMILY = Family.REFERENCES


def _deleted(name: str) -> Callable[[Stage], None]:
    return lambda stage: stage.delete("configmap", name)


def _deleted_though_optional(stage: Stage) -> None:
    stage.delete("configmap", CLIENT)
    optional = {"configMapRef": {"name": CLIENT, "optional": True}}
    _template(stage, {"op": "replace", "path": f"{CONTAINER}/envFrom/1", "value": optional})
    stage.await_newest_running("api")


def _template(stage: Stage, *operations: Mapping[str, object]) -> None:
    stage.patch(API, *operations)


def _another_name(stage: Stage) -> None:
    path = f"{CONTAINER}/envFrom/1/configMapRef/name"
    _template(stage, {"op": "replace", "path": path, "value": "seedcore-client-envs"})
    stage.await_newest_waiting("api", "CreateContainerConfigError")


def _another_key(stage: Stage) -> None:
    reference = {"configMapKeyRef": {"name": CLIENT, "key": "ADDRESS"}}
    entry = {"name": "RAY_ADDRESS", "valueFrom": reference}
    _template(stage, {"op": "add", "path": f"{CONTAINER}/env", "value": [entry]})
    stage.await_newest_waiting("api", "CreateContainerConfigError")


@contextlib.contextmanager
def _renamed(stage: Stage) -> Iterator[None]:
    """As after an apply whose kustomization has a hash or a nameSuffix, and a template without."""
    data = stage.get("configmap", CLIENT)["data"]
    name = f"{CLIENT}-5h2"
    metadata = {"name": name}
    stage.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})
    stage.delete("configmap", CLIENT)
    yield
    stage.kubectl("delete", "configmap", name, "--ignore-not-found")


def _client_settings_unread(stage: Stage) -> None:
    _template(stage, {"op": "remove", "path": f"{CONTAINER}/envFrom/1"})
    stage.await_newest_running("api")


def _nothing_read(stage: Stage) -> None:
    _template(stage, {"op": "remove", "path": f"{CONTAINER}/envFrom"})
    stage.await_newest_running("api")


FAULTS = (
    Fault(
        "The client settings are deleted",
        FAMILY,
        _deleted(CLIENT),
        (Expected("SC201", f"configmap/{CLIENT}", "deleted"),),
        ci=True,
    ),
    Fault(
        "The client settings are deleted, and the API started without them",
        FAMILY,
        _deleted_though_optional,
        (Expected("SC201", f"configmap/{CLIENT}", "deleted"),),
    ),
    Fault(
        "The shared settings are deleted",
        FAMILY,
        _deleted(SHARED),
        (Expected("SC201", f"configmap/{SHARED}", "deleted"),),
    ),
    Fault(
        "The API's template names a ConfigMap that does not exist",
        FAMILY,
        _another_name,
        (Expected("SC202", f"{API} api configmap/seedcore-client-envs", "no container"),),
        ci=True,
    ),
    Fault(
        "The API's template names a key that does not exist",
        FAMILY,
        _another_key,
        (Expected("SC202", f"{API} api configmap/{CLIENT} key ADDRESS", "no container"),),
    ),
    Fault(
        "The client settings stand there under a name with a suffix",
        FAMILY,
        _renamed,
        (Expected("SC205", f"configmap/{CLIENT}", f"{CLIENT}-5h2"),),
    ),
    Fault(
        "The API does not read the client settings",
        FAMILY,
        _client_settings_unread,
        (Expected("SC104", API, f"does not read configmap/{CLIENT}"),),
    ),
    Fault(
        "The API reads no settings at all",
        FAMILY,
        _nothing_read,
        (Expected("SC104", API, f"does not read configmap/{CLIENT}"),),
    ),
)
