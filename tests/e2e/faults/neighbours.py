"""What stands beside the pattern in a fault: another Ray, a program that is no Ray."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.support.stage import HEAD, READY_S, Stage

CLIENT_PORT = 10001


@contextlib.contextmanager
def second_ray(stage: Stage) -> Iterator[str]:
    """Another Ray of the same version; gives its IP."""
    image = stage.pod(HEAD)["spec"]["containers"][0]["image"]
    command = ("ray", "start", "--head", "--block", "--num-cpus=1")
    with _pod(stage, "other-ray", image, command, fork_support="0") as ip:
        yield ip


@contextlib.contextmanager
def web_server(stage: Stage) -> Iterator[str]:
    """A program that speaks HTTP on Ray Client's port; gives its IP."""
    image = stage.client("api")["spec"]["containers"][0]["image"]
    command = ("python", "-m", "http.server", str(CLIENT_PORT))
    with _pod(stage, "web-server", image, command) as ip:
        yield ip


@contextlib.contextmanager
def _pod(
    stage: Stage, name: str, image: str, command: Sequence[str], *, fork_support: str = "1"
) -> Iterator[str]:
    stage.create(_manifest(name, image, command, {"GRPC_ENABLE_FORK_SUPPORT": fork_support}))
    stage.kubectl("wait", "--for=condition=Ready", f"pod/{name}", READY_S)
    try:
        yield str(stage.get("pod", name)["status"]["podIP"])
    finally:
        stage.kubectl("delete", "pod", name, "--wait=true")


def _manifest(
    name: str, image: str, command: Sequence[str], env: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {
            "terminationGracePeriodSeconds": 1,
            "enableServiceLinks": False,
            "containers": [
                {
                    "name": name,
                    "image": image,
                    "command": list(command),
                    "env": [{"name": each, "value": value} for each, value in env.items()],
                    "readinessProbe": {"tcpSocket": {"port": CLIENT_PORT}, "periodSeconds": 1},
                }
            ],
        },
    }
