"""Only connection variables leave a pod, and the payload runs as it is sent."""

import subprocess
import sys

import pytest

from seedcore_deploy.model.disclosure import Discloser, is_connection_variable
from seedcore_deploy.observe import delivery
from seedcore_deploy.observe.payloads.environment import connection_variables
from seedcore_deploy.observe.payloads.frame import unframed


@pytest.mark.parametrize(
    "name",
    ["RAY_ADDRESS", "RAY_timeout_x", "FQ_RAY_IP", "GRPC_ENABLE_FORK_SUPPORT", "ARRAY_X", "SECRET"],
)
def test_the_payload_lets_out_what_the_tool_compares(name: str) -> None:
    assert bool(connection_variables({name: "x"})) == is_connection_variable(name)


def test_the_program_answers_in_one_frame_without_our_package_installed() -> None:
    order = {"nonce": "n0", "names": ["LOG_LEVEL", "NOT_SET"], "salt": b"salt".hex()}
    text = delivery.program("environment", order)
    environment = {
        "RAY_ADDRESS": "ray://x:1",
        "DB_PASSWORD": "hunter2",
        "LOG_LEVEL": "chatty",
        "PATH": "/usr/bin:/bin",
    }

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", delivery.READ_AND_RUN],
        input=b"%d\n%s" % (len(text), text),
        env=environment,
        cwd="/",
        capture_output=True,
        check=True,
    )
    answer = unframed("n0", done.stdout)

    assert answer["container"] == {"RAY_ADDRESS": "ray://x:1"}
    assert answer["headroom"] > 0
    assert answer["others"] == {"LOG_LEVEL": Discloser(b"salt").value("", "chatty").digest}
    assert b"hunter2" not in done.stdout
    assert b"chatty" not in done.stdout
