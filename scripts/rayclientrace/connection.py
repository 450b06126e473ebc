"""One try to connect from the client pod, and what to make of its answer."""

from __future__ import annotations

import json
from pathlib import Path

from rayclientrace.kubectl import CALL_S, Answer, Kubectl
from rayclientrace.manifests import CLIENT
from rayclientrace.model import Attempt, Outcome

DEADLINE_S = 90
"""Of one try, `import ray` included; failures at Ray's own bounds take about 30 or 40 s."""

TIMED_OUT = 124
KILLED = 137
"""What timeout(1) ends with when the deadline is over."""

SOURCE = Path(__file__).with_name("connect.py")


def connect(kubectl: Kubectl, ip: str) -> Attempt:
    """Connect to `ray://IP:10001` in a fresh process of the client pod."""
    host = f"[{ip}]" if ":" in ip else ip
    answer = kubectl.execute(
        CLIENT,
        *("timeout", "-k", "3", str(DEADLINE_S)),
        *("python", "-c", SOURCE.read_text(encoding="utf-8"), f"ray://{host}:10001"),
        timeout_s=DEADLINE_S + CALL_S,
    )
    return read(answer)


def read(answer: Answer) -> Attempt:
    """Judge one answer: what Ray said, that it said nothing in time, or that nothing is known."""
    for line in answer.out.splitlines():
        told = _told(line)
        if told is not None:
            return told
    if answer.code in (TIMED_OUT, KILLED):
        return Attempt(Outcome.FAILED, float(DEADLINE_S), f"no answer in {DEADLINE_S} s")
    # kubectl exec may end with 0 though the connection broke: without the line nothing is known.
    return Attempt(Outcome.UNMEASURED, 0.0, answer.trouble or "the answer was cut off")


def _told(line: str) -> Attempt | None:
    try:
        told = json.loads(line)
        outcome = Outcome.OK if told["ok"] else Outcome.FAILED
        error = " ".join(str(told.get("error", "")).split())
        return Attempt(outcome, float(told["seconds"]), error, float(told["load"]))
    except (ValueError, TypeError, KeyError):
        return None
