"""What runs and lies inside pods, seen from there, without showing up in what is looked for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from seedcore_deploy.observe.delivery import source
from tests.support.tool import Bench

T = TypeVar("T")

PROBE = "seedcore-probe"
_TICK_S = 0.2
_LOOKING_S = 120.0

_COMMAND_LINES = """
import json, os
found = {}
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        found[pid] = open(f"/proc/{pid}/cmdline").read().split("\\0")[:-1]
    except OSError:
        pass
del found[str(os.getpid())]
print(json.dumps(found))
"""
_FILES = """
import json, os
places = {"/tmp", "/var/tmp", "/dev/shm", "/run", os.path.expanduser("~"), os.getcwd()}
found = [os.path.join(at, name) for place in places for at, _, names in os.walk(place)
         for name in names if "__pycache__" not in at]
print(json.dumps(sorted(set(found))))
"""
# Prints the command lines of our processes once one of them, whose parent is ours too, holds a
# connection to Ray Client's port: the probe is in the middle of its work.
_WATCH = """
import json, sys, time
name, ends = "seedcore-" + "probe", time.monotonic() + {seconds}
while time.monotonic() < ends:
    parents = _parents("/proc")
    ours = [pid for pid in parents if command_line(pid)[-2:-1] == [name]]
    for pid in (each for each in ours if parents[each] in ours):
        try:
            held = connections([pid])
        except Unreadable:
            continue
        if any(each.endswith(":10001") for each in held):
            print(json.dumps([command_line(each) for each in ours]), flush=True)
            sys.exit(0)
    time.sleep(0.02)
sys.exit("no probe was seen")
"""
# The head's dashboard knows drivers and actors. A request that fails must fail the test.
_RAY_STATE = """
import json, urllib.request
def read(path):
    return json.load(urllib.request.urlopen("http://127.0.0.1:8265" + path, timeout=20))
print(json.dumps({
    "drivers": sorted(each["job_id"] for each in read("/api/jobs/")
                      if each["type"] == "DRIVER" and each["status"] == "RUNNING"),
    "actors": sorted(each["actor_id"] for each in read("/api/v0/actors?limit=1000")
                     ["data"]["result"]["result"] if each["state"] != "DEAD"),
}))
"""

# Memory counts once it is written to; it is let go of when stdin ends.
_HOLD = """
import sys
held, most = [], 1 << 26
while headroom() > {but}:
    size = min(most, headroom() - {but})
    held.append(b"x" * max(size, 4096))
print("held", flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True, slots=True)
class InPod:
    """A shell into one container of a pod that has Python."""

    bench: Bench
    namespace: str
    pod: str
    container: str

    def python(self, program: str) -> Any:
        """The JSON that a Python program in the container prints."""
        return json.loads(self.bench.kubectl(*self._exec, "python3", "-c", program))

    def command_lines(self) -> dict[str, list[str]]:
        """The words of every process but the one that looks, by pid."""
        found: dict[str, list[str]] = self.python(_COMMAND_LINES)
        return found

    def files(self) -> list[str]:
        """The files in the places where a program may leave some."""
        found: list[str] = self.python(_FILES)
        return found

    def ray_state(self) -> dict[str, list[str]]:
        """Of a head: ids of the `drivers` that run, and of the `actors` that are not dead."""
        found: dict[str, list[str]] = self.python(_RAY_STATE)
        return found

    @contextmanager
    def watching_for_the_probe(self) -> Iterator[Callable[[], list[list[str]]]]:
        """Look from now on; the call waits until the probe talks to Ray, and has its words."""
        program = source("proc") + _WATCH.format(seconds=_LOOKING_S)
        words = ("kubectl", *self._exec, "python3", "-c", program)
        with self.bench.started(*words) as watcher:

            def seen() -> list[list[str]]:
                out, err = watcher.communicate(timeout=_LOOKING_S + 30)
                assert watcher.returncode == 0, err
                found: list[list[str]] = json.loads(out)
                return found

            yield seen

    @contextmanager
    def holding_memory(self, but_bytes: int) -> Iterator[None]:
        """A process in the container holds all its memory but so many bytes."""
        program = source("memory") + _HOLD.format(but=but_bytes)
        words = ("kubectl", *self._exec, "python3", "-c", program)
        with self.bench.started(*words) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            yield

    @property
    def _exec(self) -> tuple[str, ...]:
        return ("-n", self.namespace, "exec", "-i", self.pod, "-c", self.container, "--")


def containers(bench: Bench, namespace: str) -> list[InPod]:
    """The first container of every pod that is not ending."""
    return [
        InPod(bench, namespace, each["metadata"]["name"], each["spec"]["containers"][0]["name"])
        for each in bench.get("-n", namespace, "pods")["items"]
        if "deletionTimestamp" not in each["metadata"]
    ]


def of_app(bench: Bench, namespace: str, selector: str) -> InPod:
    """The first container of the one pod of a selector that is not ending."""
    items = bench.get("-n", namespace, "pods", "-l", selector)["items"]
    (pod,) = (each for each in items if "deletionTimestamp" not in each["metadata"])
    return InPod(bench, namespace, pod["metadata"]["name"], pod["spec"]["containers"][0]["name"])


def eventually(look: Callable[[], T], wanted: Callable[[T], bool], within_s: float) -> T:
    """What is seen once it is as wanted; fails with what was seen last."""
    ends = time.monotonic() + within_s
    while True:
        seen = look()
        if wanted(seen):
            return seen
        assert time.monotonic() < ends, f"still after {within_s:.0f} s: {seen}"
        time.sleep(_TICK_S)
