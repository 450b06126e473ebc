"""What is not shown: every requirement of PROVEN that is not met and that no finding explains.

This is the positive side of the verdict: whatever the rules miss, nothing passes unproven.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from seedcore_deploy.judge.answers import (
    DASHBOARD,
    SERVE,
    Standing,
    answer_at,
    answer_settling,
    standing,
)
from seedcore_deploy.judge.application import (
    Application,
    application_of_pod,
    clients_come_and_go,
    dead_connections,
)
from seedcore_deploy.judge.claims import (
    answer_of,
    application_of,
    env_of,
    presence_of,
    proof_of,
    ready_of,
    serving_of,
    template_of,
)
from seedcore_deploy.judge.environment import same
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.readers import needs_no_connection
from seedcore_deploy.judge.readiness import Pending, pending_of
from seedcore_deploy.judge.session import (
    head_probe,
    is_member,
    reached_another,
)
from seedcore_deploy.judge.slow_proofs import still_starting, too_slow_to_tell
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Gap, Subject
from seedcore_deploy.model.look import NotSeen
from seedcore_deploy.model.snapshot import ProbeFacts
from seedcore_deploy.model.variable import LayerVerdict

_PARTS = ("configmaps", "services", "rayclusters", "workloads", "pods")


_UNCERTAIN = (
    "the application's own connection is not proven: a dead Ray client keeps a TCP connection as "
    "well, and "
)


@dataclass(frozen=True, slots=True)
class _Unmet:
    """A requirement that is not met; a finding that touches one of `effects` explains it."""

    gap: Gap
    effects: tuple[str, ...] = ()


def gaps(facts: Facts, explained: Collection[str]) -> tuple[Gap, ...]:
    """The gaps that remain; `explained` are the effects that findings speak of."""
    unmet = (
        *_unseen_parts(facts),
        *(_pending(facts, each) for each in pending_of(facts)),
        *_of_required(facts),
        *(_of_looks_inside(facts) if facts.snapshot.looks_inside else _without_exec(facts)),
    )
    found = (each.gap for each in unmet if not any(effect in explained for effect in each.effects))
    return tuple(dict.fromkeys(found))


def _of_looks_inside(facts: Facts) -> Iterable[_Unmet]:
    for view in facts.pods:
        yield from _of_pod(facts, view)
    yield from _of_head(facts)
    yield from _of_workloads(facts)


def _without_exec(facts: Facts) -> Iterable[_Unmet]:
    """What no one can say who runs nothing inside the pods; one gap each, whatever their number."""
    for what in (
        "what containers and processes were started with was not read",
        "the proof of connection was not made",
        "the applications' own connections were not looked at",
    ):
        mend = f"seedcore-deploy verify {facts.namespace}, which needs the permission to exec"
        yield _Unmet(Gap(Subject("Namespace", facts.namespace), f"{what} (--no-exec)", mend))


def _unseen_parts(facts: Facts) -> Iterable[_Unmet]:
    for part in _PARTS:
        look = getattr(facts.snapshot, part)
        if isinstance(look, NotSeen):
            subject = Subject("Namespace", facts.namespace, part)
            yield _Unmet(_not_seen(subject, look, f"the {part} could not be listed"))


def _not_seen(subject: Subject, look: NotSeen, what: str, settling: str = "") -> Gap:
    mend = look.mend or "mend what stands there, and verify again"
    return Gap(subject, f"{what}: {look.why}", mend, bool(settling))


def _waiting(facts: Facts, subject: Subject, why: str, settling: str) -> Gap:
    said = f"{why} ({settling})" if settling and settling not in why else why
    command = f"seedcore-deploy verify {facts.namespace} --wait 5m"
    mend = f"wait: {command}" if settling else f"look why, then: {command}"
    return Gap(subject, said, mend, bool(settling))


def _pending(facts: Facts, pending: Pending) -> _Unmet:
    """Something that is not ready: a finding about the pod or its workload explains it."""
    subject, settling = pending.subject, "settling" if pending.settling else ""
    touched = [ready_of(subject.name), template_of(subject.name)]
    for carrier in facts.carriers:
        if carrier.subject == subject:
            touched.append(presence_of(carrier.workload))
            touched += [ready_of(view.pod.name) for view in facts.made_by(carrier)]
    if subject.kind == "RayCluster" and facts.cluster is None:
        touched.append(presence_of(Role.HEAD))
    if subject.kind == "Workload":
        touched.append(presence_of(subject.name))
    gap = _waiting(facts, subject, pending.why, settling)
    if pending.settling:
        gap = Gap(subject, pending.why, gap.mend, settling=True)
    return _Unmet(gap, () if pending.settling else tuple(touched))


def _of_pod(facts: Facts, view: PodView) -> Iterable[_Unmet]:
    """What a pod has to show; one that is not ready has its gap or finding already."""
    if not view.pod.ready:
        return
    if isinstance(view.pod.process, NotSeen):
        look, what = view.pod.process, "its environment could not be read"
        yield _Unmet(_not_seen(view.subject, look, what, view.unsettled))
        return
    yield from _of_environment(facts, view)
    if isinstance(view.pod.probe, NotSeen):
        what = "the proof of connection could not be made"
        yield _Unmet(_not_seen(view.subject, view.pod.probe, what, view.unsettled))
    elif view.probe is not None and not _is_proof(facts, view):
        yield _Unmet(_failed_proof(facts, view, view.probe), (proof_of(view.pod.name),))
    if view.pod.role is Role.CLIENT:
        yield from _of_live_process(view)
        yield from _of_application(facts, view)
        yield from _of_answers(facts, view)
    if view in facts.workers and head_probe(facts) is not None:
        yield from _of_membership(facts, view)


def _of_membership(facts: Facts, view: PodView) -> Iterable[_Unmet]:
    member = is_member(facts, view)
    if member:
        return
    why = "the worker is not in the head's session"
    if member is None:
        why = "it shares its address with workers of which not all are in the head's session"
    gap = _waiting(facts, view.subject, why, view.unsettled or view.young)
    yield _Unmet(gap, (proof_of(view.pod.name),))


def _of_live_process(view: PodView) -> Iterable[_Unmet]:
    """A probe needs it as well: where that could not be made for it, its own gap says so."""
    unread = view.unread_process
    if unread is not None and not isinstance(view.pod.probe, NotSeen):
        what = "what its main process runs with could not be read"
        yield _Unmet(_not_seen(view.subject, unread, what, view.unsettled))


def _failed_proof(facts: Facts, view: PodView, probe: ProbeFacts) -> Gap:
    settling = view.unsettled or view.settling
    slow = too_slow_to_tell(facts, view)
    if not slow:
        why = f"the proof of connection failed: {probe.reason or probe.error}"
        return _waiting(facts, view.subject, why, settling)
    settling = settling or still_starting(facts, view)
    why = f"the proof of connection did not end within {probe.seconds:.0f} s; {slow}"
    if settling:
        return _waiting(facts, view.subject, why, settling)
    longer = f"seedcore-deploy verify {facts.namespace} --probe-timeout 3m"
    return Gap(view.subject, why, f"give it more time: {longer}")


def _is_proof(facts: Facts, view: PodView) -> bool:
    return view.probe is not None and view.probe.ok and not reached_another(facts, view, view.probe)


def _of_environment(facts: Facts, view: PodView) -> Iterable[_Unmet]:
    departed = (LayerVerdict.NOT_APPLIED, LayerVerdict.STALE, LayerVerdict.ENTRYPOINT)
    for variable in view.variables.values():
        if variable.verdict in departed:
            name, settling = variable.name, view.unsettled
            gap = _waiting(facts, view.subject, f"{name}: {variable.verdict.value}", settling)
            yield _Unmet(gap, (env_of(view.pod.name, name),))
    if view.pod.role is not Role.CLIENT:
        return
    for name in facts.contract.client_variables:
        known, value = view.has(name)
        if not known or value is None or same(value, None):
            gap = _waiting(facts, view.subject, f"{name} is not set", view.unsettled)
            yield _Unmet(gap, (env_of(view.pod.name, name),))


def _of_application(facts: Facts, view: PodView) -> Iterable[_Unmet]:
    state = application_of_pod(facts, view)
    if state is Application.CONNECTED or needs_no_connection(facts, view):
        return
    touched = (application_of(view.pod.name),)
    settling = view.unsettled or view.young
    connections = view.process.connections if view.process else None
    if isinstance(connections, NotSeen):
        what = "the application's own connection is not proven"
        yield _Unmet(_not_seen(view.subject, connections, what, settling), touched)
    elif state is Application.UNCERTAIN:
        kubectl = shlex.join(facts.snapshot.target.kubectl)
        mend = f"restart it: {kubectl} rollout restart {view.pod.owner}"
        why = _UNCERTAIN + _uncertain(facts)
        passes = bool(settling) or clients_come_and_go(facts)
        yield _Unmet(Gap(view.subject, why, mend, passes), touched)
    else:
        why = "the application's own connection to the head is not there"
        yield _Unmet(_waiting(facts, view.subject, why, settling), touched)


def _of_answers(facts: Facts, view: PodView) -> Iterable[_Unmet]:
    """Dashboard and Serve: each must answer, or it must be shown that nothing is served."""
    for variable in (DASHBOARD, SERVE):
        answer, how = answer_at(view, variable), standing(facts, view, variable)
        if answer is None and _is_hidden_from_proof(view, variable):
            gap = _waiting(facts, view.subject, f"{variable} was not asked: it is no URL", "")
            yield _Unmet(gap, (env_of(view.pod.name, variable), answer_of(view.pod.name, variable)))
        if answer is None or how in (Standing.FINE, Standing.IDLE):
            continue
        why = f"{variable}: {answer.said or 'another cluster answers'} at {answer.asked}"
        touched = [env_of(view.pod.name, variable), answer_of(view.pod.name, variable)]
        if how is Standing.UNTOLD:
            what = "whether Serve should answer" if variable == SERVE else "whose dashboard it is"
            why = f"{what} could not be told: {why}"
            touched.append(serving_of(view.pod.name))
        settling = answer_settling(facts, view, variable)
        yield _Unmet(_waiting(facts, view.subject, why, settling), tuple(touched))


def _is_hidden_from_proof(view: PodView, variable: str) -> bool:
    """Whether a proven client has it from where no rule may look, as from a Secret."""
    _, value = view.has(variable)
    proven = view.pod.role is Role.CLIENT and view.probe is not None and view.probe.ok
    return proven and value is not None and value.text is None


def _uncertain(facts: Facts) -> str:
    dead = dead_connections(facts)
    if dead is not None and dead > 0:
        return f"the head's client port has {dead} connection(s) without a session; whose, is open"
    told = "the process is older than the head, and its readiness did not notice the change"
    return f"{told}; clients came or went meanwhile" if clients_come_and_go(facts) else told


def _of_head(facts: Facts) -> Iterable[_Unmet]:
    for view in facts.heads:
        if view.pod.ready and view.pod.probe is None:
            gap = _waiting(facts, view.subject, "no proof was asked of the head", "")
            yield _Unmet(gap, (proof_of(view.pod.name),))


def _of_required(facts: Facts) -> Iterable[_Unmet]:
    """What the contract requires needs at least one pod."""
    if isinstance(facts.snapshot.pods, NotSeen):
        return
    for workload in facts.contract.workloads:
        if workload.required and not any(view.pod.workload == workload.name for view in facts.pods):
            subject = Subject("Workload", workload.name)
            gap = _waiting(facts, subject, "it has no pod", "")
            yield _Unmet(gap, (presence_of(workload.name),))


def _of_workloads(facts: Facts) -> Iterable[_Unmet]:
    """Each client workload has to show one proof; a replica that was not asked owes none."""
    for owner in dict.fromkeys(view.owner for view in facts.clients):
        views = [view for view in facts.clients if view.owner == owner and view.pod.ready]
        if not views or any(view.pod.probe is not None for view in views):
            continue
        gap = _waiting(facts, owner, "no proof was asked of any of its pods", views[0].unsettled)
        yield _Unmet(gap, tuple(proof_of(view.pod.name) for view in views))


def proofs_missing(facts: Facts) -> bool:
    """Whether any needed proof is not there: the last guard before PROVEN."""
    owners = {view.owner for view in facts.clients}
    proven = {view.owner for view in facts.clients if _is_proof(facts, view)}
    return head_probe(facts) is None or not facts.heads or bool(owners - proven)
