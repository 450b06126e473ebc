"""SC201, SC202: a ConfigMap, or something that a template refers to, is not there."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from seedcore_deploy.judge.carriers import Carrier, evaluated
from seedcore_deploy.judge.claims import (
    Claim,
    application_of,
    configmap_of,
    effects,
    entry_of,
    env_of,
    lack_of,
    presence_of,
    proof_of,
    ready_of,
)
from seedcore_deploy.judge.commands import Shell
from seedcore_deploy.judge.environment import Missing
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.mends import apply_overlay, replace_ray_pods, settle_after, shell
from seedcore_deploy.judge.rule import Rule
from seedcore_deploy.judge.values import good_value
from seedcore_deploy.model.contract import AUTO_CONNECT, AUTO_CONNECT_OFF, Role
from seedcore_deploy.model.disclosure import EnvValue
from seedcore_deploy.model.finding import Finding, Fix, Severity, Subject
from seedcore_deploy.model.snapshot import EnvSource

_GONE = "it was deleted, or never applied"


def missing_configmaps(facts: Facts) -> Iterable[Claim]:
    """SC201: a ConfigMap of the contract does not exist."""
    if facts.configmaps is None:
        return
    for name in (facts.contract.shared_configmap, facts.contract.client_configmap):
        readers = [carrier for carrier in facts.carriers if carrier.reads(name)]
        if name in facts.configmaps or (facts.rendered and not readers):
            continue
        who = ", ".join(str(carrier.subject) for carrier in readers)
        why = "the overlay does not define it" if facts.rendered else _GONE
        finding = Finding(
            rule="SC201",
            severity=Severity.ERROR,
            subject=Subject("ConfigMap", name),
            summary="it does not exist",
            expected=f"configmap/{name} with the settings of its readers",
            actual="no such ConfigMap",
            because=f"{why}; {who} read it" if who else why,
            fix=_create(facts, name),
        )
        about = effects(presence_of("all"), configmap_of(name))
        yield Claim(finding, about, followers(facts, name))


def followers(facts: Facts, name: str) -> frozenset[str]:
    """What follows from a ConfigMap that is missing, for all that refer to it."""
    found = effects(configmap_of(name))
    for carrier in facts.carriers:
        if not carrier.reads(name):
            continue
        found |= effects(lack_of(carrier.subject, name))
        for view in facts.made_by(carrier):
            found |= _lost_by(facts, view)
    return found


def _lost_by(facts: Facts, view: PodView) -> frozenset[str]:
    pod = view.pod.name
    names = {*view.variables, *facts.contract.client_variables}
    found = effects(env_of(pod, name) for name in names)
    known, value = view.has("RAY_ADDRESS")
    if view.pod.role is Role.CLIENT and not (known and value is not None and value.text != ""):
        found |= effects(proof_of(pod), application_of(pod), ready_of(pod))
    return found if view.pod.ready else found | effects(ready_of(pod))


def settled_readers(facts: Facts, name: str) -> tuple[str, ...]:
    """What the readers of a ConfigMap need once it is there again with what it must have."""
    return settle_after(facts, name, _data(facts, name))


def _create(facts: Facts, name: str) -> Fix:
    if facts.rendered:
        return Fix(f"define configmap/{name}, with a configMapGenerator")
    lines = shell(facts)
    data = _data(facts, name)
    after = settled_readers(facts, name)
    planned = {each.name for each in facts.manifests.configmaps} if facts.manifests else {name}
    if lines.apply() and name in planned:
        return apply_overlay(facts, *after)
    texts = {key: value.exact for key, value in data.items() if value.exact}
    if name != facts.contract.client_configmap or len(texts) < len(data):
        return Fix(f"apply the overlay that has it: seedcore-deploy apply {facts.namespace}")
    return Fix(f"create configmap/{name}", (_created(lines, name, texts), *after))


def _created(lines: Shell, name: str, texts: dict[str, str]) -> str:
    return lines.create_configmap(name, texts)


def _data(facts: Facts, name: str) -> dict[str, EnvValue]:
    """What the ConfigMap must have: the manifests' keys, and for clients the structure's."""
    for each in facts.manifests.configmaps if facts.manifests else ():
        if each.name == name:
            return dict(each.data)
    if name != facts.contract.client_configmap:
        return {}
    found = {variable: good_value(facts, variable) for variable in facts.contract.client_variables}
    wanted = {name: value or EnvValue(None, "") for name, value in found.items()}
    return {**wanted, AUTO_CONNECT: EnvValue(AUTO_CONNECT_OFF, "")}


def missing_references(facts: Facts) -> Iterable[Claim]:
    """SC202: a template refers to a ConfigMap or key that does not exist, and needs it."""
    ours = {facts.contract.shared_configmap, facts.contract.client_configmap}
    for carrier in facts.carriers:
        evaluation = facts.evaluation(carrier)
        for missing in evaluation.missing if evaluation else ():
            if missing.optional and not _is_felt(facts, carrier, missing):
                continue
            if missing.configmap in ours and not missing.key:
                continue  # SC201 speaks of it
            yield _reference_claim(facts, carrier, missing)


def _is_felt(facts: Facts, carrier: Carrier, missing: Missing) -> bool:
    """Whether an optional reference is the reason that a client lacks its settings."""
    evaluation = facts.evaluation(carrier)
    lacking = evaluation is not None and any(
        evaluation.get(variable) is None for variable in facts.contract.client_variables
    )
    reads_settings = carrier.reads(facts.contract.client_configmap)
    return carrier.role is Role.CLIENT and lacking and not missing.key and not reads_settings


def _reference_claim(facts: Facts, carrier: Carrier, missing: Missing) -> Claim:
    what = str(missing)
    names = _naming(carrier, missing)
    finding = Finding(
        rule="SC202",
        severity=Severity.ERROR,
        subject=Subject(
            carrier.subject.kind, carrier.subject.name, f"{carrier.container.name} {what}"
        ),
        summary=f"it refers to {what}, which does not exist",
        expected=f"a reference to something that exists, as {facts.contract.client_configmap}",
        actual=what,
        because=f"container {carrier.container.name} of {carrier.subject} names {what}"
        + ("" if missing.optional else "; without it the kubelet starts no container"),
        fix=_mend_reference(facts, carrier, missing, names),
    )
    found = effects(
        (entry_of(carrier.subject, name) for name in names),
        lack_of(carrier.subject, missing.configmap),
        lack_of(carrier.subject, missing.configmap, missing.key),
        lack_of(carrier.subject, facts.contract.client_configmap),
        configmap_of(missing.configmap),
        entry_of(carrier.subject, f"envFrom {missing.configmap}"),
        entry_of(carrier.subject, f"envFrom {facts.contract.client_configmap}"),
        entry_of(carrier.subject, f"envFrom {facts.contract.shared_configmap}"),
        (effect for view in facts.made_by(carrier) for effect in _lost_by(facts, view)),
    )
    about = effects(lack_of(carrier.subject, missing.configmap, missing.key))
    return Claim(finding, about, found)


def _naming(carrier: Carrier, missing: Missing) -> tuple[str, ...]:
    """The entries of `env` that refer to what is missing."""
    return tuple(
        entry.name
        for entry in carrier.container.env
        if entry.source is EnvSource.CONFIGMAP_KEY
        and entry.ref_name == missing.configmap
        and missing.key in ("", entry.ref_key)
    )


def _mend_reference(
    facts: Facts, carrier: Carrier, missing: Missing, names: Collection[str]
) -> Fix:
    """What the overlay lacks is removed; what it has otherwise is applied; else people choose."""
    lines, planned = shell(facts), facts.planned.get(carrier.key)
    # KubeRay replaces no pod when a template changes: not even one that never started.
    waiting = [view for view in facts.made_by(carrier) if not view.pod.ready]
    after = replace_ray_pods(facts, waiting if carrier.group is not None else ())
    after = after or lines.rolled_out(carrier.subject)
    if planned is not None and not {each.name for each in planned.container.env} & set(names):
        if missing.key:
            text = f"remove {', '.join(names)} from the env of {carrier.subject}"
            return Fix(
                f"{text}: the overlay has no such entry, and apply leaves what it did not set",
                (lines.remove_entries(carrier, tuple(names)), *after),
            )
        if lines.apply() and not planned.reads(missing.configmap):
            return apply_overlay(facts, *after)
    elif planned is not None and lines.apply() and missing not in _missing_in(facts, planned):
        return apply_overlay(facts, *after)
    return Fix(f"make {missing}, or mend the reference in {carrier.subject} in the overlay")


def _missing_in(facts: Facts, planned: Carrier) -> Collection[Missing]:
    evaluation = evaluated(planned, None, facts.configmaps or {}, (), complete=True)
    return evaluation.missing


RULES = (
    Rule("SC201", "a ConfigMap of the contract is missing", missing_configmaps, offline=True),
    Rule("SC202", "a reference leads to nothing", missing_references, offline=True),
)
