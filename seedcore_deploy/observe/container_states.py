"""The states of a pod's containers, and its way to a node, without anything secret."""

from __future__ import annotations

from collections.abc import Collection

from seedcore_deploy.model.disclosure import without_secrets
from seedcore_deploy.model.pod_state import ContainerPhase, ContainerState, EndedRun, Placement
from seedcore_deploy.observe.containers import Json
from seedcore_deploy.observe.own_literals import hidden_literals

_LONGEST = 1000
"""Bound of a message in letters: a termination message may have 4096 bytes."""
_QUOTING = frozenset({"CreateContainerError", "RunContainerError", "PostStartHookError"})
"""Reasons whose message quotes the container's own command or output."""


def container_states(pod: Json) -> tuple[ContainerState, ...]:
    """All containers of a pod, init containers first, in their order."""
    status, known = pod.get("status") or {}, hidden_literals(pod)
    return tuple(
        _state(each, known, init=init)
        for key, init in (("initContainerStatuses", True), ("containerStatuses", False))
        for each in status.get(key) or ()
    )


def placement(pod: Json) -> Placement:
    """Where the pod is on its way to a node. The scheduler's words name no secret."""
    status = pod.get("status") or {}
    conditions = {each.get("type"): each for each in status.get("conditions") or ()}
    scheduled = conditions.get("PodScheduled") or {}
    refused = scheduled.get("status") == "False" and scheduled.get("reason") == "Unschedulable"
    since = str(scheduled.get("lastTransitionTime") or "")
    initialized = conditions.get("Initialized") or {}
    is_initialized = initialized.get("status") == "True"
    return Placement(
        refused=_told(scheduled.get("message")) if refused else "",
        refused_since=since if refused else "",
        nominated=bool(status.get("nominatedNodeName")),
        placed_at=since if scheduled.get("status") == "True" else "",
        initialized_at=str(initialized.get("lastTransitionTime") or "") if is_initialized else "",
    )


def _state(container: Json, known: Collection[str], *, init: bool) -> ContainerState:
    state = container.get("state") or {}
    phase = next(
        (each for each in ContainerPhase if each and each in state), ContainerPhase.UNKNOWN
    )
    waiting = state.get("waiting") or {}
    reason = str(waiting.get("reason") or "")
    ended = state.get("terminated") or (container.get("lastState") or {}).get("terminated")
    return ContainerState(
        name=str(container.get("name") or ""),
        image=str(container.get("image") or ""),
        init=init,
        phase=phase,
        reason=reason,
        message=_told(waiting.get("message"), known if reason in _QUOTING else ()),
        ready=bool(container.get("ready")),
        restarts=int(container.get("restartCount") or 0),
        started_at=str((state.get("running") or {}).get("startedAt") or ""),
        ended=_ended(ended, known) if ended else None,
    )


def _ended(ended: Json, known: Collection[str]) -> EndedRun:
    return EndedRun(
        exit_code=int(ended.get("exitCode") or 0),
        reason=str(ended.get("reason") or ""),
        said=_told(ended.get("message"), known),
        started_at=str(ended.get("startedAt") or ""),
        finished_at=str(ended.get("finishedAt") or ""),
    )


def _told(message: object, known: Collection[str] = ()) -> str:
    """Whole first: a cut can take away the name that tells a secret."""
    return without_secrets(" ".join(str(message or "").split()), known)[:_LONGEST]
