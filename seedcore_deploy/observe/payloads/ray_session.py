"""One connection to Ray, one task on the head, and away again. Runs inside pods, with ray.

Runs alone in a process of its own (it imports nothing of ours) and reports one JSON line for
each stage on the real stdout; what ray prints goes to stderr. Called with: address, seconds for
the task.
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import signal
import sys
from typing import Any


def main() -> None:
    """Run all stages; the first that fails is reported and ends the process."""
    # Should the watchdog be killed, this process must not outlive it.
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    real = os.dup(1)
    os.dup2(2, 1)

    def report(stage: str, **facts: Any) -> None:
        os.write(real, json.dumps({"stage": stage, **facts}).encode() + b"\n")

    address, task_seconds = sys.argv[1], float(sys.argv[2])
    try:
        report("import")
        import ray

        report("connect", ray_version=ray.__version__, python_version=platform.python_version())
        options: dict[str, Any] = {"logging_level": "ERROR", "log_to_driver": False}
        namespace = os.environ.get("RAY_NAMESPACE")
        if namespace:
            options["namespace"] = namespace
        context = ray.init(address=address, **options)
        try:
            _look_around(ray, context, task_seconds, report)
            report("shutdown")
        finally:
            ray.shutdown()
        report("done")
    except BaseException as fault:
        report("failed", kind=type(fault).__name__, error=str(fault)[:2000])
        sys.exit(1)


def _look_around(ray: Any, context: Any, task_seconds: float, report: Any) -> None:
    mode = {"ClientContext": "client", "RayContext": "direct"}.get(type(context).__name__, "")
    own = ray.get_runtime_context()
    report(
        "task",
        mode=mode,
        namespace=str(own.namespace),
        own_node_id=str(own.get_node_id()) if mode == "direct" else "",
        server_version=str(getattr(context, "ray_version", "")),
        # Of ClientContext alone: the Ray Client sessions that the head has, ours among them.
        sessions=getattr(context, "_num_clients", None),
    )

    def where() -> tuple[str, str]:
        import ray as ray_there

        there = ray_there.get_runtime_context()
        return there.get_node_id(), there.get_session_name()

    # As a decorator it would need ray at import time; the resource exists on the head alone.
    options = {"num_cpus": 0, "max_retries": 0, "resources": {"node:__internal_head__": 0.001}}
    node_id, session = ray.get(ray.remote(**options)(where).remote(), timeout=task_seconds)
    report("nodes", head_node_id=node_id, session=session)
    nodes = [
        {
            "node_id": str(node["NodeID"]),
            "ip": str(node["NodeManagerAddress"]),
            "alive": bool(node["Alive"]),
            "head": "node:__internal_head__" in (node.get("Resources") or {}),
        }
        for node in ray.nodes()
    ]
    report("nodes", nodes=nodes)


if __name__ == "__main__":
    main()
