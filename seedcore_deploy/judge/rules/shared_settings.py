"""SC109: a role does not read the shared settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seedcore_deploy.judge.carriers import Carrier, container_of, is_contracted, reads
from seedcore_deploy.judge.claims import (
    Claim,
    configmap_of,
    effects,
    entry_of,
    env_of,
    lack_of,
    template_of,
)
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.mends import apply_overlay, replace_ray_pods, shell
from seedcore_deploy.judge.rule import Rule
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Finding, Fix, Severity, Subject


def unread_shared_settings(facts: Facts) -> Iterable[Claim]:
    """SC109: a template of a contracted role, or a pod that has none, does not read them.

    A client that is known only because it reads the client settings may do without.
    """
    shared = facts.contract.shared_configmap
    for carrier in facts.carriers:
        asked = carrier.group is not None or is_contracted(facts.contract, carrier.template.labels)
        if asked and not carrier.reads(shared):
            views = facts.made_by(carrier)
            about = _about(facts, carrier)
            fix = _fix(facts, carrier, views)
            yield _claim(facts, carrier.subject, str(carrier.subject), fix, about, views)
    for view in facts.pods:
        container = container_of(view.pod) if view.carrier is None else None
        asked = bool(view.pod.raycluster) or is_contracted(facts.contract, view.pod.template.labels)
        if container is not None and asked and not reads(container, shared):
            maker = view.pod.owner or str(view.subject)
            fix = Fix(f"let {maker} read configmap/{shared}, and replace the pod")
            about = _absent(facts) or effects(entry_of(view.subject, f"envFrom {shared}"))
            yield _claim(facts, view.subject, maker, fix, about, (view,))


def _about(facts: Facts, carrier: Carrier) -> frozenset[str]:
    """What it is about: a client that reads nothing at all lacks its own settings first."""
    settings = facts.contract.client_configmap
    if absent := _absent(facts):
        return absent
    if carrier.role is Role.CLIENT and not carrier.reads(settings):
        return effects(lack_of(carrier.subject, settings))
    return effects(entry_of(carrier.subject, f"envFrom {facts.contract.shared_configmap}"))


def _absent(facts: Facts) -> frozenset[str]:
    """Where the ConfigMap itself is not there, that is the deeper cause."""
    shared = facts.contract.shared_configmap
    if facts.rendered or facts.configmaps is None or shared in facts.configmaps:
        return frozenset()
    return effects(configmap_of(shared))


def _fix(facts: Facts, carrier: Carrier, views: Sequence[PodView]) -> Fix:
    shared = facts.contract.shared_configmap
    after = shell(facts).rolled_out(carrier.subject)
    if carrier.group is not None:
        after = replace_ray_pods(facts, [view for view in views if not _has(view, shared)])
    planned = facts.planned.get(carrier.key)
    in_overlay = planned is not None and planned.reads(shared)
    if in_overlay and shell(facts).apply():
        return apply_overlay(facts, *after)
    also = ", here and in the overlay, which lacks it too" if planned and not in_overlay else ""
    return Fix(
        f"let {carrier.subject} read configmap/{shared}{also}",
        (shell(facts).add_reference(carrier, shared, first=True), *after),
    )


def _has(view: PodView, configmap: str) -> bool:
    container = container_of(view.pod)
    return container is not None and reads(container, configmap)


def _claim(
    facts: Facts,
    subject: Subject,
    maker: str,
    fix: Fix,
    about: frozenset[str],
    views: Sequence[PodView],
) -> Claim:
    shared = facts.contract.shared_configmap
    finding = Finding(
        rule="SC109",
        severity=Severity.ERROR,
        subject=subject,
        summary=f"it does not read the shared settings, configmap/{shared}",
        expected=f"envFrom with configmap/{shared}, as every role has it",
        actual=f"no reference to configmap/{shared}",
        because=f"the template of {maker} was written or changed without configmap/{shared}",
        fix=fix,
    )
    keys = {key for each in (facts.configmaps or {}).values() for key in each.data}
    followed = effects(
        about,
        entry_of(subject, f"envFrom {shared}"),
        (env_of(view.pod.name, name) for view in views for name in {*view.variables, *keys}),
        (template_of(view.pod.name) for view in views),
    )
    return Claim(finding, about, followed)


RULES = (Rule("SC109", "the shared settings are not read", unread_shared_settings, offline=True),)
