"""The API: a small service that runs its work as Ray tasks."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import ray
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field
from seedcore_link import Link, add_health, add_metrics, set_up_logging

TASK_TIMEOUT_S = float(os.environ.get("SEEDCORE_TASK_TIMEOUT_S", "30"))
LINK = Link()
# Calls into Ray Client block, for as long as a dead head lets them: they wait in threads
# of their own, a few, so that they cannot use up the server's.
CALLS = ThreadPoolExecutor(max_workers=8, thread_name_prefix="ray-call")


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Connect while the service serves, and stop trying when it ends."""
    set_up_logging()
    LINK.start()
    yield
    LINK.stop()


app = FastAPI(title="SeedCore API", lifespan=lifespan)
add_health(app, LINK.problem)
add_metrics(app)


class Numbers(BaseModel):
    """What is to be summed."""

    numbers: list[float] = Field(max_length=10_000)


def sum_on_ray(numbers: list[float]) -> dict[str, Any]:
    """Sum *numbers* in a Ray task; blocks for up to TASK_TIMEOUT_S."""

    def add(values: list[float]) -> tuple[float, str]:  # nested: it travels by value
        return sum(values), ray.get_runtime_context().get_node_id()

    task = ray.remote(add).options(num_cpus=0.1, max_retries=0)
    total, node = ray.get(task.remote(numbers), timeout=TASK_TIMEOUT_S)
    return {"sum": total, "node": node}


@app.post("/tasks/sum")
def tasks_sum(body: Numbers) -> dict[str, Any]:
    """Sum the numbers on the Ray cluster: 503 without Ray, 504 when it takes too long."""
    if reason := LINK.problem():
        raise HTTPException(503, reason)
    try:
        return CALLS.submit(sum_on_ray, body.numbers).result(TASK_TIMEOUT_S + 5)
    except TimeoutError as error:
        raise HTTPException(504, f"no result within {TASK_TIMEOUT_S:g} s") from error
    except Exception as error:
        raise HTTPException(503, f"the task failed: {error}") from error
