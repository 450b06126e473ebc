"""What a container and its main process were started with. Runs inside pods: Python 3.8.

Prints connection variables only, so that other values never leave the pod; of others that are asked
for, a salted digest. Called with an order of: nonce, names, salt (hexadecimal).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from typing import Any

from seedcore_deploy.observe.payloads import frame, interpreter, memory, proc


def connection_variables(variables: dict[str, str]) -> dict[str, str]:
    """Those of the variables that the tool compares; model.disclosure has the same rule."""
    return {
        name: value
        for name, value in variables.items()
        if name.startswith("RAY_") or name in {"FQ_RAY_IP", "GRPC_ENABLE_FORK_SUPPORT"}
    }


def digests(variables: dict[str, str], names: Iterable[str], salt: bytes) -> dict[str, str]:
    """What tells whether values are the same, as model.disclosure makes it; not set: absent."""
    return {
        name: hashlib.blake2b(
            variables[name].encode("utf-8", "surrogateescape"), key=salt, digest_size=12
        ).hexdigest()
        for name in names
        if name in variables
    }


def answer() -> dict[str, Any]:
    """Layers 3 and 4, and the facts about the main process; each absent part with its reason."""
    found: dict[str, Any] = {
        "container": connection_variables(dict(os.environ)),
        "headroom": memory.headroom(),
    }
    try:
        pid = proc.main_process()
    except proc.Unreadable as fault:
        return {**found, "no_process": str(fault)}
    found["pid"] = pid
    found["command"] = proc.program(pid)
    variables: dict[str, str] = {}
    try:
        variables = proc.environment(pid)
        found["process"] = connection_variables(variables)
    except proc.Unreadable as fault:
        found["no_environment"] = str(fault)
    try:
        found["connections"] = proc.connections(proc.tree(pid))
        found["inbound"] = proc.inbound()
    except proc.Unreadable as fault:
        found["no_connections"] = str(fault)
    found["interpreter"] = interpreter.of_process(pid, variables)
    return found


def main(order: dict[str, Any]) -> None:
    """Print the answer."""
    others = digests(dict(os.environ), order["names"], bytes.fromhex(order["salt"]))
    frame.send(order["nonce"], {**answer(), "others": others})
