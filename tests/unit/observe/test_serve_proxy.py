"""Which worker of a RayService is well though Kubernetes calls it unready."""

from typing import Any

import pytest

from seedcore_deploy.observe.serve_proxy import lacks_proxy_only

RAYLET = "wget --tries 1 -T 2 -q -O- http://localhost:52365/api/local_raylet_healthz | grep success"
PROXY = "wget --tries 1 -T 10 -q -O- http://localhost:8000/-/healthz | grep success"
RUNNING = {"running": {"startedAt": "T1"}}
CRASHING = {"waiting": {"reason": "CrashLoopBackOff"}}


def state(name: str = "ray-worker", *, ready: bool = False, **parts: Any) -> dict[str, Any]:
    return {"name": name, "ready": ready, "state": RUNNING, **parts}


def is_well(command: str, *states: dict[str, Any]) -> bool:
    probe = {"exec": {"command": ["bash", "-c", command]}}
    container = {"name": "ray-worker", "readinessProbe": probe}
    return lacks_proxy_only({"status": {"containerStatuses": list(states)}}, container)


def test_a_running_worker_that_is_asked_for_a_proxy_may_lack_no_more_than_that() -> None:
    assert is_well(f"{RAYLET} && {PROXY}", state(), state("sidecar", ready=True))


@pytest.mark.parametrize(
    ("command", "states"),
    [
        pytest.param(RAYLET, [state()], id="its raylet alone is asked"),
        pytest.param(PROXY, [state(ready=True)], id="it is ready"),
        pytest.param(PROXY, [state(state=CRASHING)], id="it does not run"),
        pytest.param(PROXY, [state(), state("sidecar")], id="its sidecar is not ready either"),
        pytest.param(PROXY, [state(ready=True), state("sidecar")], id="its sidecar is not ready"),
        pytest.param(PROXY, [], id="nothing is known of its containers"),
    ],
)
def test_anything_else_says_nothing_of_a_proxy(command: str, states: list[dict[str, Any]]) -> None:
    assert not is_well(command, *states)
