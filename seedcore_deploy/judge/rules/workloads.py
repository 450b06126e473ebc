"""SC301, SC302, SC305: a workload, its pods or the RayCluster is not there, or not ready."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from seedcore_deploy.judge.carriers import ROLLING_KINDS, Carrier
from seedcore_deploy.judge.claims import (
    Claim,
    application_of,
    configmap_of,
    effects,
    presence_of,
    proof_of,
    ready_of,
)
from seedcore_deploy.judge.commands import owner_path
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.mends import apply_overlay, restart_pods, shell
from seedcore_deploy.judge.missing_workloads import missing
from seedcore_deploy.judge.operator import operator_threat
from seedcore_deploy.judge.readiness import pods_on_their_way
from seedcore_deploy.judge.refusals import last_refusal
from seedcore_deploy.judge.rule import Rule
from seedcore_deploy.judge.scale_mends import resume, scale_up
from seedcore_deploy.judge.template_mends import departures, mend_template
from seedcore_deploy.judge.threat import Threat
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Finding, Fix, Severity, Subject
from seedcore_deploy.model.look import Seen

_NO_MORE_PODS = (
    "its controller makes no more: a quota, an admission webhook or a controller that does not "
    "run; the object's events say which"
)


def which_cluster(facts: Facts) -> Iterable[Claim]:
    """SC305: there is no RayCluster, or nothing tells which of several is meant."""
    if facts.clusters is None:
        return
    if facts.cluster is None:
        yield _no_cluster(facts)
    elif len(facts.clusters) > 1:
        others = [each.name for each in facts.clusters if each.declared != facts.cluster.declared]
        if not others:
            return  # a RayService makes a second one for each upgrade
        finding = _finding(
            "SC305",
            Subject("RayCluster", ", ".join(others)),
            "there is another RayCluster in the namespace",
            f"raycluster/{facts.cluster.name} alone",
            f"{len(facts.clusters)} RayClusters",
            "a RayCluster that was renamed leaves the former one behind, and selectors by "
            "ray.io/node-type pick the pods of both",
            Fix("delete it if nothing needs it: kubectl delete raycluster " + " ".join(others)),
            Severity.HINT,
        )
        yield Claim(finding)


def _no_cluster(facts: Facts) -> Claim:
    names = [each.declared for each in facts.clusters or ()]
    planned = [each.declared for each in facts.manifests.rayclusters] if facts.manifests else []
    if names and (not planned or set(names) & set(planned)):
        finding = _finding(
            "SC305",
            Subject("RayCluster", ", ".join(names)),
            "there are several RayClusters, and nothing tells which one is meant",
            "one RayCluster, or clients whose RAY_ADDRESS names one's head service",
            f"{len(names)} RayClusters",
            "neither an overlay nor the clients' RAY_ADDRESS names just one of them",
            Fix("delete those that nothing needs, or name the overlay with -k"),
        )
    else:
        finding = _finding(
            "SC305",
            Subject("RayCluster", planned[0] if planned else ""),
            "it does not exist",
            "a RayCluster" + (f" named {planned[0]}" if planned else ""),
            f"only {', '.join(names)}" if names else "none",
            "it was deleted, never applied, or this is another namespace",
            apply_overlay(facts),
        )
    followed = {presence_of("all"), presence_of(Role.HEAD), presence_of(Role.WORKER)}
    for view in facts.pods:
        followed |= _connections(view) | {ready_of(view.pod.name)}
    if not facts.pods and not any(carrier.facts for carrier in facts.carriers):
        # Nothing of the pattern is here: one statement says so.
        followed |= {presence_of(each.name) for each in facts.contract.workloads}
        followed |= {presence_of(str(each.subject)) for each in facts.planned.values()}
        contract = facts.contract
        followed |= {
            configmap_of(contract.shared_configmap),
            configmap_of(contract.client_configmap),
        }
    return Claim(finding, frozenset(), frozenset(followed))


def no_pods(facts: Facts) -> Iterable[Claim]:
    """SC301: something that must have pods is not there, has none, or fewer than it asks for."""
    yield from missing(facts)
    if isinstance(facts.snapshot.pods, Seen):
        for carrier in facts.carriers:
            yield from _too_few(facts, carrier)


def _too_few(facts: Facts, carrier: Carrier) -> Iterable[Claim]:
    pods = facts.made_by(carrier)
    required = any(
        each.name == carrier.workload and each.required for each in facts.contract.workloads
    )
    if carrier.group is None and (carrier.facts is None or carrier.facts.kind not in ROLLING_KINDS):
        return
    if carrier.replicas == 0 and not pods:
        if required and not _is_made_elsewhere(facts, carrier):
            yield _scaled_down(facts, carrier)
        return
    if len(pods) >= carrier.replicas or pods_on_their_way(facts, carrier):
        return
    refused, _, _ = last_refusal(facts, carrier)
    finding = _finding(
        "SC301",
        carrier.subject,
        f"{len(pods)} of {carrier.replicas} pods are there",
        f"{carrier.replicas} pods",
        str(len(pods)),
        f"the API server refuses its pods: {refused}" if refused else _unmade(facts, carrier),
        _admit(facts, carrier, refused),
    )
    yield Claim(finding, effects(presence_of(carrier.workload)), _absence(facts, carrier))


def _is_made_elsewhere(facts: Facts, carrier: Carrier) -> bool:
    """Whether another worker group makes what the contract requires: each alone need not."""
    if carrier.group is None:
        return False
    return any(each.replicas for each in facts.carriers if each.workload == carrier.workload)


def _unmade(facts: Facts, carrier: Carrier) -> str:
    """Why nobody makes the pods, where the API server did not refuse any."""
    threat = None
    if carrier.group is not None and facts.cluster is not None:
        threat = operator_threat(facts, facts.cluster)
    return threat.reason if threat is not None else _NO_MORE_PODS


def _admit(facts: Facts, carrier: Carrier, refused: str) -> Fix:
    """What makes room for pods; whether a quota gives way is for people to decide."""
    quota = re.search(r"exceeded quota: ([^\s,]+)", refused)
    if quota is not None:
        return Fix(
            f"raise or remove resourcequota/{quota[1]}, or make room under it (kubectl describe "
            f"resourcequota {quota[1]}); its controller tries again, at once after: "
            f"kubectl rollout restart {owner_path(carrier.subject)}"
        )
    return Fix(
        f"read kubectl describe {owner_path(carrier.subject)}, and mend what it names",
        shell(facts).restart(carrier.subject) if carrier.group is None and not refused else (),
    )


def _scaled_down(facts: Facts, carrier: Carrier) -> Claim:
    suspended = bool(carrier.group and facts.cluster and facts.cluster.suspended)
    finding = _finding(
        "SC301",
        carrier.subject,
        "it is suspended" if suspended else "it is scaled to 0",
        "at least one pod",
        "0 replicas",
        "the RayCluster is suspended" if suspended else "somebody or something scaled it down",
        resume(facts, carrier) if suspended else scale_up(facts, carrier),
    )
    return Claim(finding, effects(presence_of(carrier.workload)), _absence(facts, carrier))


def _absence(facts: Facts, carrier: Carrier) -> frozenset[str]:
    found = {presence_of(carrier.workload)}
    if carrier.role is Role.HEAD:
        for view in facts.pods:
            found |= _connections(view) | {ready_of(view.pod.name)}
        found.add(presence_of(Role.WORKER))
    return frozenset(found)


def not_ready(facts: Facts) -> Iterable[Claim]:
    """SC302: a pod is not ready, and will not become so by itself."""
    for view in facts.pods:
        if view.pod.ready or view.settling:
            continue
        same_owner = [
            each
            for each in facts.pods
            if not each.pod.ready and each.owner == view.owner and not each.settling
        ]
        why = view.pod.why_not_ready or f"its phase is {view.pod.phase or 'unknown'}"
        subject = view.subject if len(same_owner) == 1 else view.owner
        departs = departures(facts, view.carrier)
        finding = _finding(
            "SC302",
            subject,
            f"pod/{view.pod.name} is not ready: {why}",
            "ready",
            why,
            "; ".join(_reasons(view, _threat_of(facts, view), why, departs)),
            _bring_up(facts, view, departs),
        )
        found = {ready_of(view.pod.name), presence_of(view.pod.workload)}
        if view.pod.role is Role.HEAD:
            for each in facts.pods:
                found |= _connections(each)
                if each.pod.role is Role.HEAD or _threat_of(facts, each) is None:
                    # What counts without a ready head, as an image that is not there, is its own.
                    found.add(ready_of(each.pod.name))
        else:
            found |= _connections(view)
        symptom = view.pod.role is not Role.HEAD
        yield Claim(finding, effects(ready_of(view.pod.name)), frozenset(found), symptom)


def _threat_of(facts: Facts, view: PodView) -> Threat | None:
    """What keeps the pod from becoming ready; None while that may pass."""
    threat = view.threat
    return threat if threat is not None and threat.counts(facts.snapshot.taken_at) else None


def _reasons(
    view: PodView, threat: Threat | None, why: str, departs: Sequence[str]
) -> Iterable[str]:
    yield threat.reason if threat is not None else why
    if view.pod.restarts and threat is None:
        yield f"it restarted {view.pod.restarts} time(s)"
    if departs:
        yield (
            f"its template is not the overlay's ({', '.join(departs)}): it was changed by hand, "
            f"or the overlay was not applied"
        )


def _bring_up(facts: Facts, view: PodView, departs: Sequence[str]) -> Fix:
    """Apply the overlay, which has or must get it right; without one only the log can tell."""
    threat, log = _threat_of(facts, view), f"kubectl logs {view.pod.name} -c {view.pod.container}"
    change = threat.mend if threat is not None else f"read its log ({log}), and mend what it says"
    if departs and shell(facts).apply():
        return mend_template(facts, view, change)
    restart = restart_pods(facts, [view])
    carrier = view.carrier
    if carrier is None or carrier.key not in facts.planned or not shell(facts).apply():
        return Fix(f"{change}; then restart it", restart)
    text = f"{change}, in the overlay; then apply it, and restart the pod"
    return Fix(text, (*shell(facts).apply(), *restart))


def _connections(view: PodView) -> set[str]:
    return {proof_of(view.pod.name), application_of(view.pod.name)}


def _finding(
    rule: str,
    subject: Subject,
    summary: str,
    expected: str,
    actual: str,
    because: str,
    fix: Fix,
    severity: Severity = Severity.ERROR,
) -> Finding:
    return Finding(rule, severity, subject, summary, expected, actual, because, fix)


RULES = (
    Rule("SC305", "which RayCluster is meant", which_cluster),
    Rule("SC301", "a workload has no pods", no_pods),
    Rule("SC302", "a pod is not ready", not_ready),
)
