"""SC204: what is in the cluster is not what the overlay says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seedcore_deploy.judge.carriers import Carrier
from seedcore_deploy.judge.claims import (
    Claim,
    configmap_of,
    effects,
    entry_of,
    env_of,
    key_of,
    template_of,
)
from seedcore_deploy.judge.environment import same
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.layers import Layer
from seedcore_deploy.judge.lost_connections import lost_with
from seedcore_deploy.judge.mends import (
    apply_overlay,
    mend_key,
    replace_ray_pods,
    settle_after,
    shell,
)
from seedcore_deploy.judge.rule import Rule
from seedcore_deploy.judge.templates import same_entry
from seedcore_deploy.model.disclosure import EnvValue, is_connection_variable
from seedcore_deploy.model.finding import Finding, Fix, Severity, Subject
from seedcore_deploy.model.snapshot import ConfigMapFacts, EnvEntry
from seedcore_deploy.model.variable import Origin, OriginKind


def not_applied(facts: Facts) -> Iterable[Claim]:
    """SC204: a live ConfigMap's key, or a live template, differs from the render."""
    if facts.manifests is None:
        return
    for planned in facts.manifests.configmaps:
        live = (facts.configmaps or {}).get(planned.name)
        if live is not None:
            yield from _keys(facts, planned, live)
        elif facts.configmaps is not None and any(map(is_connection_variable, planned.data)):
            yield _absent(facts, planned)
    for carrier in facts.carriers:
        wanted = facts.planned.get(carrier.key)
        if wanted is not None:
            yield from _template(facts, carrier, wanted)


def _keys(facts: Facts, planned: ConfigMapFacts, live: ConfigMapFacts) -> Iterable[Claim]:
    for key in sorted({*planned.data, *live.data}):
        if not is_connection_variable(key):
            continue
        wanted, has = planned.data.get(key), live.data.get(key)
        if same(wanted, has) is not False:
            continue
        if wanted is None:
            fix = Fix(
                f"remove {key} from configmap/{planned.name}: apply leaves what it did not set",
                (
                    shell(facts).remove_key(planned.name, key),
                    *_restarts_without(facts, planned.name, key),
                ),
            )
        else:
            fix = mend_key(facts, planned.name, key, wanted)
        subject = Subject("ConfigMap", planned.name, key)
        explains = _explained(facts, planned.name, key)
        yield _claim(facts, subject, wanted, has, fix, effects(key_of(planned.name, key)), explains)


def _restarts_without(facts: Facts, configmap: str, key: str) -> tuple[str, ...]:
    """Restarts for a key that goes, where a pod was given it."""
    origin = Origin(OriginKind.CONFIGMAP, configmap, key)
    given = any(
        variable.origin == origin and view.has(variable.name)[1] is not None
        for view in facts.pods
        for variable in view.variables.values()
    )
    return settle_after(facts, configmap, {key: None}) if given else ()


def _absent(facts: Facts, planned: ConfigMapFacts) -> Claim:
    data: dict[str, EnvValue | None] = dict(planned.data)
    fix = apply_overlay(facts, *settle_after(facts, planned.name, data))
    subject = Subject("ConfigMap", planned.name)
    about = effects(configmap_of(planned.name))
    return _claim(facts, subject, None, None, fix, about, about, what="the ConfigMap is missing")


def _explained(facts: Facts, configmap: str, key: str) -> frozenset[str]:
    origin = Origin(OriginKind.CONFIGMAP, configmap, key)
    found = effects(key_of(configmap, key))
    for view in facts.pods:
        names = [each.name for each in view.variables.values() if each.origin == origin]
        if not names and view.carrier and view.carrier.reads(configmap):
            names = [key]
        found |= effects(env_of(view.pod.name, name) for name in names)
        found |= lost_with(facts, view, names)
    return found


def _template(facts: Facts, carrier: Carrier, wanted: Carrier) -> Iterable[Claim]:
    live_env = {each.name: each for each in carrier.container.env}
    planned_env = {each.name: each for each in wanted.container.env}
    for name in sorted({*live_env, *planned_env}):
        if not is_connection_variable(name):
            continue
        has, want = live_env.get(name), planned_env.get(name)
        if has is not None and want is not None and same_entry(want, has):
            continue
        subject = Subject(carrier.subject.kind, carrier.subject.name, _detail(carrier, name))
        about = effects(entry_of(carrier.subject, name))
        yield _claim(
            facts,
            subject,
            _declared(want),
            _declared(has),
            _mend_entry(facts, carrier, name, want),
            about,
            about | _of_pods(facts, facts.made_by(carrier), (name,)),
        )
    if _sources(carrier) != _sources(wanted):
        yield _other_sources(facts, carrier, wanted)


def _other_sources(facts: Facts, carrier: Carrier, wanted: Carrier) -> Claim:
    """The template reads other ConfigMaps, or reads them in another order."""
    pods = facts.made_by(carrier)
    odd = set(_sources(carrier)) ^ set(_sources(wanted))
    # Where only the order differs, each of them may be what another rule speaks of.
    names = {name for name, *_ in odd or _sources(wanted)}
    about = effects(entry_of(carrier.subject, f"envFrom {name}") for name in names)
    return _claim(
        facts,
        Subject(carrier.subject.kind, carrier.subject.name, _detail(carrier, "envFrom")),
        None,
        None,
        apply_overlay(facts, *_after_template(facts, carrier, pods)),
        about,
        about.union(*(_of_pods(facts, (view,), _other_than_planned(view)) for view in pods)),
        what=f"it reads {_listed(carrier)}, the overlay has {_listed(wanted)}",
    )


def _other_than_planned(view: PodView) -> Iterable[str]:
    """The variables of a pod that are not surely what the overlay would give it."""
    for name, variable in view.variables.items():
        known, has = view.has(name)
        planned = Layer.MANIFEST in variable.cells
        if not (known and planned and same(variable.cells[Layer.MANIFEST], has)):
            yield name


def _sources(carrier: Carrier) -> tuple[tuple[str, bool, str], ...]:
    """What is read, in order. Whether a reference is optional changes no value."""
    return tuple((each.name, each.secret, each.prefix) for each in carrier.container.env_from)


def _listed(carrier: Carrier) -> str:
    return ", ".join(name for name, *_ in _sources(carrier)) or "nothing"


def _detail(carrier: Carrier, name: str) -> str:
    return f"{carrier.subject.detail} {name}".strip()


def _mend_entry(facts: Facts, carrier: Carrier, name: str, want: EnvEntry | None) -> Fix:
    pods = facts.made_by(carrier)
    if want is not None:
        return apply_overlay(facts, *_after_template(facts, carrier, pods))
    declared = [view for view in pods if _declares(view, name)]
    if carrier.group is not None and shell(facts).apply():
        # kubectl replaces the lists of a custom resource as a whole (measured).
        return apply_overlay(facts, *_after_template(facts, carrier, declared))
    return Fix(
        f"remove {name} from the env of {carrier.subject}: apply leaves what it did not set",
        (
            shell(facts).remove_entries(carrier, (name,)),
            *_after_template(facts, carrier, declared),
        ),
    )


def _declared(entry: EnvEntry | None) -> EnvValue | None:
    """The entry's literal, or its reference in words."""
    if entry is None or entry.value is not None:
        return entry.value if entry else None
    words = f"{entry.source.value} {entry.ref_name} {entry.ref_key}"
    return EnvValue(words, "")


def _declares(view: PodView, name: str) -> bool:
    return any(
        entry.name == name
        for container in view.pod.template.containers
        if container.name == view.pod.container
        for entry in container.env
    )


def _after_template(facts: Facts, carrier: Carrier, pods: Sequence[PodView]) -> tuple[str, ...]:
    """What makes a change of a template take effect: a rollout comes by itself."""
    if carrier.group is None:
        return shell(facts).rolled_out(carrier.subject)
    return replace_ray_pods(facts, pods)


def _of_pods(facts: Facts, pods: Iterable[PodView], names: Iterable[str]) -> frozenset[str]:
    chosen = tuple(names)
    found: frozenset[str] = frozenset()
    for view in pods:
        found |= effects(
            (env_of(view.pod.name, name) for name in chosen), template_of(view.pod.name)
        )
        found |= lost_with(facts, view, chosen)
    return found


def _claim(
    facts: Facts,
    subject: Subject,
    wanted: EnvValue | None,
    has: EnvValue | None,
    fix: Fix,
    about: frozenset[str],
    explains: frozenset[str],
    what: str = "",
) -> Claim:
    overlay = facts.manifests.overlay if facts.manifests else ""
    expected = wanted.display() if wanted else "(not in the overlay)"
    actual = has.display() if has else "(unset)"
    finding = Finding(
        rule="SC204",
        severity=Severity.ERROR,
        subject=subject,
        summary=what or "it differs from the overlay",
        expected="what the overlay has" if what else expected,
        actual=what or actual,
        because=f"the overlay {overlay} was changed and not applied, or the cluster was changed "
        f"by hand",
        fix=fix,
    )
    return Claim(finding, about, explains)


RULES = (Rule("SC204", "the overlay is not applied", not_applied),)
