"""SC107, SC108: clients that disagree, and variables that Kubernetes made of a Service's name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from seedcore_deploy.judge.carriers import Carrier
from seedcore_deploy.judge.claims import Claim, effects, entry_of, env_of, lack_of
from seedcore_deploy.judge.environment import Resolved, link_service, same
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.mends import mend_place, replace_ray_pods, shell
from seedcore_deploy.judge.rule import Rule
from seedcore_deploy.judge.values import good_value
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.disclosure import EnvValue, is_connection_variable
from seedcore_deploy.model.finding import Finding, Fix, Severity, Subject
from seedcore_deploy.model.variable import Origin, OriginKind

NAMESPACE = "RAY_NAMESPACE"


def different_namespaces(facts: Facts) -> Iterable[Claim]:
    """SC107: clients work in different Ray namespaces, and do not find each other's actors.

    The one that departs from the manifests, else from most, is called wrong. A Ray namespace
    need not be the Kubernetes namespace.
    """
    given = {
        carrier.subject: (carrier, resolved)
        for carrier in facts.carriers
        if carrier.role is Role.CLIENT
        and (evaluation := facts.evaluation(carrier)) is not None
        and (resolved := evaluation.get(NAMESPACE)) is not None
        and resolved.certain
        and resolved.value is not None
        and resolved.value.text
    }
    yield from _hidden_namespaces(facts, set(given))
    texts = {subject: _text(resolved) for subject, (_, resolved) in given.items()}
    if len(set(texts.values())) < 2:
        return
    usual = _usual(facts, list(texts.values()))
    for subject, (carrier, resolved) in given.items():
        if texts[subject] != usual:
            others = sorted(str(each) for each, text in texts.items() if text == usual)
            yield _namespace_claim(facts, carrier, resolved, usual, others)


def _hidden_namespaces(facts: Facts, told: Collection[Subject]) -> Iterable[Claim]:
    """Of a value from a Secret the digest tells whether it is the other clients'."""
    shown = [value for view in facts.clients if (value := view.has(NAMESPACE)[1]) and value.text]
    if not shown:
        return
    usual = _usual(facts, [value.text or "" for value in shown])
    other = next((value for value in shown if value.text == usual), shown[0])
    odd: dict[Subject, list[PodView]] = {}
    for view in facts.clients:
        _, value = view.has(NAMESPACE)
        hidden = value is not None and value.text is None and view.owner not in told
        if hidden and same(value, other) is False:
            odd.setdefault(view.owner, []).append(view)
    for owner, views in odd.items():
        finding = Finding(
            rule="SC107",
            severity=Severity.ERROR,
            subject=Subject(owner.kind, owner.name, NAMESPACE),
            summary=f"{owner} has another {NAMESPACE} than other clients, which have {usual}",
            expected=usual,
            actual="another value, from a Secret",
            because="actors of one Ray namespace are not found from another",
            fix=Fix(f"make {NAMESPACE} {usual} in the Secret that {owner} has it from, then "
                    f"restart it"),
        )  # fmt: skip
        about = effects(env_of(view.pod.name, NAMESPACE) for view in views)
        yield Claim(finding, about, about)


def _text(resolved: Resolved) -> str:
    return (resolved.value.text if resolved.value else None) or ""


def _usual(facts: Facts, texts: list[str]) -> str:
    good = good_value(facts, NAMESPACE)
    if good is not None and good.text in texts:
        return good.text
    return Counter(texts).most_common(1)[0][0]


def _namespace_claim(
    facts: Facts, carrier: Carrier, resolved: Resolved, usual: str, others: list[str]
) -> Claim:
    origin = resolved.origin
    subject = Subject(carrier.subject.kind, carrier.subject.name, NAMESPACE)
    if origin.kind is OriginKind.CONFIGMAP:
        subject = Subject("ConfigMap", origin.name, origin.key)
    finding = Finding(
        rule="SC107",
        severity=Severity.ERROR,
        subject=subject,
        summary=f"{carrier.subject} has {NAMESPACE}={_text(resolved)}, other clients have {usual}",
        expected=usual,
        actual=_text(resolved),
        because=f"{origin} sets it; {', '.join(others) or 'the manifests'} have {usual}, and "
        f"actors of one Ray namespace are not found from another",
        fix=_mend_namespace(facts, carrier, resolved, usual),
    )
    pods = facts.made_by(carrier)
    follows = effects(
        entry_of(carrier.subject, NAMESPACE), (env_of(view.pod.name, NAMESPACE) for view in pods)
    )
    by_order = _is_of_the_order(facts, carrier, origin)
    about = effects(entry_of(carrier.subject, f"envFrom {origin.name}")) if by_order else None
    # Where the order differs from the overlay's, that is the cause.
    return Claim(finding, about or _namespace_effect(facts, carrier), follows, symptom=by_order)


def _is_of_the_order(facts: Facts, carrier: Carrier, origin: Origin) -> bool:
    """Whether the shared settings give the value only because they are read last."""
    contract = facts.contract
    settings = (facts.configmaps or {}).get(contract.client_configmap)
    shared = origin.kind is OriginKind.CONFIGMAP and origin.name == contract.shared_configmap
    reads = carrier.reads(contract.client_configmap)
    return shared and reads and settings is not None and NAMESPACE in settings.data


def _namespace_effect(facts: Facts, carrier: Carrier) -> frozenset[str]:
    """What it is about: the client settings that are not read, where that is the reason."""
    settings = facts.contract.client_configmap
    reads = carrier.reads(settings) and settings in (facts.configmaps or {})
    if reads:
        return effects(entry_of(carrier.subject, NAMESPACE))
    return effects(lack_of(carrier.subject, settings))


def _mend_namespace(facts: Facts, carrier: Carrier, resolved: Resolved, usual: str) -> Fix:
    """The shared settings are left alone: head and workers read them as well."""
    origin, contract = resolved.origin, facts.contract
    if origin.name != contract.shared_configmap or origin.kind is not OriginKind.CONFIGMAP:
        return mend_place(facts, origin, carrier, NAMESPACE, EnvValue(usual, ""))
    return Fix(
        f"let {carrier.subject} read configmap/{contract.client_configmap} after "
        f"configmap/{contract.shared_configmap} in the overlay, and apply it"
    )


def service_links(facts: Facts) -> Iterable[Claim]:
    """SC108: a Service whose name begins with ray put RAY_* variables into pods."""
    found: dict[str, list[tuple[PodView, tuple[str, ...]]]] = {}
    for view in facts.pods:
        by_service: dict[str, list[str]] = {}
        for name in _links(facts, view):
            started = view.process.container[name] if view.process else None
            service = link_service(name, started, tuple(facts.services or ()))
            by_service.setdefault(service, []).append(name)
        for service, names in by_service.items():
            found.setdefault(service, []).append((view, tuple(names)))
    for service, hits in found.items():
        yield _link_claim(facts, service, hits)


def _links(facts: Facts, view: PodView) -> Iterable[str]:
    """The connection variables that the container has and only a Service can have set."""
    started = view.process.container if view.process else {}
    for name, value in started.items():
        declared = view.live.get(name) if view.live else None
        if declared is not None or not is_connection_variable(name):
            continue
        if link_service(name, value, tuple(facts.services or ())):
            yield name


def _link_claim(facts: Facts, service: str, hits: list[tuple[PodView, tuple[str, ...]]]) -> Claim:
    names = sorted({name for _, each in hits for name in each})
    pods = ", ".join(f"pod/{view.pod.name}" for view, _ in hits)
    lines: list[str] = []
    owners = {view.carrier.key: view.carrier for view, _ in hits if view.carrier}
    for carrier in owners.values():
        if not carrier.template.enable_service_links:
            continue
        lines.append(shell(facts).without_service_links(carrier))
        if carrier.group is None:
            lines += shell(facts).rolled_out(carrier.subject)
    ray = [view for view, _ in hits if view.carrier and view.carrier.group is not None]
    finding = Finding(
        rule="SC108",
        severity=Severity.ERROR,
        subject=Subject("Service", service),
        summary=f"its name puts {', '.join(names)} into {pods}",
        expected="enableServiceLinks: false in the pod templates",
        actual=", ".join(names),
        because=f"Kubernetes gives pods variables of the form {names[0]} for each Service, and "
        f"Ray reads RAY_* as its own settings",
        fix=Fix(
            "switch service links off in the templates, here and in the overlay",
            (*lines, *replace_ray_pods(facts, ray)),
        ),
    )
    follows = effects(env_of(view.pod.name, name) for view, each in hits for name in each)
    return Claim(finding, follows, follows)


RULES = (
    Rule("SC107", "clients differ in RAY_NAMESPACE", different_namespaces, offline=True),
    Rule("SC108", "service links", service_links),
)
