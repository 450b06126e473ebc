"""The plan: what an apply would change, which pods it would restart, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import Look
from seedcore_deploy.model.ray_load import RayLoad
from seedcore_deploy.model.snapshot import ConfigMapFacts, RayClusterFacts, WorkloadFacts
from seedcore_deploy.model.upgrade import ServiceChange
from seedcore_deploy.model.verdict import ExitCode


class Change(StrEnum):
    """What an apply does to an object."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of an object, or one key of a ConfigMap, before and after, as it may be shown.

    `before` is None for what is added and `after` for what is removed; "" where neither may be
    shown. Not `sure`: it goes only if an earlier apply made it, which could not be told. `is_key`
    tells a ConfigMap's key, whose name `path` is.
    """

    path: str
    before: str | None = ""
    after: str | None = ""
    sure: bool = True
    is_key: bool = False

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.path} is added" + (f": {self.after}" if self.after else "")
        if self.after is None:
            was = f" (it was {self.before})" if self.before else ""
            return f"{self.path} is removed{was}" + (
                "" if self.sure else ", if an earlier apply made it"
            )
        if self.before == self.after:
            return f"{self.path} changes" + (f" {self.after}" if self.after else "")
        return f"{self.path}: {self.before} -> {self.after}"


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """An object of the overlay: what happens to it. `fields` are a ConfigMap's keys, by name."""

    subject: Subject
    change: Change
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What the objects would be after an apply.

    `configmaps`, `workloads` and `rayclusters` have what is made or changed, as it would be then;
    the rest stays as it is. `rolling` names the workloads whose pod template changes, `recreated`
    the RayClusters whose pods KubeRay deletes for the change (upgradeStrategy Recreate), `upgrades`
    what KubeRay makes of changed RayServices. `not_compared` says what nobody looked at.
    """

    objects: tuple[ObjectChange, ...]
    configmaps: tuple[ConfigMapFacts, ...] = ()
    workloads: tuple[WorkloadFacts, ...] = ()
    rayclusters: tuple[RayClusterFacts, ...] = ()
    rolling: tuple[Subject, ...] = ()
    recreated: tuple[str, ...] = ()
    upgrades: tuple[ServiceChange, ...] = ()
    not_compared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Intent:
    """What apply was asked to do about pods: replace the stale ones, every one, a busy head."""

    stale: bool = True
    every: bool = False
    busy_head: bool = False


class Fate(StrEnum):
    """What becomes of a pod."""

    ROLLED_OUT = "rolled-out"
    """Its workload makes new pods by itself, for its template changes."""
    RESTARTED = "restarted"
    """Its workload is rolled out anew, for its settings are older."""
    EVICTED = "evicted"
    """It is evicted, and KubeRay makes another."""
    WITH_HEAD = "with-head"
    """A worker whose container starts anew, in the same pod, when its head is replaced."""
    RECREATED = "recreated"
    """KubeRay deletes it for the change of the RayCluster."""
    SUPERSEDED = "superseded"
    """Its RayService gets a new RayCluster; KubeRay deletes this one after the switch."""
    LEFT = "left"
    """It ought to be replaced, and is left as it is."""
    UNKNOWN = "unknown"
    """Whether it is older than its settings could not be told."""


@dataclass(frozen=True, slots=True)
class PodPlan:
    """A pod that does not simply stay: what becomes of it, and why; of one left, the mend."""

    pod: str
    role: Role
    owner: Subject
    fate: Fate
    why: tuple[str, ...]
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an apply would do. `load` is what runs on Ray, None where no Ray pod is touched.

    `kept` has the live numbers of workers and pods that the apply carries along, as sentences;
    `notes` what follows from the plan; `not_compared` what nobody looked at; `taken_at` when it was
    looked, RFC 3339, empty where there was nothing to look at.
    """

    objects: tuple[ObjectChange, ...]
    pods: tuple[PodPlan, ...] = ()
    load: Look[RayLoad] | None = None
    kept: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    not_compared: tuple[str, ...] = ()
    makes_namespace: bool = False
    taken_at: str = ""

    @property
    def changed(self) -> tuple[ObjectChange, ...]:
        """The objects that are made or changed."""
        return tuple(each for each in self.objects if each.change is not Change.UNCHANGED)

    @property
    def moved(self) -> tuple[PodPlan, ...]:
        """The pods of which it is known that they do not simply stay."""
        return tuple(each for each in self.pods if each.fate is not Fate.UNKNOWN)

    @property
    def left(self) -> tuple[PodPlan, ...]:
        """The pods that ought to be replaced and are not."""
        return tuple(each for each in self.pods if each.fate is Fate.LEFT)

    @property
    def changes_something(self) -> bool:
        """Whether anything is known that would not stay as it is."""
        return bool(self.makes_namespace or self.changed or self.moved)

    @property
    def touches_ray(self) -> bool:
        """Whether any head or worker is to be replaced, or ought to be."""
        return any(each.role is not Role.CLIENT for each in self.moved)

    @property
    def exit_code(self) -> ExitCode:
        """As kubectl diff: 0 nothing, 1 something; 3 where "nothing" was not fully looked at."""
        if self.changes_something:
            return ExitCode.FINDINGS
        whole = not self.not_compared and len(self.moved) == len(self.pods)
        return ExitCode.PROVEN if whole else ExitCode.INCONCLUSIVE
