"""The proof of connection. Runs inside pods, on the interpreter of the live process.

It connects with the environment of the main process, which never leaves the pod.
"""

from __future__ import annotations

import json
import time
from typing import Any

from seedcore_deploy.observe.payloads import (
    address,
    answers,
    diagnosis,
    failure,
    frame,
    memory,
    proc,
    tls,
    watchdog,
)
from seedcore_deploy.observe.payloads.bounds import Budget

NEEDED_BYTES = 150 * 1024 * 1024
"""Measured: a probe takes up to 91 MB; with less room it was PID 1 that the kernel killed."""
_PING_S = 2.0
_TLS_S = 1.0
_LOOK_S = 7.0
_PATIENCE_S = 8.0
"""A name or a port that is away for longer than this is away, and not just being renewed."""


def main(order: dict[str, Any]) -> None:
    """Answer the order: nonce, pid, direct, young (the head), session, ping, and times.

    `session` and `ping` are the sources of ray_session.py and grpc_ping.py. Of the times
    attempt_s bounds one attempt and task_s its task, diagnosis_s all looks after a failed one,
    and ask_s each question to an address; `pace` is by how much they were stretched.
    """
    watchdog.be_humble()
    try:
        answer = proof(order)
    except watchdog.CallerGone:
        return
    except proc.Unreadable as fault:
        answer = {"could_not_look": str(fault)}
    frame.send(order["nonce"], answer)


def proof(order: dict[str, Any]) -> dict[str, Any]:
    """The facts of the proof, or `could_not_look` with the reason."""
    variables = proc.environment(order["pid"])
    used = variables.get("RAY_ADDRESS")
    reason, sentence = address.refused(used, order["direct"])
    facts: dict[str, Any] = {"address": used or "", "attempts": 1, "seconds": 0.0}
    if reason:
        return {**facts, "stage": "address", "reason": reason, "error": sentence}
    room = memory.headroom()
    if room is None or room < NEEDED_BYTES:
        return {"could_not_look": _no_room(room)}
    began = time.monotonic()
    reason, sentence = _no_way_there(used or "")
    if reason:
        took = round(time.monotonic() - began, 2)
        sentence = f"{sentence} (looked for {took:.0f} s; ray itself was not tried)"
        return {**facts, "stage": "connect", "reason": reason, "error": sentence, "seconds": took}
    found = _attempt(order, variables, used)
    if _is_start_up_race(found, order["young"]):
        facts["attempts"] = 2
        facts["diagnosis"] = f"the first attempt failed: {failure.sentence_of(found)}"
        found = _attempt(order, variables, used)
    facts.update(found, seconds=round(time.monotonic() - began, 2))
    if found["stage"] == "done":
        reason, sentence = _wrong_place(found, order["direct"])
        # Where the proof failed, its cause is the deeper one.
        told = {} if reason else answers.of_addresses(variables, order)
        return {**facts, **told, "reason": reason, "error": sentence}
    facts["error"] = failure.sentence_of(found)
    facts.update(_diagnosed(found, order, variables, used or ""))
    return facts


def _no_way_there(used: str) -> tuple[str, str]:
    """Reason and sentence when no TCP connection to a ray:// address comes about for a while.

    Ray would need 30 s to say `connection timeout` for each of these.
    """
    host, port = address.endpoint(used)
    if not used.startswith("ray://") or port is None:
        return "", ""
    ends = time.monotonic() + _PATIENCE_S
    while True:
        reason, sentence = diagnosis.of_endpoint(host, port, Budget(_LOOK_S))
        if not reason or reason == "wrong-port" or time.monotonic() > ends:
            return reason, sentence
        watchdog.pause(0.5)


def _attempt(order: dict[str, Any], variables: dict[str, str], used: str | None) -> dict[str, Any]:
    # A head without an address is where `auto` finds the Ray of this very pod.
    target = used if used and used.startswith("ray://") else "auto"
    # Ray would otherwise start one of its own, should anything go round our own init.
    settings = {**variables, "RAY_ENABLE_AUTO_CONNECT": "0"}
    if not used:
        settings.pop("RAY_ADDRESS", None)
    words = [target, str(order["task_s"])]
    return watchdog.run(order["session"], words, settings, order["attempt_s"])


def _is_start_up_race(found: dict[str, Any], young: bool) -> bool:
    """A fresh head's first client may meet a client server that died while it was forked."""
    if found["stage"] != "connect":
        return False
    reason = failure.reason_of(found)
    return reason == "client-server" or (reason == "timeout" and young)


def _wrong_place(found: dict[str, Any], direct: bool) -> tuple[str, str]:
    """Reason and sentence where the connection works but is not the one that was meant."""
    wanted = "direct" if direct else "client"
    if found["mode"] != wanted:
        reason = "wrong-mode" if found["mode"] == "client" else "local-ray"
        return reason, f"the connection is of kind {found['mode'] or 'unknown'}, not {wanted}"
    heads = [node for node in found["nodes"] if node["head"] and node["alive"]]
    if [node["node_id"] for node in heads] != [found["head_node_id"]]:
        return "task-failed", "the task did not run on the one node that is the head"
    if direct and found["own_node_id"] != found["head_node_id"]:
        return "local-ray", "the Ray of this pod is not the head of its cluster"
    return "", ""


def _diagnosed(
    found: dict[str, Any], order: dict[str, Any], variables: dict[str, str], used: str
) -> dict[str, Any]:
    """The `reason` made precise, and what the cheap looks say of it (`diagnosis`, `pinged`)."""
    reason = failure.reason_of(found)
    host, port = address.endpoint(used)
    if reason not in {"timeout", "deadline", "other", "client-server"} or not host or port is None:
        return _told(reason, "")
    budget = Budget(order["diagnosis_s"], order["pace"])
    nearer, sentence = diagnosis.of_endpoint(host, port, budget)
    if nearer:
        return _told(nearer, sentence)
    if not used.startswith("ray://"):
        return _told(reason, f"{sentence}; {_of_gcs(diagnosis.of_dashboard(host, budget))}")
    if difference := tls.disagreement(host, port, variables, budget.part(_TLS_S)):
        return _told("tls", difference)
    words = [f"{host}:{port}", str(_PING_S * budget.pace)]
    ping = watchdog.run(order["ping"], words, variables, budget.part(2 * _PING_S))
    code = ping.get("code", "")
    if code == "UNIMPLEMENTED":
        return _told("wrong-port", f"{host} port {port} speaks gRPC, but is not Ray Client's port")
    if code in {"UNAUTHENTICATED", "PERMISSION_DENIED"}:
        wants = f"Ray Client at {host} port {port} wants a token: {ping.get('details')}"
        return _told("auth", wants)
    dashboard = diagnosis.of_dashboard(host, budget)
    own = found.get("ray_version", "")
    if dashboard.get("version") and own and dashboard["version"] != own:
        other = dashboard["version"]
        return _told("version-mismatch", f"this pod has Ray {own}, the head at {host} has {other}")
    answers = f"Ray Client answers a ping ({code})" if code == "OK" else f"gRPC says {code or '?'}"
    return {
        **_told(reason, f"{sentence}; {answers}; {_of_gcs(dashboard)}"),
        "pinged": code == "OK",
    }


def _told(reason: str, diagnosis: str) -> dict[str, Any]:
    return {"reason": reason, "diagnosis": diagnosis}


def _of_gcs(dashboard: dict[str, Any]) -> str:
    if dashboard.get("gcs") is False:
        return "the dashboard answers, and says that the head's GCS does not"
    return f"the dashboard says {json.dumps(dashboard, sort_keys=True)}"


def _no_room(room: int | None) -> str:
    if room is None:
        return "it cannot be read how much memory the container has left"
    needed, left = NEEDED_BYTES >> 20, room >> 20
    return f"the container has {left} MiB of memory left; the probe needs {needed} MiB to be safe"
