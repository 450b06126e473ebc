"""SC303, SC304: a pod runs with other settings than it would get now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from seedcore_deploy.judge.addresses import ray_pod_address_fits
from seedcore_deploy.judge.claims import Claim, effects, env_of, ready_of, template_of
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.layers import Layer, Variable
from seedcore_deploy.judge.lost_connections import lost_with
from seedcore_deploy.judge.mends import restart_pods
from seedcore_deploy.judge.rule import Rule
from seedcore_deploy.judge.settling import rollout_unsettled
from seedcore_deploy.judge.stale import stale_variables
from seedcore_deploy.judge.template_mends import mend_template
from seedcore_deploy.model.finding import Finding, Fix, Severity, Subject
from seedcore_deploy.model.variable import LayerVerdict, OriginKind

_EXPECTED = {True: "what the container would get now", False: "a pod made from the template"}


def stale_pods(facts: Facts) -> Iterable[Claim]:
    """SC303: pods are older than their settings; one finding a workload."""
    owners = dict.fromkeys(view.owner for view in facts.pods)
    for owner in owners:
        views = [
            view
            for view in facts.pods
            if view.owner == owner and not _is_rolling(view) and _is_stale(view)
        ]
        if views:
            yield _stale_claim(facts, owner, views)


def _is_rolling(view: PodView) -> bool:
    """Whether a rollout that is under way replaces the pod anyway."""
    facts = view.carrier.facts if view.carrier else None
    return facts is not None and bool(rollout_unsettled(facts))


def _is_stale(view: PodView) -> bool:
    return bool(view.differs or stale_variables(view))


def _stale_claim(facts: Facts, owner: Subject, views: Sequence[PodView]) -> Claim:
    names = sorted({name for view in views for name in stale_variables(view)})
    differs = sorted({phrase for view in views for phrase in view.differs})
    pods = ", ".join(f"pod/{view.pod.name}" for view in views)
    what = ", ".join((*names, *differs))
    known = (view.variables[name] for view in views for name in names if name in view.variables)
    variable = next(known, None)
    reasons = []
    if names:
        reasons.append(
            "the container was started before its ConfigMap or template was changed, and "
            "Kubernetes does not restart it for that (or its image sets the variable)"
        )
    if differs:
        reasons.append("KubeRay does not replace pods when a group's template changes")
    subject = views[0].subject if len(views) == 1 else owner
    finding = Finding(
        rule="SC303",
        severity=Severity.ERROR,
        subject=subject,
        summary=f"{pods} is older than its settings: {what}",
        expected=_cell(variable, Layer.CLUSTER) if variable else _EXPECTED[bool(names)],
        actual=_cell(variable, Layer.CONTAINER) if variable else what,
        because="; ".join(reasons),
        fix=Fix(f"restart {pods}", restart_pods(facts, views)),
    )
    about: frozenset[str] = frozenset()
    follows: frozenset[str] = frozenset()
    for view in views:
        stale = stale_variables(view)
        about |= effects(env_of(view.pod.name, name) for name in stale)
        if view.differs:
            about |= effects(template_of(view.pod.name))
            follows |= effects(ready_of(view.pod.name))
        follows |= lost_with(facts, view, stale)
    return Claim(finding, about, about | follows)


def _cell(variable: Variable, layer: Layer) -> str:
    if layer not in variable.cells:
        return "unknown"
    value = variable.cells[layer]
    return f"{variable.name}={'(unset)' if value is None else value.display()}"


def changed_by_entrypoint(facts: Facts) -> Iterable[Claim]:
    """SC304: processes have other values than their containers got; one finding a workload."""
    changed = {view.pod.name: variables for view in facts.pods if (variables := _own(facts, view))}
    for owner in dict.fromkeys(view.owner for view in facts.pods if view.pod.name in changed):
        views = [view for view in facts.pods if view.owner == owner and view.pod.name in changed]
        yield _entrypoint_claim(facts, owner, views, changed)


def _own(facts: Facts, view: PodView) -> tuple[Variable, ...]:
    """The variables that the process changed itself, but for what Ray's own start may set."""
    service = facts.cluster.head_service if facts.cluster else ""
    found = []
    for variable in view.variables.values():
        value = variable.cells.get(Layer.PROCESS)
        text = value.text if value else None
        injected = variable.origin.kind is OriginKind.KUBERAY
        fits = injected and ray_pod_address_fits(view.pod.role, text, service)
        if variable.verdict is LayerVerdict.ENTRYPOINT and not fits:
            found.append(variable)
    return tuple(found)


def _entrypoint_claim(
    facts: Facts,
    owner: Subject,
    views: Sequence[PodView],
    changed: Mapping[str, tuple[Variable, ...]],
) -> Claim:
    first = views[0]
    variables = changed[first.pod.name]
    names = sorted({each.name for view in views for each in changed[view.pod.name]})
    said = ", ".join(names)
    command = first.process.command if first.process else ""
    subject = Subject("Pod", first.pod.name, said)
    if len(views) > 1:
        subject = Subject(owner.kind, owner.name, f"{owner.detail} {said}".strip())
    finding = Finding(
        rule="SC304",
        severity=Severity.ERROR,
        subject=subject,
        summary=f"the entrypoint changed {said}",
        expected=", ".join(_cell(each, Layer.CONTAINER) for each in variables),
        actual=", ".join(_cell(each, Layer.PROCESS) for each in variables),
        because=f"the container was started with one value and its main process "
        f"{command or '(unknown)'} has another: the image's entrypoint or the command sets it",
        fix=mend_template(
            facts, first, f"remove what sets {said} from the command or the image's entrypoint"
        ),
    )
    about: frozenset[str] = frozenset()
    follows: frozenset[str] = frozenset()
    for view in views:
        own = {each.name for each in changed[view.pod.name]}
        about |= effects(env_of(view.pod.name, name) for name in own)
        follows |= lost_with(facts, view, own)
    return Claim(finding, about, about | follows)


RULES = (
    Rule("SC303", "a pod is older than its settings", stale_pods),
    Rule("SC304", "the entrypoint changed a variable", changed_by_entrypoint),
)
