"""What is wrong with the token that a head with token authentication asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from tests.support.stage import CONTAINER, Stage

from .declaration import WAITED, Cost, Expected, Family, Fault
from .ray_pods import without_overlay

FAMILY = Family.CREDENTIAL
CLUSTER = "raycluster/seedcore"
CLIENTS = ("api", "serve")
MODE = {"name": "RAY_AUTH_MODE", "value": "token"}
WRONG_TOKEN = {"name": "RAY_AUTH_TOKEN", "value": "0" * 64}


def _with_token(
    *entries: dict[str, str],
) -> Callable[[Stage], AbstractContextManager[Stage]]:
    """The head asks for a token (KubeRay makes it); the clients get these variables.

    Judged as by somebody without the repository: the overlay knows nothing of a token, and would
    be a second thing to mend.
    """

    @contextmanager
    def make(stage: Stage) -> Iterator[Stage]:
        options = {"op": "add", "path": "/spec/authOptions", "value": {"mode": "token"}}
        stage.patch(CLUSTER, options)
        for app in CLIENTS if entries else ():
            # Without a rollout: the pods of before would stay beside those that cannot connect.
            env = {"op": "add", "path": f"{CONTAINER}/env", "value": list(entries)}
            stage.replace_template(app, env)
        stage.renew_ray_pods()
        stage.renew(*CLIENTS)
        with without_overlay(stage) as seen:
            yield seen
        stage.patch(CLUSTER, {"op": "remove", "path": "/spec/authOptions"})
        _set_env(stage, {"op": "remove", "path": f"{CONTAINER}/env"})
        stage.renew_ray_pods()
        stage.rolled_out(*CLIENTS)

    return make


def _set_env(stage: Stage, operation: dict[str, object]) -> None:
    for app in CLIENTS:
        stage.patch(f"deployment/seedcore-{app}", operation)


def _of_each_client(because: str) -> tuple[Expected, ...]:
    """Each client is given its credential by its own template."""
    return tuple(Expected("SC407", f"deployment/seedcore-{app}", because) for app in CLIENTS)


FAULTS = (
    Fault(
        "The head asks for a token, and the clients have none",
        FAMILY,
        _with_token(),
        _of_each_client("RAY_AUTH_MODE"),
        cost=Cost.RAY,
        options=WAITED,
    ),
    Fault(
        "The head asks for a token, and the clients have another",
        FAMILY,
        _with_token(MODE, WRONG_TOKEN),
        _of_each_client("RAY_AUTH_TOKEN"),
        cost=Cost.RAY,
        options=WAITED,
    ),
)
