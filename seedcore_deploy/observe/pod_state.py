"""Why a pod is not ready, in one sentence."""

from __future__ import annotations

from collections.abc import Collection

from seedcore_deploy.model.disclosure import without_secrets
from seedcore_deploy.observe.containers import Json
from seedcore_deploy.observe.own_literals import hidden_literals

_ORDINARY = {"ContainerCreating", "PodInitializing"}
_AT_EITHER_END = 150
"""Letters: what is wrong stands first in the words of a check, and last in a traceback."""


def why_not_ready(pod: Json) -> str:
    """The most telling of what the pod's status says; empty for a ready pod.

    A container's last words are told without secrets; Kubernetes' own words are not touched.
    """
    status, known = pod.get("status") or {}, hidden_literals(pod)
    if pod["metadata"].get("deletionTimestamp"):
        return "it is being deleted"
    if status.get("phase") in {"Succeeded", "Failed"}:
        return _finished(status, known)
    conditions = {each["type"]: each for each in status.get("conditions") or []}
    if conditions.get("Ready", {}).get("status") == "True":
        return ""
    scheduled = conditions.get("PodScheduled", {})
    if scheduled.get("status") == "False":
        return _joined(scheduled.get("reason", "not scheduled"), scheduled.get("message"))
    return (
        _of_containers("init container", status.get("initContainerStatuses") or [], known)
        or _of_containers("container", status.get("containerStatuses") or [], known)
        or _of_conditions(conditions)
    )


def _finished(status: Json, known: Collection[str]) -> str:
    if status.get("phase") == "Succeeded":
        return "it has finished"
    said = _of_containers("container", status.get("containerStatuses") or [], known)
    return _joined(str(status.get("reason") or "Failed"), status.get("message") or said)


def _of_containers(kind: str, containers: list[Json], known: Collection[str]) -> str:
    """The first container that is held up; what is merely starting speaks last."""
    starting = ""
    for container in containers:
        state = container.get("state") or {}
        name = f"{kind} {container.get('name')}"
        if waiting := state.get("waiting"):
            reason = str(waiting.get("reason") or "waiting")
            sentence = _joined(f"{name}: {reason}", waiting.get("message")) + _before(
                container, known
            )
            if reason not in _ORDINARY:
                return sentence
            starting = starting or sentence
        elif ended := state.get("terminated"):
            if kind == "container" or ended.get("exitCode"):
                return f"{name}: {_ending(ended, known)}"
        elif kind == "init container" and not container.get("ready") and "running" in state:
            starting = starting or f"{name} has not finished" + _before(container, known)
        elif kind == "container" and not container.get("ready"):
            starting = starting or f"{name}: its readiness probe has not passed" + _before(
                container, known
            )
    return starting


def _before(container: Json, known: Collection[str]) -> str:
    """How the container's run before this one ended, when there was one."""
    ended = (container.get("lastState") or {}).get("terminated")
    return f"; the run before: {_ending(ended, known)}" if ended else ""


def _ending(ended: Json, known: Collection[str]) -> str:
    reason = ended.get("reason") or "ended"
    signal = f", signal {ended['signal']}" if ended.get("signal") else ""
    # Whole first: a cut can take away the name that tells a secret.
    message = without_secrets(" ".join(str(ended.get("message") or "").split()), known)
    if len(message) > 2 * _AT_EITHER_END:
        message = f"{message[:_AT_EITHER_END]} ... {message[-_AT_EITHER_END:]}"
    return _joined(f"{reason} with exit code {ended.get('exitCode')}{signal}", message)


def _of_conditions(conditions: dict[str, Json]) -> str:
    for name in ("ContainersReady", "Ready", "Initialized"):
        condition = conditions.get(name, {})
        if condition.get("status") == "False":
            return _joined(str(condition.get("reason") or name), condition.get("message"))
    return "its status says nothing yet"


def _joined(what: object, message: object) -> str:
    return f"{what}: {' '.join(str(message).split())}" if message else str(what)
