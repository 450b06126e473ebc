"""Only a well-formed status tells how a program ended."""

import json
from typing import Any

import pytest

from seedcore_deploy.kube.exec_status import ending


def failure(**fields: Any) -> bytes:
    return json.dumps({"status": "Failure", **fields}).encode()


def test_success_is_zero() -> None:
    assert ending(b'{"metadata":{},"status":"Success"}') == (0, "")


def test_an_exit_code_is_read_from_its_cause() -> None:
    status = failure(
        reason="NonZeroExitCode", details={"causes": [{"reason": "ExitCode", "message": "137"}]}
    )

    assert ending(status) == (137, "")


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (b"", "ended before the program did"),
        (b'{"status":"Succ', "half a status"),
        (b"[]", "malformed"),
        (b"{}", "failed without a reason"),
        (failure(reason="NonZeroExitCode"), "no exit code"),
        (failure(reason="NonZeroExitCode", details={"causes": []}), "no exit code"),
        (failure(reason="InternalError", message="not found\nin $PATH"), "not found in $PATH"),
    ],
)
def test_anything_else_is_no_end(status: bytes, why: str) -> None:
    exit_code, said = ending(status)

    assert exit_code is None
    assert why in said
