"""What is not there at all though the contract requires it, or the overlay has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from seedcore_deploy.judge.carriers import ROLLING_KINDS, Carrier
from seedcore_deploy.judge.claims import Claim, effects, presence_of
from seedcore_deploy.judge.commands import owner_path
from seedcore_deploy.judge.facts import Facts
from seedcore_deploy.judge.mends import apply_overlay, shell
from seedcore_deploy.model.contract import Role, WorkloadContract
from seedcore_deploy.model.finding import Finding, Severity, Subject
from seedcore_deploy.model.look import Seen


def missing(facts: Facts) -> Iterable[Claim]:
    """SC301: a workload that the contract requires or the overlay has is not in the cluster."""
    absent = [
        each for each in facts.contract.workloads if each.required and _is_absent(facts, each)
    ]
    for workload in absent:
        yield _required(facts, workload)
    told = {each.name for each in absent}
    for carrier in facts.planned.values():
        if carrier.workload not in told and carrier.replicas and _is_not_applied(facts, carrier):
            yield _planned(facts, carrier)


def _is_absent(facts: Facts, workload: WorkloadContract) -> bool:
    """Whether neither a template nor a pod of the workload is there, both having been seen."""
    if any(each.workload == workload.name for each in facts.carriers):
        return False
    if any(view.pod.workload == workload.name for view in facts.pods):
        return False
    snapshot = facts.snapshot
    makers = snapshot.workloads if workload.role is Role.CLIENT else snapshot.rayclusters
    return isinstance(makers, Seen) and isinstance(snapshot.pods, Seen)


def _is_not_applied(facts: Facts, planned: Carrier) -> bool:
    """Whether the cluster lacks what the overlay has, and shows no pod of it either.

    A Job that is over may be gone, a CronJob makes its pods in time. A kind that may not be listed
    shows by its pods; without any of them it is the same as one that is not there.
    """
    if any(each.key == planned.key for each in facts.carriers):
        return False
    snapshot = facts.snapshot
    if planned.group is not None:
        same = (planned.subject.kind, planned.subject.name)
        return any(each.key[:2] == same for each in facts.carriers)  # else SC305 speaks of it
    name = owner_path(planned.subject)
    seen = isinstance(snapshot.workloads, Seen) and isinstance(snapshot.pods, Seen)
    known = planned.subject.kind in ROLLING_KINDS
    return known and seen and not any(view.pod.owner == name for view in facts.pods)


def _required(facts: Facts, workload: WorkloadContract) -> Claim:
    planned = [each for each in facts.planned.values() if each.workload == workload.name]
    about = effects(presence_of(workload.name))
    return Claim(
        _finding(
            facts,
            planned[0].subject if planned else Subject("Workload", workload.name),
            f"there is no {workload.name} workload",
            f"a workload whose pods have {workload.selector}",
            planned,
        ),
        about,
        about,
    )


def _planned(facts: Facts, carrier: Carrier) -> Claim:
    what = "worker group" if carrier.group is not None else carrier.subject.kind
    summary = f"there is no such {what}, and the overlay has one"
    about = effects(presence_of(str(carrier.subject)))
    finding = _finding(facts, carrier.subject, summary, "what the overlay has", [carrier])
    return Claim(finding, about, about)


def _finding(
    facts: Facts, subject: Subject, summary: str, expected: str, planned: list[Carrier]
) -> Finding:
    awaited: tuple[str, ...] = ()
    if planned and planned[0].group is not None:
        name = facts.cluster.name if facts.cluster else planned[0].cluster
        awaited = (shell(facts).group_ready(replace(planned[0], cluster=name)),)
    elif planned:
        awaited = shell(facts).rolled_out(subject)
    return Finding(
        rule="SC301",
        severity=Severity.ERROR,
        subject=subject,
        summary=summary,
        expected=expected,
        actual="none",
        because="it was deleted, or never applied",
        fix=apply_overlay(facts, *awaited),
    )
