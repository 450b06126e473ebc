"""Programs that use the library inside pods of the real cluster, and what they print."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.stage import Stage
from tests.support.tool import Bench, Ended

MARK = "printed: "
HEADER = f"""
import json, os, pathlib, sys
from seedcore.utils import ray_config
from seedcore.utils.ray_config import init_ray_with_smart_defaults
QUIET = {{"log_to_driver": False, "logging_level": "ERROR"}}

def say(value):
    print("{MARK}" + json.dumps(value), flush=True)

def raylets():
    '''How many processes here are a part of a Ray that somebody started.'''
    found = 0
    for line in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = line.read_bytes().split(b"\\0")
        except OSError:
            continue
        found += words[0].rsplit(b"/")[-1] in (b"raylet", b"gcs_server")
    return found
"""


def run_in(
    stage: Stage, pod: str, program: str, *, container: str = "", without: tuple[str, ...] = ()
) -> Ended:
    """How a program with the library ended in a pod; `without` names variables it must not have."""
    chosen = ("-c", container) if container else ()
    unset = [word for name in without for word in ("-u", name)]
    command = ("env", *unset, "python", "-c", HEADER + program)
    words = ("kubectl", "-n", stage.namespace, "exec", pod, *chosen, "--", *command)
    return stage.bench.run(*words)


def said_in(stage: Stage, pod: str, program: str, **more: Any) -> Any:
    """What the program said() last; fails the test where it failed."""
    ended = run_in(stage, pod, program, **more)
    assert ended.code == 0, str(ended)
    return last_said(ended)


def last_said(ended: Ended) -> Any:
    """The value of the last say() in what a program printed."""
    lines = [line for line in ended.out.splitlines() if line.startswith(MARK)]
    assert lines, str(ended)
    return json.loads(lines[-1].removeprefix(MARK))


@contextmanager
def forwarded(bench: Bench, namespace: str, pod: str, port: int) -> Iterator[str]:
    """An address on this machine that leads to a pod's port, for as long as the block lasts."""
    words = ("-n", namespace, "port-forward", f"pod/{pod}", f":{port}", "--address=127.0.0.1")
    with bench.started("kubectl", *words) as forwarding:
        assert forwarding.stdout is not None
        line = forwarding.stdout.readline()
        assert "Forwarding from 127.0.0.1:" in line, line
        yield line.split()[2]
