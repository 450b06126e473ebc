"""Nothing of a program is left, however it ended: run for real, in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from seedcore_deploy.observe import delivery

DETACHED = """
import os, subprocess, sys
print('{"stage": "one"}', flush=True)
left = subprocess.Popen(["sleep", "600"], start_new_session=True)
print('{"stage": "two", "left": %d}' % left.pid, flush=True)
"""
FOREVER = "\nimport time\ntime.sleep(600)\n"

CALL = """
import json, sys
from seedcore_deploy.observe.payloads import watchdog
watchdog.be_humble()
try:
    found = watchdog.run(sys.argv[1], json.loads(sys.argv[3]), {}, float(sys.argv[2]))
except watchdog.CallerGone:
    found = {"gone": True}
print(json.dumps(found))
"""


TOLD = """
import json, pathlib, sys
print(json.dumps({"words": sys.argv[1:], "seen": pathlib.Path("/proc/self/cmdline").read_text()}))
"""


def call(program: str, seconds: float, words: tuple[str, ...] = ()) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", CALL, program, str(seconds), json.dumps(words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(delivery.__file__).parents[2],
    )


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_what_a_program_leaves_behind_is_ended() -> None:
    with call(DETACHED, 30) as caller:
        found = json.loads(caller.stdout.read() if caller.stdout else b"")

    assert (found["stage"], found["exit"]) == ("two", 0)
    assert not alive(found["left"])


def test_the_deadline_ends_the_program_and_all_it_started() -> None:
    with call(DETACHED + FOREVER, 1.0) as caller:
        found = json.loads(caller.stdout.read() if caller.stdout else b"")

    assert (found["stage"], found["exit"]) == ("two", None)
    assert found["seconds"] < 20
    assert not alive(found["left"])


def test_the_end_of_stdin_ends_the_program() -> None:
    with call(FOREVER, 60) as caller:
        assert caller.stdin
        caller.stdin.close()
        found = json.loads(caller.stdout.read() if caller.stdout else b"")

    assert found == {"gone": True}


def test_the_death_of_a_program_is_reported_with_its_signal() -> None:
    with call("import os\nos.kill(os.getpid(), 11)", 30) as caller:
        found = json.loads(caller.stdout.read() if caller.stdout else b"")

    assert (found["stage"], found["exit"]) == ("start", -11)


@pytest.mark.parametrize("payload", ["ray_session", "grpc_ping"])
def test_a_program_that_runs_alone_imports_nothing_of_ours(payload: str) -> None:
    assert "import seedcore" not in delivery.source(payload)
    assert "from seedcore" not in delivery.source(payload)


def test_words_reach_the_program_and_no_list_of_processes() -> None:
    with call(TOLD, 30, ("ray://u:canary@head", "2")) as caller:
        found = json.loads(caller.stdout.read() if caller.stdout else b"")

    assert found["words"] == ["ray://u:canary@head", "2"]
    assert "canary" not in found["seen"]
    assert found["seen"].rstrip("\0").endswith("seedcore-probe")
