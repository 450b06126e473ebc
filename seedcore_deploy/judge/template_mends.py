"""Mends of what a template says beside its settings: image, command, arguments, other env."""

from __future__ import annotations

from seedcore_deploy.judge.carriers import Carrier
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.mends import replace_ray_pods, shell
from seedcore_deploy.judge.templates import same_entry, same_image, same_resources
from seedcore_deploy.model.disclosure import is_connection_variable
from seedcore_deploy.model.finding import Fix
from seedcore_deploy.model.snapshot import ContainerSpec


def mend_template(facts: Facts, view: PodView, otherwise: str) -> Fix:
    """Apply the overlay where its template is another one, else say what to change and where.

    `otherwise` is that change as an imperative, for a template that nothing shows to be wrong.
    What the overlay does not have at all is removed by a patch first: apply would leave it.
    """
    carrier = view.carrier
    planned = facts.planned.get(carrier.key) if carrier is not None else None
    if carrier is None or planned is None:
        return Fix(f"{otherwise} ({_place(view)}), and roll it out")
    departed = departures(facts, carrier)
    if not departed or not shell(facts).apply():
        overlay = facts.manifests.overlay if facts.manifests else ""
        return Fix(
            f"{otherwise} ({_place(view)}): the overlay {overlay} has the same; change it there, "
            f"then: seedcore-deploy apply {facts.namespace}".replace("overlay  ", "overlay ")
        )
    lines = shell(facts)
    if carrier.group is not None:
        # A custom resource's lists are replaced whole, so apply removes what was added there.
        after = replace_ray_pods(facts, facts.made_by(carrier))
        return Fix(_again(carrier, departed), (*lines.apply(), *after))
    surplus = _surplus(planned.container, carrier.container)
    removal = (lines.remove_fields(carrier, *surplus),) if any(surplus) else ()
    return Fix(
        _again(carrier, departed),
        (*removal, *lines.apply(), *lines.rolled_out(carrier.subject)),
    )


def departures(facts: Facts, carrier: Carrier | None) -> tuple[str, ...]:
    """Which fields of a live template are not the overlay's; empty where that is not known."""
    planned = facts.planned.get(carrier.key) if carrier is not None else None
    if carrier is None or planned is None:
        return ()
    return _departures(planned.container, carrier.container)


def _place(view: PodView) -> str:
    image = f", image {view.image}" if view.image else ""
    return f"container {view.pod.container} of {view.owner}{image}"


def _again(carrier: Carrier, departed: tuple[str, ...]) -> str:
    what = ", ".join(departed)
    return f"apply the overlay again: {what} of {carrier.subject} is not the overlay's"


def _departures(planned: ContainerSpec, live: ContainerSpec) -> tuple[str, ...]:
    """Which fields of the live container are not the overlay's."""
    found = [] if same_image(planned.image, live.image) else ["image"]
    found += [name for name in ("command", "args") if getattr(planned, name) != getattr(live, name)]
    if not same_resources(planned.resources, live.resources):
        found.append("resources")
    wanted = {entry.name: entry for entry in planned.env}
    has = {entry.name: entry for entry in live.env}
    for name in sorted({*wanted, *has}):
        if is_connection_variable(name):
            continue  # SC204 speaks of it, with a mend of its own
        if name not in wanted or name not in has or not same_entry(wanted[name], has[name]):
            found.append(f"env {name}")
    return tuple(found)


def _surplus(
    planned: ContainerSpec, live: ContainerSpec
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Fields, and names of env entries, that only the live container has.

    Entries go only where nothing else departs: else they may well be somebody's own.
    """
    fields = tuple(
        name for name in ("command", "args") if getattr(live, name) and not getattr(planned, name)
    )
    departed = _departures(planned, live)
    if any(not each.startswith("env ") for each in departed):
        return fields, ()
    wanted = {entry.name for entry in planned.env}
    return fields, tuple(
        entry.name
        for entry in live.env
        if entry.name not in wanted and not is_connection_variable(entry.name)
    )
