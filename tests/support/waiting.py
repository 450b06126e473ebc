"""Snapshots in which something waits, as the API server shows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from seedcore_deploy.judge.doom import Doom, Wait, dooms
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.pod_state import (
    ContainerPhase,
    ContainerState,
    EndedRun,
    EventFacts,
    Placement,
)
from seedcore_deploy.model.snapshot import Snapshot
from tests.support import snapshots as s


def ago(seconds: float) -> str:
    """A time before the snapshot's own."""
    now = datetime.fromisoformat(s.NOW)
    return (now - timedelta(seconds=seconds)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def waiting(reason: str, message: str = "", **more: Any) -> ContainerState:
    """A container that waits."""
    image = more.pop("image", "localhost/seedcore-client:0.1.0")
    name = more.pop("name", "api")
    return ContainerState(
        name, image, phase=ContainerPhase.WAITING, reason=reason, message=message, **more
    )


def crashed(
    code: int = 1, reason: str = "Error", *, begun: float = 5, restarts: int = 1, **more: Any
) -> ContainerState:
    """A container that backs off; its last run began `begun` seconds ago."""
    ended = EndedRun(code, reason, more.pop("said", ""), ago(begun), ago(begun - 1))
    return waiting("CrashLoopBackOff", "back-off", ended=ended, restarts=restarts, **more)


def placed(seconds: float = 30) -> Placement:
    """On a node, with its init containers done, since so many seconds."""
    return Placement(placed_at=ago(seconds), initialized_at=ago(seconds))


def held_up(
    *containers: ContainerState, pod: str = s.API, created: float = 30, **more: Any
) -> Snapshot:
    """The healthy deployment, but for one pod that waits."""
    return s.with_pod(
        more.pop("within", s.healthy()),
        pod,
        ready=False,
        phase="Pending",
        started_at="",
        created_at=ago(created),
        ready_since=ago(created),
        why_not_ready="it waits",
        process=NotSeen("the container does not run"),
        probe=None,
        containers=containers,
        placement=more.pop("placement", placed(created)),
        **more,
    )


def with_events(snapshot: Snapshot, *events: EventFacts) -> Snapshot:
    """The snapshot with some events, oldest first."""
    return replace(snapshot, events=Seen(events))


def event(
    reason: str, message: str, name: str = s.API, kind: str = "Pod", *, last: float = 1,
    first: float | None = None,
) -> EventFacts:  # fmt: skip
    """An event that was met last so many seconds ago."""
    return EventFacts(kind, name, reason, message, ago(last if first is None else first), ago(last))


def doomed(snapshot: Snapshot, begun: str = "", applied: str = "") -> tuple[Doom, ...]:
    """What counts at this very look."""
    return tuple(each for each in dooms(snapshot, Wait(begun, applied)) if each.left_s == 0)


def reasons(snapshot: Snapshot, begun: str = "", applied: str = "") -> list[str]:
    """Why, of what counts at this very look."""
    return [each.reason for each in doomed(snapshot, begun, applied)]
