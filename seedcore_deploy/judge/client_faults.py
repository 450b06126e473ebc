"""What is wrong with the variables that clients must have, found where each comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from seedcore_deploy.judge.addresses import address_fault
from seedcore_deploy.judge.carriers import Carrier
from seedcore_deploy.judge.environment import Evaluation, same
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.values import head_place
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.disclosure import EnvValue
from seedcore_deploy.model.variable import Origin, OriginKind


@dataclass(frozen=True, slots=True)
class ClientFault:
    """A variable that a client lacks or has wrong.

    `origin` is where it comes from, or should; `missing_reference` the ConfigMap that the
    template refers to in vain; `unread` tells that it refers to no client settings at all.
    `pods` are those that get the value from there.
    """

    rule: str
    variable: str
    why: str
    value: EnvValue | None
    carrier: Carrier | None
    origin: Origin
    pods: tuple[PodView, ...]
    missing_reference: str = ""
    unread: bool = False


def client_faults(facts: Facts) -> tuple[ClientFault, ...]:
    """Every fault of every client carrier, and of pods whose layer 2 cannot be known."""
    found: list[ClientFault] = []
    for carrier in facts.carriers:
        if carrier.role is Role.CLIENT:
            found += _of_carrier(facts, carrier)
    found += _of_pods(facts)
    return tuple(found)


def _of_carrier(facts: Facts, carrier: Carrier) -> Iterable[ClientFault]:
    evaluation = facts.evaluation(carrier)
    if evaluation is None:
        return
    pods = facts.made_by(carrier)
    for variable in facts.contract.client_variables:
        resolved = evaluation.get(variable)
        if resolved is None:
            if fault := _missing(facts, carrier, evaluation, variable, pods):
                yield fault
            continue
        if resolved.value is None or resolved.value.text is None or not resolved.certain:
            continue
        text = _as_used(variable, resolved.value.text, resolved.origin)
        fault_found = address_fault(variable, text, head_place(facts))
        if fault_found is not None:
            yield ClientFault(
                fault_found.rule, variable, fault_found.why, resolved.value, carrier,
                resolved.origin, pods,
            )  # fmt: skip


def _missing(
    facts: Facts,
    carrier: Carrier,
    evaluation: Evaluation,
    variable: str,
    pods: tuple[PodView, ...],
) -> ClientFault | None:
    """Why a variable is not set: a key, a reference or a ConfigMap is not there."""
    rule = "SC104" if variable == "RAY_ADDRESS" else "SC101"
    settings = facts.contract.client_configmap
    in_settings = Origin(OriginKind.CONFIGMAP, settings, variable)
    absent = [missing.configmap for missing in evaluation.missing if not missing.key]
    if absent and (settings in absent or not carrier.reads(settings)):
        name = settings if settings in absent else absent[-1]
        why = f"configmap/{name}, which {carrier.subject} reads, does not exist"
        return ClientFault(
            rule, variable, why, None, carrier, in_settings, pods, missing_reference=name
        )
    if evaluation.open:
        return None
    if not carrier.reads(settings):
        why = f"{carrier.subject} does not read configmap/{settings}"
        return ClientFault(rule, variable, why, None, carrier, in_settings, pods, unread=True)
    live = (facts.configmaps or {}).get(settings)
    if live is not None and variable in live.data:
        # Taken one by one, or with a prefix: the settings have it, and the template leaves it out.
        why = f"{carrier.subject} does not take {variable} from configmap/{settings}, which has it"
        of_template = Origin(OriginKind.WORKLOAD, str(carrier.subject), variable)
        return ClientFault(rule, variable, why, None, carrier, of_template, pods)
    why = f"configmap/{settings} has no key {variable}"
    return ClientFault(rule, variable, why, None, carrier, in_settings, pods)


def _of_pods(facts: Facts) -> Iterable[ClientFault]:
    """Faults of what a pod runs with, where nothing tells what it should have been given."""
    for view in facts.clients:
        for variable in facts.contract.client_variables:
            if _is_given(view, variable):
                continue
            known, value = view.has(variable)
            if not known or (value is not None and value.text is None):
                continue
            origin = view.variables[variable].origin if variable in view.variables else None
            why = ""
            rule = "SC104" if variable == "RAY_ADDRESS" else "SC101"
            if value is None:
                why = "it is not set"
            elif fault := address_fault(
                variable, _as_used(variable, value.text or "", origin), head_place(facts)
            ):
                rule, why = fault.rule, fault.why
            if why:
                yield ClientFault(
                    rule, variable, why, value, view.carrier,
                    origin or Origin(OriginKind.IMAGE), (view,),
                )  # fmt: skip


def _as_used(variable: str, text: str, origin: Origin | None) -> str:
    """The address that is meant: KubeRay gives a RayJob's submitter one without a scheme."""
    of_kuberay = origin is not None and origin.kind is OriginKind.KUBERAY
    bare = of_kuberay and variable == "RAY_DASHBOARD_ADDRESS" and "://" not in text
    return f"http://{text}" if bare else text


def _is_given(view: PodView, variable: str) -> bool:
    """Whether layer 2 tells what the variable is, so that the carrier speaks for it."""
    if view.carrier is None or view.live is None:
        return False
    resolved = view.live.get(variable)
    if resolved is None:
        return not view.live.open
    return resolved.certain and resolved.value is not None


def runs_wrong(view: PodView, fault: ClientFault) -> bool:
    """Whether the pod's application has the faulty value, as far as anyone can tell."""
    known, value = view.has(fault.variable)
    if not known:
        return True
    if fault.value is None:
        return value is None
    return same(value, fault.value) is not False
