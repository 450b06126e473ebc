"""What is not ready at the revision that is now in the cluster."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from seedcore_deploy.judge.carriers import ROLLING_KINDS, Carrier
from seedcore_deploy.judge.facts import Facts, PodView, gather
from seedcore_deploy.judge.settling import rollout_stuck, rollout_unsettled
from seedcore_deploy.judge.times import YOUNG_POD_S, age
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import NotSeen
from seedcore_deploy.model.snapshot import Snapshot

_WORTH_WAITING_S = 120
"""KubeRay keeps a former RayCluster for 60 s; who asks for much more wants it to stay."""


@dataclass(frozen=True, slots=True)
class Pending:
    """Something that is not ready; `settling` when it may become so by itself."""

    subject: Subject
    why: str
    settling: bool


def pending(snapshot: Snapshot) -> tuple[Pending, ...]:
    """All that is not ready yet; empty when every expected pod is there, current and ready.

    Needs nothing from inside the pods. A part that was not seen is pending, never ready.
    """
    return pending_of(gather(snapshot))


def pending_of(facts: Facts) -> tuple[Pending, ...]:
    """The same, for facts that are arranged already."""
    return (
        *_unseen(facts.snapshot),
        *_absent(facts),
        *(each for carrier in facts.carriers for each in carrier_pending(facts, carrier)),
        *(each for view in facts.pods for each in pod_pending(view)),
    )


def unready(snapshot: Snapshot) -> tuple[Pending, ...]:
    """The same, but that a Ray pod of an older template counts as what it is: ready or not."""
    return pending_of(_whatever_template(gather(snapshot)))


def ray_unready(snapshot: Snapshot, *roles: Role) -> tuple[Pending, ...]:
    """What is not ready of the head or the workers, whatever template they were made from."""
    facts = _whatever_template(gather(snapshot))
    return (
        *_unseen(snapshot),
        *(
            each
            for carrier in facts.carriers
            if carrier.role in roles
            for each in carrier_pending(facts, carrier)
        ),
        *(each for view in facts.pods if view.pod.role in roles for each in pod_pending(view)),
    )


def unswitched(snapshot: Snapshot) -> tuple[Pending, ...]:
    """What keeps the RayService that is meant from being served by its last RayCluster alone.

    Empty for one that nothing serves yet: then its only RayCluster is judged as any other is. A
    former one that KubeRay deletes in a while is waited out, since its clients lose it then.
    """
    facts = gather(snapshot)
    service = facts.cluster.service if facts.cluster else ""
    if not service:
        return ()
    subject = Subject("RayService", service)
    if isinstance(snapshot.rayservices, NotSeen):
        return (Pending(subject, f"could not look: {snapshot.rayservices.why}", settling=False),)
    found = next((each for each in snapshot.rayservices.value if each.name == service), None)
    if found is None or not found.active:
        return ()
    if 0 < found.observed_generation < found.generation:
        return (Pending(subject, "KubeRay has not taken up its last change yet", settling=True),)
    if found.pending:
        why = f"KubeRay has not switched over to raycluster/{found.pending} yet"
        return (Pending(subject, why, settling=True),)
    if found.deleted_after_s > _WORTH_WAITING_S:
        return ()
    return tuple(
        Pending(
            Subject("RayCluster", each.name),
            "KubeRay has switched over to another, and deletes this one in a moment",
            settling=True,
        )
        for each in facts.clusters or ()
        if each.service == service and each.name != found.active
    )


def _whatever_template(facts: Facts) -> Facts:
    return replace(facts, pods=tuple(replace(view, differs=()) for view in facts.pods))


def _unseen(snapshot: Snapshot) -> Iterable[Pending]:
    for part in ("rayclusters", "workloads", "pods"):
        look = getattr(snapshot, part)
        if isinstance(look, NotSeen):
            subject = Subject("Namespace", snapshot.target.namespace, part)
            yield Pending(subject, f"could not look: {look.why}", settling=False)


def _absent(facts: Facts) -> Iterable[Pending]:
    if facts.clusters is not None and facts.cluster is None:
        yield Pending(
            Subject("RayCluster", _planned_cluster(facts)),
            "it is not there" if not facts.clusters else "nothing tells which one is meant",
            settling=False,
        )
    have = {carrier.workload for carrier in facts.carriers}
    have |= {view.pod.workload for view in facts.pods}
    if isinstance(facts.snapshot.workloads, NotSeen):
        return
    for workload in facts.contract.workloads:
        absent = workload.role is Role.CLIENT and workload.name not in have
        if workload.required and absent:
            yield Pending(
                Subject("Workload", workload.name),
                f"there is none with {workload.selector}",
                settling=False,
            )


def _planned_cluster(facts: Facts) -> str:
    live = [each.declared for each in facts.clusters or ()]
    planned = [each.declared for each in facts.manifests.rayclusters] if facts.manifests else []
    return planned[0] if planned and not set(planned) & set(live) else ",".join(live)


def carrier_pending(facts: Facts, carrier: Carrier) -> Iterable[Pending]:
    """What is missing of a carrier as a whole: pods that are not there, a rollout under way.

    Nothing where pods were not seen: whether they are there, nobody knows.
    """
    if isinstance(facts.snapshot.pods, NotSeen):
        return
    pods = facts.made_by(carrier)
    if carrier.group is not None:
        if len(pods) != carrier.replicas:
            why = f"{len(pods)} of {carrier.replicas} pods are there"
            yield Pending(carrier.subject, why, pods_on_their_way(facts, carrier))
        return
    if carrier.facts is None or carrier.facts.kind not in ROLLING_KINDS:
        return
    if reason := rollout_unsettled(carrier.facts):
        yield Pending(carrier.subject, reason, settling=True)
    elif reason := rollout_stuck(carrier.facts):
        yield Pending(carrier.subject, reason, settling=False)
    elif len(pods) < carrier.replicas:
        why = f"{len(pods)} of {carrier.replicas} pods are there"
        yield Pending(carrier.subject, why, pods_on_their_way(facts, carrier))
    elif carrier.facts.available < carrier.replicas:
        why = f"{carrier.facts.available} of {carrier.replicas} replicas are available"
        # Pods that are ready become available by themselves; the others say why they are not.
        hopeful = all(view.pod.ready or view.settling for view in pods)
        yield Pending(carrier.subject, why, settling=hopeful)


def pods_on_their_way(facts: Facts, carrier: Carrier) -> bool:
    """Whether pods that are missing, or too many, are a matter of a moment."""
    pods = facts.made_by(carrier)
    if len(pods) > carrier.replicas:
        return True
    if any(carrier.makes(pod) for pod in facts.leaving):
        return True
    if carrier.group is None:
        return bool(carrier.facts and rollout_unsettled(carrier.facts))
    created = age(facts.snapshot.taken_at, facts.cluster.created_at) if facts.cluster else None
    young = created is not None and created < YOUNG_POD_S
    return young or (carrier.role is Role.WORKER and bool(facts.head_unsettled))


def pod_pending(view: PodView) -> Iterable[Pending]:
    """What a pod lacks: readiness, or the template of its group."""
    if not view.pod.ready:
        why = view.pod.why_not_ready or f"it is {view.pod.phase or 'not ready'}"
        hope = f" ({view.settling})" if view.settling else ""
        yield Pending(view.subject, why + hope, bool(view.settling))
    if view.differs:
        why = f"KubeRay will not replace it, and its template differs: {', '.join(view.differs)}"
        yield Pending(view.subject, why, settling=False)
