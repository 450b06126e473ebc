"""Doom: what will not become ready without a change, why, and what to change.

A wait that ends early must never be wrong: each doom has a patience that covers what may still
heal by itself, and nothing counts that the tool itself, or a rollout, is about to replace.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from seedcore_deploy.judge.carriers import ROLLING_KINDS, Carrier
from seedcore_deploy.judge.commands import owner_path
from seedcore_deploy.judge.crash_loop import HEAD_READY_S
from seedcore_deploy.judge.facts import Facts, PodView, gather
from seedcore_deploy.judge.mends import shell
from seedcore_deploy.judge.operator import operator_threat
from seedcore_deploy.judge.pod_threats import latest
from seedcore_deploy.judge.refusals import refusal_threat
from seedcore_deploy.judge.scheduling import unscheduled_differences
from seedcore_deploy.judge.threat import Threat
from seedcore_deploy.judge.times import age, later
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.snapshot import Snapshot

NOTICED_S = 30.0
"""A rollout that Kubernetes gave up may still end well: what was mended shows by a probe's next
tries, and its pods need the head (HEAD_READY_S)."""
SEEN_BEFORE_S = 15.0
"""What was so before the wait began may have been mended a moment ago, and not be noticed yet:
the scheduler, for one, tries a pod again after up to 10 s."""


@dataclass(frozen=True, slots=True)
class Doom:
    """Something that will not become ready, or that will be known not to in `left_s` seconds.

    `left_s` is None where how long it lasts is unknown: then only who looks again can tell, and
    `patience_s` says for how long it must. `pod` and `container` have the log that tells more.
    """

    subject: Subject
    reason: str
    mend: str
    left_s: float | None = 0.0
    patience_s: float = 0.0
    pod: str = ""
    container: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """When a wait began, RFC 3339: right after the last write; `applied` is before the first.

    What is tried again by itself, and was not since then, says nothing: what was wrong may have
    been mended in between. What was made since `applied` has known nothing else.
    """

    begun: str = ""
    applied: str = ""


ANY_TIME = Wait()


def dooms(snapshot: Snapshot, wait: Wait = ANY_TIME) -> tuple[Doom, ...]:
    """What is doomed, or is about to be: the head first, since the others may wait for it."""
    facts = gather(snapshot)
    found = [*_of_cluster(facts, wait), *_of_pods(facts, wait), *_of_workloads(facts, wait)]
    return tuple(dict.fromkeys(found))


def _of_cluster(facts: Facts, wait: Wait) -> Iterable[Doom]:
    """Of the RayCluster as a whole, and of its groups' pods that are refused."""
    if facts.cluster is None:
        return
    subject = Subject("RayCluster", facts.cluster.name)
    threat = operator_threat(facts, facts.cluster)
    if threat is not None:
        yield from _doom(facts, subject, threat, wait)
        return
    for carrier in facts.carriers:
        if carrier.group is not None and len(facts.made_by(carrier)) < carrier.replicas:
            yield from _doom(facts, subject, refusal_threat(facts, carrier), wait)


def _of_pods(facts: Facts, wait: Wait) -> Iterable[Doom]:
    """Of the pods; those that apply replaces because of their template are left out."""
    for view in facts.pods:
        if view.threat is None or view.differs or unscheduled_differences(view):
            continue
        yield from _doom(facts, view.subject, view.threat, wait, view)


def _of_workloads(facts: Facts, wait: Wait) -> Iterable[Doom]:
    for carrier in facts.carriers:
        workload = carrier.facts
        if workload is None or workload.kind not in ROLLING_KINDS:
            continue
        if workload.observed_generation < workload.generation:
            continue
        if workload.updated < workload.replicas:
            yield from _doom(facts, carrier.subject, refusal_threat(facts, carrier), wait)
        yield from _doom(facts, carrier.subject, _held(facts, carrier, wait), wait)


def _held(facts: Facts, carrier: Carrier, wait: Wait) -> Threat | None:
    """A rollout that is paused, or that Kubernetes has given up."""
    workload = carrier.facts
    if workload is None or _is_over(carrier):
        return None
    if workload.paused:
        resume = shell(facts).kubectl("rollout", "resume", owner_path(carrier.subject))
        return Threat("its rollout is paused, and not over", f"resume it: {resume}")
    if not workload.failed or any(
        view.settling and later(view.pod.created_at, workload.failed_since)
        for view in facts.made_by(carrier)
    ):
        return None
    ready = latest(view.pod.ready_since for view in facts.heads if view.pod.ready)
    if not ready:
        return None
    since, patience_s = ready, HEAD_READY_S
    begun = wait.begun
    if begun and _left(facts, begun, NOTICED_S) > _left(facts, ready, HEAD_READY_S):
        since, patience_s = begun, NOTICED_S
    return Threat(
        f"Kubernetes gave its rollout up: {workload.failed}",
        "read why its pods are not ready below, and mend that",
        since,
        patience_s,
    )


def _left(facts: Facts, since: str, patience_s: float) -> float:
    lasted = age(facts.snapshot.taken_at, since)
    return 0.0 if lasted is None else patience_s - lasted


def _is_over(carrier: Carrier) -> bool:
    """Whether the newest revision alone is there: the pods of before are available as well."""
    workload = carrier.facts
    if workload is None:
        return False
    newest_alone = workload.updated >= workload.replicas >= workload.current
    return newest_alone and workload.available >= workload.replicas


def _doom(
    facts: Facts, subject: Subject, threat: Threat | None, wait: Wait, view: PodView | None = None
) -> Iterable[Doom]:
    if threat is None:
        return
    now, made = facts.snapshot.taken_at, view.pod.created_at if view else ""
    left_s, waited_s = threat.left_s(now), age(now, wait.begun)
    if not later(max(threat.since, made), wait.applied):
        if not threat.met_since(wait.begun):
            return
        if left_s is not None and waited_s is not None and later(wait.begun, threat.since):
            left_s = max(left_s, SEEN_BEFORE_S - waited_s)
    yield Doom(
        subject,
        threat.reason,
        threat.mend,
        left_s,
        threat.patience_s,
        view.pod.name if view else "",
        threat.container,
    )
