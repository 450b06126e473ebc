"""Which stale Ray pods may be replaced now: never one under whose feet somebody's work runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seedcore_deploy.model.look import Look, NotSeen
from seedcore_deploy.model.ray_load import RayLoad
from seedcore_deploy.model.stale import LeftPod, StalePod

RESTART_HEAD = "--restart-head"
SHOWN = 5
"""So many names of each kind are told; of the others how many there are."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about the stale Ray pods of one look."""

    replace: tuple[StalePod, ...] = ()
    left: tuple[LeftPod, ...] = ()


def needs_permission(stale: Iterable[StalePod]) -> bool:
    """Whether any of the pods is ready: nothing is lost with one that is not."""
    return any(each.pod.ready for each in stale)


def decide(
    stale: Sequence[StalePod], load: Look[RayLoad] | None, *, permitted: bool = False
) -> Decision:
    """Ready pods are replaced on an idle cluster, or with permission; the others in any case.

    `load` may be None where no pod is ready. Where it could not be looked at, the cluster counts
    as busy. A worker runs tasks and actors of jobs: for it the same holds as for the head.
    """
    why = "" if permitted else busy(load)
    if not why:
        return Decision(replace=tuple(stale))
    kept = tuple(each for each in stale if each.pod.ready)
    return Decision(
        replace=tuple(each for each in stale if not each.pod.ready),
        left=tuple(
            LeftPod(
                each,
                why,
                "apply again when that is over, or at once with --restart-head, which ends it",
                RESTART_HEAD,
            )
            for each in kept
        ),
    )


def busy(load: Look[RayLoad] | None) -> str:
    """Why ready pods must stay, as a clause; empty where nothing would be lost."""
    if load is None:
        return "what runs on the Ray cluster was not looked at"
    if isinstance(load, NotSeen):
        return f"what runs on the Ray cluster could not be told: {load.why}"
    return "" if load.value.idle else f"the Ray cluster runs {running(load.value)}"


def running(load: RayLoad) -> str:
    """What runs on the cluster and would be lost with its head, by name."""
    jobs = [f"{each.name} ({each.status})" if each.status else each.name for each in load.jobs]
    actors = [
        f"{each.name} (namespace {each.namespace})" if each.namespace else each.name
        for each in load.actors
    ]
    applications = [each.name for each in load.others_applications]
    kinds = (("job", jobs), ("detached actor", actors), ("Serve application", applications))
    return ", ".join(_named(kind, names) for kind, names in kinds if names)


def _named(kind: str, names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    plural = "s" if len(names) > 1 else ""
    return f"{kind}{plural} {', '.join(names[:SHOWN])}{more}"
