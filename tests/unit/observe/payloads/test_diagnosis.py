"""The looks after a failed attempt: what they tell apart, and that they end in time."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from seedcore_deploy.observe.payloads import diagnosis
from seedcore_deploy.observe.payloads.bounds import Budget

DIAGNOSED = """
import json, sys, time
from seedcore_deploy.observe.payloads import connection, diagnosis, watchdog
port = int(sys.argv[1])
diagnosis._DASHBOARD_PORT = port
watchdog.be_humble()
found = {"stage": "connect", "kind": "ConnectionError", "exit": 1,
         "error": "ray client connection timeout"}
order = {"diagnosis_s": float(sys.argv[2]), "pace": 1.0, "ping": "import time; time.sleep(600)"}
began = time.monotonic()
told = connection._diagnosed(found, order, {}, "ray://127.0.0.1:%d" % port)
print(json.dumps({**told, "took": time.monotonic() - began}))
"""


@pytest.fixture
def mute() -> Iterator[int]:
    """The port of a listener that accepts, and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        yield listener.getsockname()[1]


def test_all_looks_together_end_within_their_time(mute: int) -> None:
    done = subprocess.Popen(
        [sys.executable, "-c", DIAGNOSED, str(mute), "2.5"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert done.stdout is not None
    told = json.loads(done.stdout.read())
    done.communicate()

    assert told["reason"] == "timeout"
    assert "accepts connections" in told["diagnosis"]
    assert "silent" in told["diagnosis"]
    # What they take is theirs; that a child is ended and reaped is a little more.
    assert told["took"] < 2.5 + 1.5


def test_a_listener_that_never_answers_seems_to_be_in_order(mute: int) -> None:
    reason, sentence = diagnosis.of_endpoint("127.0.0.1", mute, Budget(3.0))

    assert reason == ""
    assert "accepts connections" in sentence


def test_a_closed_port_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert diagnosis.of_endpoint("127.0.0.1", port, Budget(3.0))[0] == "refused"


def test_a_name_that_does_not_resolve_is_dns() -> None:
    assert diagnosis.of_endpoint("no-such-host.invalid", 1, Budget(3.0))[0] == "dns"
