"""SC103, SC105, SC106: settings that do not belong to a role, or to the shared ConfigMap."""

from __future__ import annotations

from collections.abc import Iterable

from seedcore_deploy.judge.addresses import ray_pod_address_fits
from seedcore_deploy.judge.carriers import Carrier
from seedcore_deploy.judge.claims import (
    Claim,
    application_of,
    effects,
    entry_of,
    env_of,
    key_of,
    proof_of,
    ready_of,
    template_of,
)
from seedcore_deploy.judge.environment import Resolved
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.mends import replace_ray_pods, settle_after, shell
from seedcore_deploy.judge.rule import Rule
from seedcore_deploy.judge.values import good_value, planned_key
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Finding, Fix, Severity, Subject
from seedcore_deploy.model.snapshot import EnvSource
from seedcore_deploy.model.variable import Origin, OriginKind

ADDRESS = "RAY_ADDRESS"


def client_settings_on_ray_pods(facts: Facts) -> Iterable[Claim]:
    """SC103: a head or worker group reads the client settings."""
    settings = facts.contract.client_configmap
    for carrier in _ray_groups(facts):
        if not carrier.reads(settings):
            continue
        pods = facts.made_by(carrier)
        planned = facts.planned.get(carrier.key)
        in_overlay = planned is not None and planned.reads(settings)
        names = {key for each in (facts.configmaps or {}).values() for key in each.data}
        finding = Finding(
            rule="SC103",
            severity=Severity.ERROR,
            subject=carrier.subject,
            summary=f"the {carrier.role} group reads the client settings",
            expected=f"{facts.contract.shared_configmap} only",
            actual=f"reads {settings} as well",
            because=f"the template of {carrier.subject} refers to configmap/{settings}, whose "
            f"values are meant for clients of Ray, not for Ray itself",
            fix=Fix(
                f"remove configmap/{settings} from the template{_also(in_overlay)}, and replace "
                f"the pods that have it",
                (
                    shell(facts).remove_references(carrier, settings),
                    *replace_ray_pods(
                        facts, [view for view in pods if _has_source(view, settings)]
                    ),
                ),
            ),
        )
        followed = effects(
            entry_of(carrier.subject, f"envFrom {settings}"),
            (env_of(view.pod.name, name) for view in pods for name in names),
            (template_of(view.pod.name) for view in pods),
        )
        yield Claim(finding, effects(entry_of(carrier.subject, f"envFrom {settings}")), followed)


def address_on_ray_pods(facts: Facts) -> Iterable[Claim]:
    """SC105: a Ray container has a RAY_ADDRESS of its own that is not Ray's."""
    service = facts.cluster.head_service if facts.cluster else ""
    for carrier in _ray_groups(facts):
        entry = next(
            (each for each in reversed(carrier.container.env) if each.name == ADDRESS), None
        )
        evaluation = facts.evaluation(carrier)
        resolved = evaluation.get(ADDRESS) if evaluation else None
        if entry is None or resolved is None or _from_settings(facts, resolved):
            continue
        text = resolved.value.text if resolved.value else None
        if text is None or ray_pod_address_fits(carrier.role, text, service):
            continue
        yield _address_claim(facts, carrier, text)


def _address_claim(facts: Facts, carrier: Carrier, text: str) -> Claim:
    pods = facts.made_by(carrier)
    having = [view for view in pods if _has_entry(view)]
    planned = facts.planned.get(carrier.key)
    in_overlay = planned is not None and any(each.name == ADDRESS for each in planned.container.env)
    expected = "unset, or auto" if carrier.role is Role.HEAD else "unset"
    finding = Finding(
        rule="SC105",
        severity=Severity.ERROR,
        subject=Subject(carrier.subject.kind, carrier.subject.name, f"{carrier.role} {ADDRESS}"),
        summary=f"the {carrier.role}'s own {ADDRESS} is {text}",
        expected=f"{ADDRESS} {expected}: KubeRay sets it",
        actual=text,
        because=f"the env of container {carrier.container.name} in {carrier.subject} sets it, and "
        f"KubeRay leaves a name that is set there alone; a Ray pod is no client",
        fix=Fix(
            f"remove {ADDRESS} from the env of the {carrier.role}{_also(in_overlay)}, and replace "
            f"the pods that have it",
            (
                shell(facts).remove_entries(carrier, (ADDRESS,)),
                *replace_ray_pods(facts, having),
            ),
        ),
    )
    followed = effects(
        entry_of(carrier.subject, ADDRESS),
        (env_of(view.pod.name, ADDRESS) for view in pods),
        (template_of(view.pod.name) for view in pods),
        (proof_of(view.pod.name) for view in pods),
        (ready_of(view.pod.name) for view in pods),
    )
    return Claim(finding, effects(entry_of(carrier.subject, ADDRESS)), followed)


def address_in_shared_settings(facts: Facts) -> Iterable[Claim]:
    """SC106: the ConfigMap that every role reads has a RAY_ADDRESS."""
    shared = facts.contract.shared_configmap
    settings = (facts.configmaps or {}).get(shared)
    if settings is None or ADDRESS not in settings.data:
        return
    in_overlay = planned_key(facts, shared, ADDRESS) is not None
    value = settings.data[ADDRESS]
    origin = Origin(OriginKind.CONFIGMAP, shared, ADDRESS)
    affected = [
        view
        for view in facts.pods
        if view.live is not None
        and (resolved := view.live.get(ADDRESS)) is not None
        and resolved.origin == origin
    ]
    text = f"remove {ADDRESS} from configmap/{shared}"
    first = _own_address(facts, affected)
    finding = Finding(
        rule="SC106",
        severity=Severity.ERROR,
        subject=Subject("ConfigMap", shared, ADDRESS),
        summary=f"{ADDRESS} is in the ConfigMap that every role reads",
        expected="no such key: each role has its own",
        actual=value.display(),
        because=f"configmap/{shared} sets {ADDRESS} for every role; KubeRay hides it from head "
        f"and workers, and a client gets it unless configmap/"
        f"{facts.contract.client_configmap} comes later",
        fix=Fix(
            (f"give clients their own {ADDRESS} first; then " if first else "")
            + text
            + (", and from the overlay, which has it too" if in_overlay else ""),
            (
                *first,
                shell(facts).remove_key(shared, ADDRESS),
                *settle_after(facts, shared, {ADDRESS: None} if affected else {}),
            ),
        ),
    )
    followed = effects(
        key_of(shared, ADDRESS),
        (
            effect
            for view in affected
            for effect in (
                env_of(view.pod.name, ADDRESS),
                proof_of(view.pod.name),
                application_of(view.pod.name),
                ready_of(view.pod.name),
            )
        ),
    )
    yield Claim(finding, frozenset(), followed)


def _own_address(facts: Facts, affected: Iterable[PodView]) -> tuple[str, ...]:
    """What gives clients an address of their own, where they have none but the shared one."""
    client = facts.contract.client_configmap
    settings, good = (facts.configmaps or {}).get(client), good_value(facts, ADDRESS)
    carriers = {
        view.carrier.key: view.carrier
        for view in affected
        if view.pod.role is Role.CLIENT and view.carrier is not None
    }
    if settings is None or good is None or not good.exact or not carriers:
        return ()
    lines = shell(facts)
    lacks = ADDRESS not in settings.data
    return (
        *((lines.set_keys(client, {ADDRESS: good.exact}),) if lacks else ()),
        *(
            lines.add_reference(each, client)
            for each in carriers.values()
            if not each.reads(client)
        ),
    )


def _also(in_overlay: bool) -> str:
    return ", here and in the overlay, which has it too" if in_overlay else ""


def _ray_groups(facts: Facts) -> tuple[Carrier, ...]:
    return tuple(carrier for carrier in facts.carriers if carrier.group is not None)


def _from_settings(facts: Facts, resolved: Resolved) -> bool:
    """Whether SC103 speaks of it already."""
    return resolved.origin.name == facts.contract.client_configmap


def _has_entry(view: PodView) -> bool:
    """Whether the pod itself has the entry, as against one that KubeRay put there."""
    variable = view.variables.get(ADDRESS)
    entries = [
        each
        for container in view.pod.template.containers
        if container.name == view.pod.container
        for each in container.env
        if each.name == ADDRESS
    ]
    known, value = variable.live() if variable else (False, None)
    texts = [each.value.text for each in entries if each.value] + [
        value.text if known and value else None
    ]
    return any(
        text is not None and not ray_pod_address_fits(view.pod.role, text, "") for text in texts
    ) or any(each.source is not EnvSource.LITERAL for each in entries)


def _has_source(view: PodView, configmap: str) -> bool:
    return any(
        source.name == configmap
        for container in view.pod.template.containers
        for source in container.env_from
    ) or any(
        entry.ref_name == configmap
        for container in view.pod.template.containers
        for entry in container.env
    )


RULES = (
    Rule("SC106", "RAY_ADDRESS is shared", address_in_shared_settings, offline=True),
    Rule("SC105", "RAY_ADDRESS on head or worker", address_on_ray_pods, offline=True),
    Rule("SC103", "client settings on head or worker", client_settings_on_ray_pods, offline=True),
)
