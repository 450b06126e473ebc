"""SC101, SC102, SC104, SC203: a client's variable is missing, or is not what it must be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from seedcore_deploy.judge.carriers import Carrier
from seedcore_deploy.judge.claims import (
    Claim,
    effects,
    entry_of,
    env_of,
    key_of,
    lack_of,
)
from seedcore_deploy.judge.client_faults import ClientFault, client_faults, runs_wrong
from seedcore_deploy.judge.environment import same
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.layers import Layer
from seedcore_deploy.judge.lost_connections import connection_effects
from seedcore_deploy.judge.mends import apply_overlay, mend_place, shell
from seedcore_deploy.judge.rule import Rule
from seedcore_deploy.judge.settling import rollout_unsettled
from seedcore_deploy.judge.values import good_value, planned_value
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Finding, Fix, Severity, Subject
from seedcore_deploy.model.variable import OriginKind


def _check(rule: str) -> Callable[[Facts], Iterable[Claim]]:
    def check(facts: Facts) -> Iterable[Claim]:
        for fault in client_faults(facts):
            # A missing ConfigMap is spoken of once, with the variable that matters most.
            of_configmap = fault.missing_reference and fault.variable != "RAY_ADDRESS"
            if fault.rule == rule and not of_configmap:
                yield _claim(facts, fault)

    return check


def _claim(facts: Facts, fault: ClientFault) -> Claim:
    subject = _subject(fault)
    good = good_value(facts, fault.variable, fault.carrier)
    expected = good.display() if good is not None else "a value"
    actual = "(unset)" if fault.value is None else fault.value.display() or "(empty)"
    finding = Finding(
        rule=fault.rule,
        severity=Severity.ERROR,
        subject=subject,
        summary=f"{fault.variable} is not set for clients"
        if fault.value is None
        else f"{fault.variable} is {actual}",
        expected=f"{fault.variable}={expected}",
        actual=f"{fault.variable} {actual}" if fault.value is None else actual,
        because=_because(facts, fault),
        fix=_fix(facts, fault),
    )
    return Claim(finding, _about(fault, subject), _explained(fault))


def _subject(fault: ClientFault) -> Subject:
    """Where the mistake is: the key, the template, or the pod."""
    of_template = fault.carrier.subject if fault.carrier else None
    if (fault.unread or fault.missing_reference) and of_template is not None:
        return Subject(of_template.kind, of_template.name)
    if fault.origin.kind is OriginKind.CONFIGMAP:
        return Subject("ConfigMap", fault.origin.name, fault.origin.key)
    if fault.origin.kind is OriginKind.WORKLOAD and of_template is not None:
        return Subject(of_template.kind, of_template.name, fault.variable)
    return Subject("Pod", fault.pods[0].pod.name, fault.variable) if fault.pods else _other(fault)


def _other(fault: ClientFault) -> Subject:
    if fault.carrier is None:
        return Subject("Variable", fault.variable)
    return Subject(fault.carrier.subject.kind, fault.carrier.subject.name, fault.variable)


def _because(facts: Facts, fault: ClientFault) -> str:
    planned = planned_value(facts, fault.variable, fault.carrier)
    said = ""
    if planned is not None and fault.value is not None and planned.text:
        unlike = same(planned, fault.value) is not True
        said = f"; the overlay says {planned.text}" if unlike else "; the overlay says the same"
    origin = "" if fault.value is None else f"; it comes from {fault.origin}"
    return f"{fault.why}{origin}{said}"


def _fix(facts: Facts, fault: ClientFault) -> Fix:
    good = good_value(facts, fault.variable, fault.carrier)
    if fault.carrier is None:
        return Fix(f"set {fault.variable} of pod/{fault.pods[0].pod.name} right, and restart it")
    if fault.missing_reference:
        return apply_overlay(facts, *shell(facts).restart(fault.carrier.subject))
    if not fault.unread:
        return mend_place(facts, fault.origin, fault.carrier, fault.variable, good)
    planned = facts.planned.get(fault.carrier.key)
    settings = facts.contract.client_configmap
    if planned is not None and planned.reads(settings) and shell(facts).apply():
        return apply_overlay(facts, *shell(facts).rolled_out(fault.carrier.subject))
    shared = facts.contract.shared_configmap
    lacks_both = shared in (facts.configmaps or {}) and not fault.carrier.reads(shared)
    names = (shared, settings) if lacks_both else (settings,)
    return Fix(
        f"let {fault.carrier.subject} read {' and '.join(f'configmap/{name}' for name in names)}",
        (
            shell(facts).add_reference(fault.carrier, *names),
            *shell(facts).rolled_out(fault.carrier.subject),
        ),
    )


def _about(fault: ClientFault, subject: Subject) -> frozenset[str]:
    if fault.missing_reference and fault.carrier:
        return effects(lack_of(fault.carrier.subject, fault.missing_reference))
    if fault.unread and fault.carrier:
        return effects(lack_of(fault.carrier.subject, fault.origin.name))
    if fault.origin.kind is OriginKind.CONFIGMAP:
        return effects(key_of(fault.origin.name, fault.origin.key))
    if fault.origin.kind is OriginKind.WORKLOAD and fault.carrier:
        return effects(entry_of(fault.carrier.subject, fault.variable))
    return effects(env_of(view.pod.name, fault.variable) for view in fault.pods) or effects(
        str(subject)
    )


def _explained(fault: ClientFault) -> frozenset[str]:
    found = _about(fault, _subject(fault)) | effects(
        env_of(view.pod.name, fault.variable) for view in fault.pods
    )
    if fault.unread and fault.carrier:
        found |= effects(entry_of(fault.carrier.subject, f"envFrom {fault.origin.name}"))
    if fault.variable == "RAY_ADDRESS":
        for view in fault.pods:
            if runs_wrong(view, fault):
                found |= connection_effects(view)
    return found


def disagreeing_replicas(facts: Facts) -> Iterable[Claim]:
    """SC102, where only the pods can tell: replicas of one workload run with different values.

    So it is with a value from a Secret, whose content nobody looked at.
    """
    for carrier in facts.carriers:
        views = [view for view in facts.made_by(carrier) if view.pod.role is Role.CLIENT]
        for name in facts.contract.client_variables:
            told = [view for view in views if _only_pods_tell(view, name)]
            digests = {value.digest for view in told if (value := view.has(name)[1])}
            if len(digests) > 1 and not (carrier.facts and rollout_unsettled(carrier.facts)):
                yield _replicas_claim(facts, carrier, name, told)


def _only_pods_tell(view: PodView, name: str) -> bool:
    variable = view.variables.get(name)
    return view.has(name)[0] and variable is not None and Layer.CLUSTER not in variable.cells


def _replicas_claim(facts: Facts, carrier: Carrier, name: str, views: Sequence[PodView]) -> Claim:
    shown = {view.pod.name: value.display() for view in views if (value := view.has(name)[1])}
    finding = Finding(
        rule="SC102",
        severity=Severity.ERROR,
        subject=Subject(carrier.subject.kind, carrier.subject.name, name),
        summary=f"its replicas have different values of {name}",
        expected=f"one value of {name} in all replicas",
        actual=", ".join(f"pod/{pod}: {text}" for pod, text in shown.items()),
        because=f"{views[0].variables[name].origin} was changed after some of them started",
        fix=Fix(f"restart {carrier.subject}", shell(facts).restart(carrier.subject)),
    )
    about = effects(env_of(view.pod.name, name) for view in views)
    return Claim(finding, about, about)


def _wrong_values(facts: Facts) -> Iterable[Claim]:
    yield from _check("SC102")(facts)
    yield from disagreeing_replicas(facts)


RULES = (
    Rule("SC101", "a client lacks a variable", _check("SC101"), offline=True),
    Rule("SC102", "a variable is not what it must be", _wrong_values, offline=True),
    Rule("SC104", "RAY_ADDRESS of a client leads to no Ray", _check("SC104"), offline=True),
    Rule("SC203", "a host is not the head service here", _check("SC203"), offline=True),
)
