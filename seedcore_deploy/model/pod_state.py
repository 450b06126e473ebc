"""What Kubernetes says of a pod that is not up yet: its containers, its place, its events."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ContainerPhase(StrEnum):
    """The three states of a container (core/v1 ContainerState), and none of them yet."""

    UNKNOWN = ""
    WAITING = "waiting"
    RUNNING = "running"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True)
class EndedRun:
    """How a container's last run ended; `said` are its last words, without secrets.

    Times are the kubelet's, RFC 3339.
    """

    exit_code: int
    reason: str = ""
    said: str = ""
    started_at: str = ""
    finished_at: str = ""


@dataclass(frozen=True, slots=True)
class ContainerState:
    """A container of a pod as the kubelet reports it; `init` tells an init container.

    `reason` and `message` are of its waiting; `ended` is its last run that is over.
    """

    name: str
    image: str = ""
    init: bool = False
    phase: ContainerPhase = ContainerPhase.UNKNOWN
    reason: str = ""
    message: str = ""
    ready: bool = False
    restarts: int = 0
    started_at: str = ""
    ended: EndedRun | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a pod is on its way to a node: the scheduler's words while no node takes it.

    `nominated`: other pods are being removed from a node to make room for this one.
    `placed_at` is when it got its node, `initialized_at` when its init containers were done.
    """

    refused: str = ""
    refused_since: str = ""
    nominated: bool = False
    placed_at: str = ""
    initialized_at: str = ""


@dataclass(frozen=True, slots=True)
class EventFacts:
    """An event about an object of the namespace; times RFC 3339, empty when unknown."""

    kind: str
    name: str
    reason: str
    message: str
    first_at: str = ""
    last_at: str = ""
    count: int = 1
