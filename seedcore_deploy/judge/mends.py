"""Mends: what to do about a wrong setting, and what makes the change take effect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from seedcore_deploy.judge.carriers import ROLLING_KINDS, Carrier
from seedcore_deploy.judge.commands import Shell
from seedcore_deploy.judge.environment import same
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.values import planned_key
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.disclosure import EnvValue, is_connection_variable
from seedcore_deploy.model.finding import Fix, Subject
from seedcore_deploy.model.snapshot import EnvEntry
from seedcore_deploy.model.variable import Origin, OriginKind


def shell(facts: Facts) -> Shell:
    """The command lines for the snapshot's target."""
    held = [each.subject for each in facts.carriers if each.facts and each.facts.paused]
    # None at all is rather a person's doing, and more of them end nobody's work.
    scaled = any(
        each.replicas and each.replicas != facts.planned[each.key].replicas
        for each in facts.carriers
        if each.key in facts.planned
    )
    return Shell(facts.snapshot.target, held, scaled)


def mend_key(facts: Facts, configmap: str, key: str, good: EnvValue | None) -> Fix:
    """Give a ConfigMap's key the value it must have, and let its readers take it up.

    The overlay is applied where it has another value than the cluster: that it is the right
    one, `good` tells. Where it has the same mistake the text says so.
    """
    lines = shell(facts)
    planned = planned_key(facts, configmap, key)
    settings = (facts.configmaps or {}).get(configmap)
    live = settings.data.get(key) if settings else None
    applies = planned is not None and same(planned, good) is not False
    text = f"set {key} of configmap/{configmap}" + (
        f" to {good.exact}" if good is not None and good.exact else ""
    )
    if applies and same(planned, live) is not True and lines.apply():
        text = f"apply the overlay again: it has {key} right"
        change: tuple[str, ...] = lines.apply()
    elif good is not None and good.exact:
        change = (lines.set_keys(configmap, {key: good.exact}),)
    else:
        change = ()
    if planned is not None and not applies:
        text += ", and change it in the overlay, which would bring the mistake back"
    after = settle_after(facts, configmap, {key: planned if applies else good}) if change else ()
    return Fix(text, (*change, *after))


def mend_entry(facts: Facts, carrier: Carrier, name: str, good: EnvValue | None) -> Fix:
    """Mend a template's own entry of a variable: apply the overlay, remove the entry, or set it."""
    lines = shell(facts)
    live, planned = _entry(carrier, name), _entry(facts.planned.get(carrier.key), name)
    mistaken = planned is not None and planned == live and same(planned.value, good) is not True
    below = live is not None and _is_below(facts, carrier, name)
    if planned is not None and not mistaken and lines.apply():
        text, change = f"apply the overlay again: it has {name} right", lines.apply()
    elif below:
        text = f"remove {name} from the env of {carrier.subject}: the ConfigMap has it right"
        change = (lines.remove_entries(carrier, (name,)),)
    elif good is not None and good.exact and carrier.subject.kind in ROLLING_KINDS:
        text = f"set {name} in the env of {carrier.subject} to {good.exact}"
        change = (lines.set_entry(carrier, name, good.exact),)
    else:
        return Fix(f"set {name} of {carrier.subject} right in the overlay, and apply it")
    if mistaken:
        text += ", and change it in the overlay, which would bring the mistake back"
    return Fix(text, (*change, *lines.rolled_out(carrier.subject)))


def _is_below(facts: Facts, carrier: Carrier, name: str) -> bool:
    """Whether the variable comes from a ConfigMap as a whole once the template's own entry goes."""
    return any(
        not source.secret and name in {source.prefix + key for key in settings.data}
        for source in carrier.container.env_from
        if (settings := (facts.configmaps or {}).get(source.name)) is not None
    )


def _entry(carrier: Carrier | None, name: str) -> EnvEntry | None:
    """The entry of a carrier's container that counts: of several with one name the last."""
    entries = carrier.container.env if carrier is not None else ()
    return next((each for each in reversed(entries) if each.name == name), None)


def mend_place(
    facts: Facts, origin: Origin, carrier: Carrier, variable: str, good: EnvValue | None
) -> Fix:
    """Mend a variable where it comes from."""
    if origin.kind is OriginKind.CONFIGMAP:
        return mend_key(facts, origin.name, origin.key, good)
    if origin.kind is OriginKind.WORKLOAD:
        return mend_entry(facts, carrier, variable, good)
    said = f" to {good.exact}" if good is not None and good.exact else ""
    return Fix(
        f"set {variable}{said} at its origin ({origin}), then restart {carrier.subject}",
        shell(facts).restart(carrier.subject),
    )


def settle_after(
    facts: Facts, configmap: str, wanted: Mapping[str, EnvValue | None]
) -> tuple[str, ...]:
    """Restart the readers of a ConfigMap that run with other values than `wanted`, by key."""
    clients: list[Subject] = []
    ray: list[PodView] = []
    for carrier in facts.carriers:
        if not carrier.reads(configmap):
            continue
        outdated = [
            view
            for view in facts.made_by(carrier)
            if not _runs_with(view, _by_variable(view, configmap, wanted))
        ]
        if outdated and carrier.role is Role.CLIENT:
            clients.append(carrier.subject)
        ray += outdated if carrier.group is not None else []
    return (*replace_ray_pods(facts, ray), *shell(facts).restart(*clients))


def _by_variable(
    view: PodView, configmap: str, wanted: Mapping[str, EnvValue | None]
) -> dict[str, EnvValue | None]:
    """The wanted values by the names that the pod has the keys under."""
    named: dict[str, EnvValue | None] = {}
    for key, value in wanted.items():
        if not is_connection_variable(key):
            continue
        names = [
            name
            for name, variable in view.variables.items()
            if variable.origin == Origin(OriginKind.CONFIGMAP, configmap, key)
        ]
        named |= dict.fromkeys(names or [key], value)
    return named


def _runs_with(view: PodView, wanted: Mapping[str, EnvValue | None]) -> bool:
    """Whether the application surely has all these values; what KubeRay sets does not count."""
    for name, value in wanted.items():
        variable = view.variables.get(name)
        if variable is not None and variable.origin.kind is OriginKind.KUBERAY:
            continue
        known, has = view.has(name)
        if not known or same(has, value) is not True:
            return False
    return True


def replace_ray_pods(facts: Facts, views: Iterable[PodView]) -> tuple[str, ...]:
    """Delete Ray pods, the head first, and await their groups; KubeRay makes them anew.

    After a change of head the workers restart in place, so they are awaited as well.
    """
    chosen = sorted(views, key=lambda view: view.pod.role is not Role.HEAD)
    lines = shell(facts)
    deleted = [lines.delete_pod(view.pod.name) for view in chosen]
    if not deleted:
        return ()
    head = any(view.pod.role is Role.HEAD for view in chosen)
    groups = [
        carrier
        for carrier in facts.carriers
        if carrier.group is not None
        and carrier.replicas
        and (head or any(view.carrier is carrier for view in chosen))
    ]
    return (*deleted, *(lines.group_ready(carrier) for carrier in groups))


def restart_pods(facts: Facts, views: Sequence[PodView]) -> tuple[str, ...]:
    """Restart what makes these pods: a rollout for clients, deletion for Ray pods."""
    owners = dict.fromkeys(
        view.owner for view in views if view.carrier and view.carrier.group is None
    )
    ray = [view for view in views if view.carrier and view.carrier.group is not None]
    return (*replace_ray_pods(facts, ray), *shell(facts).restart(*owners))


def apply_overlay(facts: Facts, *after: str) -> Fix:
    """Apply the overlay, then `after`; where it is not known, say how it is found."""
    lines = shell(facts).apply()
    if lines:
        return Fix("apply the overlay again", (*lines, *after))
    return Fix(f"apply the overlay: seedcore-deploy apply {facts.namespace}")
