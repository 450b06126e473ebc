"""What is already in the namespace, as far as it matters before anything is sent there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from seedcore_deploy.model.finding import Subject

OVERLAY_LABEL = "seedcore.dev/overlay"
"""On every object that we apply: which overlay it comes from. Never on templates or selectors."""

OWN_NUMBERS = "seedcore.dev/overlay-numbers"
"""What the overlay itself said where a live number was sent in its place, as JSON by group.

Of a Deployment, whose number an autoscaler may change, the JSON has no group. It is part of what is
sent, so the last-applied configuration always holds it beside the numbers that it is about, and an
apply by hand takes both away together.
"""


@dataclass(frozen=True, slots=True)
class LiveObject:
    """The metadata of a live object.

    `managers` are the field managers that own more than its status; `controlled` tells that a
    controller made it (it has an owner reference).
    """

    group: str
    kind: str
    name: str
    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    managers: tuple[str, ...] = ()
    controlled: bool = False

    @property
    def subject(self) -> Subject:
        """The object as kubectl names it."""
        return Subject(self.kind, self.name)


class Number(StrEnum):
    """The fields of a worker group that say how many workers it has."""

    REPLICAS = "replicas"
    MIN = "minReplicas"
    MAX = "maxReplicas"


@dataclass(frozen=True, slots=True)
class GroupNumbers:
    """The numbers of one worker group; what a text leaves out is not in it.

    `leaving` are the pods that the autoscaler has chosen to go (scaleStrategy.workersToDelete).
    """

    group: str
    numbers: Mapping[Number, int] = field(default_factory=dict)
    leaving: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkerNumbers:
    """The worker groups of one RayCluster or RayService (`owner`), in the overlay or live."""

    owner: Subject
    groups: tuple[GroupNumbers, ...]

    def group(self, name: str) -> GroupNumbers | None:
        """The group of this name."""
        return next((each for each in self.groups if each.group == name), None)


@dataclass(frozen=True, slots=True)
class LiveWorkers:
    """A live RayCluster's numbers, and the overlay's own at the last apply (None: not known).

    Of a RayService they are those of the RayCluster that it has active (`running` names it), and
    the last apply is the one after which KubeRay gave that RayCluster its numbers.
    """

    live: WorkerNumbers
    applied: WorkerNumbers | None = None
    running: str = ""


@dataclass(frozen=True, slots=True)
class KeptNumber:
    """A live number that is sent in place of the overlay's own (None: it has none).

    `known` tells that the overlay's own is known to be the one of the last apply.
    """

    owner: Subject
    group: str
    number: Number
    overlay: int | None
    live: int
    known: bool = True

    def __str__(self) -> str:
        own = "leaves it out" if self.overlay is None else f"says {self.overlay}"
        since = "" if self.known else "; no earlier apply is known"
        return (
            f"{self.owner} group {self.group}: {self.number} stays {self.live} "
            f"(changed on the cluster; the overlay {own}{since})"
        )


@dataclass(frozen=True, slots=True)
class WaitingNumber:
    """A number of a RayService that its RayCluster `running` does not get.

    `index` is the group's place in that RayCluster, `live` what it has there.
    """

    owner: Subject
    running: str
    index: int
    group: str
    number: Number
    overlay: int
    live: int

    @property
    def operation(self) -> Mapping[str, object]:
        """The JSON patch operation that gives it to the RayCluster."""
        path = f"/spec/workerGroupSpecs/{self.index}/{self.number}"
        return {"op": "add", "path": path, "value": self.overlay}

    def __str__(self) -> str:
        return (
            f"{self.owner} group {self.group}: {self.number} {self.overlay} is for the next "
            f"RayCluster that KubeRay makes; raycluster/{self.running} has {self.live}"
        )


@dataclass(frozen=True, slots=True)
class SpecChange:
    """What an apply would change in a RayCluster's spec, as the API server itself tried it out.

    `recreates` tells that KubeRay deletes head and workers for such a change, `head_ready` whether
    a ready head is there, `paths` where the change is, the longest known way to it.
    """

    raycluster: str
    recreates: bool
    paths: tuple[str, ...] = ()
    head_ready: bool = False
