"""Deploys the Ray Serve application to the Ray cluster, and deploys it anew when need be.

It runs as ``python -m seedcore_serve``: what is defined in ``__main__`` travels to the
cluster by value, so that the Ray image need not contain this file.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from ray import serve
from seedcore_link import Link, add_health, add_metrics, set_up_logging

from seedcore.utils.ray_config import get_ray_serve_address

APPLICATION = "seedcore"
ANSWER_S = 2.0
ALL = "0.0.0.0"  # noqa: S104 - a pod serves on its own address


@serve.deployment(
    num_replicas=1,
    ray_actor_options={"num_cpus": 0.1},
    logging_config={"enable_access_log": False},  # /readyz asks every few seconds
)
class Greeter:
    """The application: answers every request with who it is."""

    async def __call__(self) -> dict[str, Any]:
        """Answer one HTTP request."""
        return {"application": "seedcore", "status": "ok"}


def deploy() -> None:
    """Start Serve's proxy on the head, and run the application; returns when it is running."""
    serve.start(proxy_location="HeadOnly", http_options={"host": ALL, "port": 8000})
    serve.run(Greeter.bind(), name=APPLICATION, route_prefix="/")


def problem() -> str:
    """Return why the application does not serve now, or nothing."""
    if reason := LINK.problem():
        return reason
    address = get_ray_serve_address()  # http or https, or an error
    try:
        with urllib.request.urlopen(address, timeout=ANSWER_S) as response:  # noqa: S310
            answer = json.load(response)
    except (OSError, ValueError) as error:
        return f"the application does not answer: {error}"
    return "" if answer.get("application") == APPLICATION else "another application answers"


LINK = Link(on_connect=deploy)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Deploy while the service serves, and stop trying when it ends."""
    LINK.start()
    yield
    LINK.stop()


app = FastAPI(title="SeedCore Serve deployer", lifespan=lifespan)
add_health(app, problem)
add_metrics(app)

if __name__ == "__main__":
    set_up_logging()
    uvicorn.run(app, host=ALL, port=8081, access_log=False)
