"""A job: it connects once, does its work in Ray tasks, says what came out, and ends.

``deploy/examples/job.yaml`` runs it. It ends with 1 where Ray cannot be used, so that the Job's
backoff tries again, and its last line is then the reason.
"""

from __future__ import annotations

import json
import sys

import ray

from seedcore.utils.ray_config import RayConfigError, disconnect, init_ray_with_smart_defaults

CONNECT_S = 120.0  # a job may start with its head: the first connection to a fresh one takes 40 s
RESULT_S = 300.0
NUMBERS, PARTS = 1000, 4


def main() -> int:
    """Sum the first numbers, each part in a task of its own; prints one line of JSON."""
    try:
        connection = init_ray_with_smart_defaults(timeout=CONNECT_S, retries=2)
    except RayConfigError as error:
        print(error, file=sys.stderr)
        return 1

    def add(values: list[int]) -> int:  # nested: it travels by value
        return sum(values)

    task = ray.remote(add).options(num_cpus=0.1)
    parts = [list(range(start, NUMBERS, PARTS)) for start in range(PARTS)]
    total = sum(ray.get([task.remote(part) for part in parts], timeout=RESULT_S))
    print(json.dumps({"session": connection.session, "sum": total}))
    disconnect()
    return 0


if __name__ == "__main__":
    sys.exit(main())
