"""From a preview of the objects to the plan: which pods would be restarted, and what that costs.

The snapshot is judged as it would be after the apply, by the same rules by which apply itself
finds stale pods then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from seedcore_deploy.judge.carriers import ROLLING_KINDS
from seedcore_deploy.judge.facts import Facts, PodView, gather
from seedcore_deploy.judge.permission import decide
from seedcore_deploy.judge.stale import stale_pod
from seedcore_deploy.judge.upgrades import told
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.look import Look, NotSeen, Seen
from seedcore_deploy.model.plan import (
    Fate,
    Intent,
    Plan,
    PodPlan,
    Preview,
)
from seedcore_deploy.model.ray_load import RayLoad
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.stale import StalePod
from seedcore_deploy.model.upgrade import ServiceChange, Upgrade


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)
_AS_USUAL = Intent()
_NEW_HEAD = (Fate.EVICTED, Fate.RECREATED, Fate.SUPERSEDED)
_NO_RESTARTS = "--restart=none restarts nothing"


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What is to be done about a pod, and in what it is stale."""

    plan: PodPlan
    stale: StalePod | None = None


def plan_of(
    snapshot: Snapshot,
    preview: Preview,
    load: Look[RayLoad] | None = None,
    intent: Intent = _AS_USUAL,
    kept: tuple[str, ...] = (),
) -> Plan:
    """The plan. Needs what was read inside the pods; of one that was not, nobody can tell.

    `load` None means that nobody asked: a ready Ray pod then counts as one on a busy head.
    """
    facts = gather(after(snapshot, preview))
    found = [each for view in facts.pods for each in _pod(facts, view, preview, intent)]
    pods = tuple(_with_heads(facts.pods, found, _permitted(found, load, intent)))
    plan = Plan(
        objects=preview.objects,
        pods=pods,
        load=load,
        kept=kept,
        taken_at=snapshot.taken_at,
        notes=(*map(told, preview.upgrades), *_notes(pods)),
        not_compared=(*preview.not_compared, *_pods_unseen(snapshot)),
    )
    return plan if plan.touches_ray else replace(plan, load=None)


def plan_of_nothing(preview: Preview) -> Plan:
    """The plan for a namespace that is not there yet: nothing in it can be in the way."""
    return Plan(objects=preview.objects, makes_namespace=True)


def after(snapshot: Snapshot, preview: Preview) -> Snapshot:
    """The snapshot as it would be with the objects of the preview, its pods as they are."""
    now = snapshot.taken_at
    workloads = snapshot.workloads
    if isinstance(workloads, Seen):
        planned = {(each.kind, each.name): each for each in preview.workloads}
        workloads = Seen(
            tuple(
                replace(each, template=planned[each.kind, each.name].template)
                if (each.kind, each.name) in planned
                else each
                for each in workloads.value
            )
        )
    rayclusters = snapshot.rayclusters
    if isinstance(rayclusters, Seen):
        groups = {each.name: each.groups for each in preview.rayclusters}
        rayclusters = Seen(
            tuple(
                replace(each, groups=groups[each.name], changed_at=now)
                if each.name in groups
                else each
                for each in rayclusters.value
            )
        )
    named = {each.name: replace(each, changed_at=now) for each in preview.configmaps}
    return replace(
        snapshot,
        configmaps=_replaced(snapshot.configmaps, named),
        workloads=workloads,
        rayclusters=rayclusters,
    )


def _replaced(look: Look[tuple[N, ...]], named: Mapping[str, N]) -> Look[tuple[N, ...]]:
    """The objects, those of the same name replaced, and those that are new added."""
    if not isinstance(look, Seen):
        return look
    there = {each.name: each for each in look.value}
    return Seen(tuple({**there, **named}.values()))


def _pod(facts: Facts, view: PodView, preview: Preview, intent: Intent) -> Iterator[_Candidate]:
    """What is to be done about a pod, permission left out."""
    is_client = view.pod.role is Role.CLIENT
    stale = stale_pod(facts, view)
    if is_client and view.owner in preview.rolling:
        yield _fate(view, Fate.ROLLED_OUT, f"the template of {view.owner} changes")
    elif not is_client and view.pod.raycluster in preview.recreated:
        yield _fate(view, Fate.RECREATED, "the RayCluster changes, with upgradeStrategy Recreate")
    elif not is_client and (upgrade := _upgrade(facts, preview)) is not None:
        yield _fate(view, Fate.SUPERSEDED, f"{upgrade.subject} changes: {', '.join(upgrade.paths)}")
    elif stale is not None and is_client and view.owner.kind not in ROLLING_KINDS:
        yield _fate(view, Fate.LEFT, stale.cause, f"{view.owner} cannot be rolled out anew")
    elif stale is not None and not (intent.stale or intent.every):
        yield _fate(view, Fate.LEFT, stale.cause, _NO_RESTARTS)
    elif stale is not None or (
        intent.every and (not is_client or view.owner.kind in ROLLING_KINDS)
    ):
        stale = stale or StalePod(view.pod, view.owner)
        fate = Fate.RESTARTED if is_client else Fate.EVICTED
        yield replace(_fate(view, fate, stale.cause), stale=stale)
    elif isinstance(view.pod.process, NotSeen) and view.pod.ready:
        yield _fate(view, Fate.UNKNOWN, f"it could not be looked into: {view.pod.process.why}")


def _upgrade(facts: Facts, preview: Preview) -> ServiceChange | None:
    """The change for which KubeRay makes another RayCluster in the place of the one that runs."""
    service = facts.cluster.service if facts.cluster else ""
    return next(
        (
            each
            for each in preview.upgrades
            if each.rayservice == service and each.upgrade is Upgrade.NEW_CLUSTER
        ),
        None,
    )


def _can_go(view: PodView) -> bool:
    return view.pod.role is not Role.CLIENT or view.owner.kind in ROLLING_KINDS


def _fate(view: PodView, fate: Fate, *why: str) -> _Candidate:
    return _Candidate(PodPlan(view.pod.name, view.pod.role, view.owner, fate, why))


def _permitted(
    found: Sequence[_Candidate], load: Look[RayLoad] | None, intent: Intent
) -> Iterator[PodPlan]:
    """Ready Ray pods stay where somebody's work runs, unless that is permitted."""
    evicted = [
        each.stale for each in found if each.plan.fate is Fate.EVICTED and each.stale is not None
    ]
    decision = decide(evicted, load, permitted=intent.busy_head)
    left = {each.stale.pod.name: each for each in decision.left}
    for candidate in found:
        plan = candidate.plan
        if plan.pod in left:
            said = left[plan.pod]
            why = (*plan.why, said.why)
            plan = replace(plan, fate=Fate.LEFT, why=why, mend=said.mend)
        yield plan


def _with_heads(
    views: Iterable[PodView], found: Iterable[_Candidate], pods: Iterable[PodPlan]
) -> Iterator[PodPlan]:
    """The plan of each pod, the workers of a head that goes among them.

    Measured with KubeRay 1.6.1: a worker starts anew in its own pod then, with the new settings.
    """
    plans = {each.pod: each for each in pods}
    outlast = {each.plan.pod for each in found if each.stale is not None and each.stale.outlasts}
    going = {
        view.pod.raycluster
        for view in views
        if view.pod.role is Role.HEAD
        and view.pod.name in plans
        and plans[view.pod.name].fate is Fate.EVICTED
    }
    for view in views:
        own = plans.get(view.pod.name)
        with_head = view.pod.role is Role.WORKER and view.pod.raycluster in going
        if with_head and view.pod.name not in outlast:
            why = own.why if own is not None and own.fate is Fate.EVICTED else ()
            why = (*why, "its head is replaced")
            yield PodPlan(view.pod.name, view.pod.role, view.owner, Fate.WITH_HEAD, why)
        elif own is not None:
            yield own


def _notes(pods: Iterable[PodPlan]) -> Iterator[str]:
    """What follows from the plan, and a reader may not think of."""
    new_head = any(each.role is Role.HEAD and each.fate in _NEW_HEAD for each in pods)
    if new_head:
        yield (
            "a new head ends every Ray Client session; clients that do not connect again by "
            "themselves are restarted too"
        )


def _pods_unseen(snapshot: Snapshot) -> Iterator[str]:
    if isinstance(snapshot.pods, NotSeen):
        yield f"the pods, and so which would be restarted ({snapshot.pods.why})"
    if isinstance(snapshot.configmaps, NotSeen):
        yield f"the settings of the pods ({snapshot.configmaps.why})"
