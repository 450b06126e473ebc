"""SC110: a hint; Ray's own ray.init() in clients, which no code of theirs asked for, is not off."""

from __future__ import annotations

from collections.abc import Iterable

from seedcore_deploy.judge.carriers import Carrier
from seedcore_deploy.judge.claims import Claim, effects, entry_of, env_of, key_of
from seedcore_deploy.judge.environment import Resolved
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.mends import mend_place
from seedcore_deploy.judge.rule import Rule
from seedcore_deploy.model.contract import AUTO_CONNECT, AUTO_CONNECT_OFF, Role
from seedcore_deploy.model.disclosure import EnvValue
from seedcore_deploy.model.finding import Finding, Severity, Subject
from seedcore_deploy.model.variable import Origin, OriginKind


def auto_connect_on(facts: Facts) -> Iterable[Claim]:
    """SC110: one hint for each place that lacks the value, whatever the clients do with Ray.

    A client that reads no client settings, or whose settings are not there, has a deeper fault.
    Not offline: an image may set the variable, and a render cannot tell.
    """
    settings = facts.contract.client_configmap
    for carrier in facts.carriers:
        if carrier.role is not Role.CLIENT or not carrier.reads(settings):
            continue
        evaluation = facts.evaluation(carrier)
        if evaluation is None or evaluation.open or settings not in (facts.configmaps or {}):
            continue
        resolved = evaluation.get(AUTO_CONNECT)
        pods = facts.made_by(carrier)
        if not _may_be_off(resolved) and not (pods and all(map(_is_off, pods))):
            yield _claim(facts, carrier, resolved, pods)


def _may_be_off(resolved: Resolved | None) -> bool:
    """Whether it is off, or nobody can tell."""
    if resolved is None:
        return False
    unknown = not resolved.certain or resolved.value is None or resolved.value.text is None
    return unknown or (resolved.value is not None and resolved.value.text == AUTO_CONNECT_OFF)


def _is_off(view: PodView) -> bool:
    """Whether the application has it off, wherever that comes from (its image, its entrypoint)."""
    known, value = view.has(AUTO_CONNECT)
    return known and value is not None and value.text == AUTO_CONNECT_OFF


def _lacking(facts: Facts, carrier: Carrier) -> Origin:
    """Where it should be: the key, or the template that takes its settings one by one."""
    settings = facts.contract.client_configmap
    if AUTO_CONNECT in (facts.configmaps or {})[settings].data:
        return Origin(OriginKind.WORKLOAD, str(carrier.subject))
    return Origin(OriginKind.CONFIGMAP, settings, AUTO_CONNECT)


def _claim(
    facts: Facts, carrier: Carrier, resolved: Resolved | None, pods: Iterable[PodView]
) -> Claim:
    origin = resolved.origin if resolved else _lacking(facts, carrier)
    of_key = origin.kind is OriginKind.CONFIGMAP
    actual = "(unset)"
    if resolved is not None and resolved.value is not None:
        actual = resolved.value.display() or "(empty)"
    finding = Finding(
        rule="SC110",
        severity=Severity.HINT,
        subject=Subject("ConfigMap", origin.name, origin.key)
        if of_key
        else Subject(carrier.subject.kind, carrier.subject.name, AUTO_CONNECT),
        summary=f"{AUTO_CONNECT} is not {AUTO_CONNECT_OFF} for clients",
        expected=f"{AUTO_CONNECT}={AUTO_CONNECT_OFF}",
        actual=actual,
        because="a bare .remote() in a process that has no connection calls ray.init() by itself: "
        "without a bound or a proof, and where RAY_ADDRESS is not set it starts a private Ray",
        fix=mend_place(facts, origin, carrier, AUTO_CONNECT, EnvValue(AUTO_CONNECT_OFF, "")),
    )
    place = key_of(origin.name, origin.key) if of_key else entry_of(carrier.subject, AUTO_CONNECT)
    about = effects(place)
    return Claim(finding, about, about | effects(env_of(v.pod.name, AUTO_CONNECT) for v in pods))


RULES = (
    Rule("SC110", "Ray may connect clients by itself", auto_connect_on),
)  # fmt: skip
