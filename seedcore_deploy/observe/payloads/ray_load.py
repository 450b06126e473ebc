"""What runs on the Ray of this head pod, by its own dashboard. Runs inside pods: Python 3.8.

Called with an order of: nonce, ask_s (the bound of all questions together), room (the bytes of
memory that must be left). Paths and fields are those of Ray 2.60.0 (dashboard/state_aggregator.py,
util/state/common.py, dashboard/modules/serve/serve_head.py).
"""

# Plain names, since the head's Python may be old:
# ruff: noqa: PTH111, PTH123

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
from typing import Any
from urllib.parse import urlencode

from seedcore_deploy.observe.payloads import frame, memory, watchdog
from seedcore_deploy.observe.payloads.bounds import Budget, within

_DASHBOARD = ("127.0.0.1", 8265)
_MOST_BYTES = 16 * 1024 * 1024
_MOST_ROWS = 10000
"""What Ray gives at most (RAY_MAX_LIMIT_FROM_API_SERVER)."""
_LIVING = ("ALIVE", "RESTARTING", "PENDING_CREATION", "DEPENDENCIES_UNREADY")
"""Every state of an actor but DEAD. Asked one by one: GCS filters by equality alone, and cuts
its answer before any other filter."""
_OVER = ("SUCCEEDED", "FAILED", "STOPPED")
_CLIENT_SERVER = re.compile(r"-m ray\.util\.client\.server .*--mode=specific-server")
"""The entry point of a driver that stands for one Ray Client session (client/server/proxier.py)."""
_CONTROLLER = ("serve", "SERVE_CONTROLLER_ACTOR")
_BOOKKEEPERS = frozenset(
    """
    SUPERVISOR_ACTOR_RAY_NAMESPACE AutoscalingCoordinator AutoscalingRequester
    DataUsageCollectionActor ActorLocationTracker _dataset_stats_actor
    _dataset_stats_summary_actor _train_state_actor llm_serve_telemetry llm_batch_telemetry
    """.split()
)
"""Namespaces of the detached actors with which Ray's own libraries keep their statistics and
supervise jobs: they outlive what they served (grep for `lifetime="detached"`)."""


class Unasked(Exception):
    """The dashboard gave no answer that can be used: the reason as a sentence."""


def main(order: dict[str, Any]) -> None:
    """Print `jobs`, `actors` and `applications`, or `could_not_look` with the reason."""
    watchdog.be_humble()
    room = memory.headroom()
    if room is None or room < order["room"]:
        left = "an unknown amount" if room is None else f"{room >> 20} MiB"
        needed = order["room"] >> 20
        why = f"the container has {left} of memory left; looking needs {needed} MiB to be safe"
        frame.send(order["nonce"], {"could_not_look": why})
        return
    try:
        answer = load(dict(os.environ), Budget(order["ask_s"]))
    except Unasked as fault:
        answer = {"could_not_look": str(fault)}
    frame.send(order["nonce"], answer)


def load(variables: dict[str, str], budget: Budget) -> dict[str, Any]:
    """What runs there now. Raises Unasked."""
    headers = _credential(variables)
    actors = [
        actor
        for state in _LIVING
        for actor in _listed("actors", [("detail", "1")], [("state", "=", state)], headers, budget)
    ]
    unfinished = [("status", "!=", status) for status in _OVER]
    jobs = _listed("jobs", [], unfinished, headers, budget)
    # Asking where no Serve runs would make the dashboard connect to Ray for nothing.
    serves = any(_place(actor) == _CONTROLLER for actor in actors)
    return {
        "jobs": [_job(job) for job in jobs if not _is_a_session(job)],
        "actors": [_actor(actor) for actor in actors if _is_somebodys(actor)],
        "applications": _applications(headers, budget) if serves else [],
    }


def _listed(
    what: str,
    options: list[tuple[str, str]],
    filters: list[tuple[str, str, str]],
    headers: dict[str, str],
    budget: Budget,
) -> list[dict[str, Any]]:
    """The rows of Ray's state API. Raises Unasked also where they are not all there are."""
    query = [("limit", str(_MOST_ROWS)), *options]
    for key, predicate, value in filters:
        query += [("filter_keys", key), ("filter_predicates", predicate), ("filter_values", value)]
    told = _got(f"/api/v0/{what}?{urlencode(query)}", headers, budget)
    try:
        found = told["data"]["result"]
        rows = [dict(row) for row in found["result"]]
        whole = (
            found["num_after_truncation"] >= found["total"]
            and len(rows) >= found["num_filtered"]
            and not found.get("partial_failure_warning")
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise Unasked(
            f"the dashboard's list of {what} has another shape than Ray 2.60's"
        ) from fault
    if not whole:
        raise Unasked(f"the dashboard lists only a part of the {what}: there are too many of them")
    return rows


def _applications(headers: dict[str, str], budget: Budget) -> list[dict[str, str]]:
    told = _got("/api/serve/applications/", headers, budget)
    try:
        return [
            {"name": str(name)[:200], "status": str(details["status"])[:50]}
            for name, details in told["applications"].items()
        ]
    except (KeyError, TypeError, AttributeError) as fault:
        raise Unasked("the dashboard's list of Serve applications has another shape") from fault


def _got(path: str, headers: dict[str, str], budget: Budget) -> Any:
    seconds = budget.left()
    shown = path.partition("?")[0]
    if not seconds:
        raise Unasked(f"the dashboard was too slow to be asked for {shown}")

    def ask() -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(*_DASHBOARD, timeout=seconds)
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return response.status, response.read(_MOST_BYTES)
        finally:
            connection.close()

    try:
        status, body = within(seconds, ask)
    except (OSError, http.client.HTTPException) as fault:
        why = str(fault) or type(fault).__name__
        raise Unasked(f"the dashboard does not answer on {_DASHBOARD[1]}: {why}") from fault
    if status in {401, 403}:
        raise Unasked(f"the dashboard wants a token (HTTP status {status}), and none was found")
    if status != 200:
        raise Unasked(f"the dashboard answers {shown} with HTTP status {status}")
    try:
        return json.loads(body)
    except ValueError as fault:
        raise Unasked(f"the dashboard's answer to {shown} is not whole") from fault


def _credential(variables: dict[str, str]) -> dict[str, str]:
    """The header for a cluster with token authentication, from where Ray itself takes the token."""
    if variables.get("RAY_AUTH_MODE", "").lower() != "token":
        return {}
    token = variables.get("RAY_AUTH_TOKEN", "")
    home = variables.get("HOME") or os.path.expanduser("~")
    file = variables.get("RAY_AUTH_TOKEN_PATH") or f"{home}/.ray/auth_token"
    if not token:
        try:
            with open(file) as text:
                token = text.read()
        except (OSError, ValueError):
            return {}
    return {"Authorization": f"Bearer {token.strip()}"}


def _is_a_session(job: dict[str, Any]) -> bool:
    """Whether the driver stands for a Ray Client session, or is a probe of ours."""
    entry = str(job.get("entrypoint") or "")
    if job.get("submission_id"):
        return False
    return bool(_CLIENT_SERVER.search(entry)) or _last_word(entry) == watchdog.NAME


def _last_word(command: str) -> str:
    try:
        return (shlex.split(command) or [""])[-1]
    except ValueError:
        return ""


def _job(job: dict[str, Any]) -> dict[str, str]:
    name = job.get("submission_id") or job.get("job_id") or "?"
    return {"name": str(name)[:200], "status": str(job.get("status") or "")[:50]}


def _is_somebodys(actor: dict[str, Any]) -> bool:
    """Whether a detached actor is of an application, and neither Serve's nor Ray's own."""
    namespace, name = _place(actor)
    if not actor.get("is_detached") or namespace in _BOOKKEEPERS:
        return False
    if namespace.startswith(("_ray_internal_", "serve::")):
        return False
    return not (namespace == "serve" and name.startswith("SERVE_"))


def _actor(actor: dict[str, Any]) -> dict[str, str]:
    namespace, name = _place(actor)
    own = f"{actor.get('class_name') or 'actor'} {str(actor.get('actor_id') or '')[:8]}"
    return {"name": (name or own)[:200], "namespace": namespace[:200]}


def _place(actor: dict[str, Any]) -> tuple[str, str]:
    return str(actor.get("ray_namespace") or ""), str(actor.get("name") or "")
