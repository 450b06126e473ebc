"""The environment of every pod, and what replicas of one workload have otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from seedcore_deploy.judge.environment import same
from seedcore_deploy.judge.facts import Facts, PodView, gather
from seedcore_deploy.judge.layers import read_layers
from seedcore_deploy.judge.lines import why_idle
from seedcore_deploy.model.disclosure import EnvValue, is_connection_variable
from seedcore_deploy.model.environment import Difference, Environments, PodEnvironment
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import EnvSource, PodFacts, Snapshot
from seedcore_deploy.model.variable import LayerVerdict, VariableLine


def environments(snapshot: Snapshot, *, every: bool = False, pod: str = "") -> Environments:
    """The environment of all pods, or of the one named `pod`.

    `every` adds the other variables that the templates give: only their names and origins,
    because their values are in no snapshot.
    """
    facts = gather(snapshot)
    differences = tuple(_differences(facts))
    views = {view.pod.uid: view for view in facts.pods}
    pods = snapshot.pods.value if isinstance(snapshot.pods, Seen) else ()
    return Environments(
        tuple(
            _serving(views[each.uid], differences, every=every)
            if each.uid in views
            else _idle(facts, each)
            for each in pods
            if pod in ("", each.name)
        ),
        tuple(each for each in differences if not pod or any(pod in p for _, p in each.values)),
        named=bool(pod),
    )


def _serving(view: PodView, differences: Sequence[Difference], *, every: bool) -> PodEnvironment:
    pod = view.pod
    note, mend = _unread(pod)
    variables = [variable.line() for variable in view.variables.values()]
    if every and view.live is not None:
        variables += [
            VariableLine(
                name,
                "(hidden)",
                resolved.origin,
                LayerVerdict.UNKNOWN,
                (("cluster", "(hidden)"),),
            )
            for name, resolved in view.live.variables.items()
            if not is_connection_variable(name)
        ]
    return PodEnvironment(
        pod=pod.name,
        role=pod.role,
        workload=pod.workload,
        ready=pod.ready,
        serving=True,
        looked_into=isinstance(pod.process, Seen),
        note=note,
        mend=mend,
        variables=tuple(sorted(variables, key=lambda each: each.name)),
        differing=frozenset(
            each.variable for each in differences if any(pod.name in p for _, p in each.values)
        ),
    )


def _unread(pod: PodFacts) -> tuple[str, str]:
    """What could not be read in the pod and why, with the mend."""
    if isinstance(pod.process, NotSeen):
        return f"could not look into it: {pod.process.why}", pod.process.mend
    process = pod.process.value.process
    if isinstance(process, NotSeen):
        said = "shown is what the container was started with, the live process could not be read"
        return f"{said}: {process.why}", process.mend
    return "", ""


def _idle(facts: Facts, pod: PodFacts) -> PodEnvironment:
    """A pod that is not compared with anything: only what was read in it, if it was."""
    variables = read_layers(pod, None, None, (), tuple(facts.services or ()))
    return PodEnvironment(
        pod=pod.name,
        role=pod.role,
        workload=pod.workload,
        ready=pod.ready,
        serving=False,
        looked_into=isinstance(pod.process, Seen),
        note=why_idle(pod),
        variables=tuple(variable.line() for variable in variables),
    )


def _differences(facts: Facts) -> Iterator[Difference]:
    """Workload by workload. What a field of the pod gives (its own name, say) must differ."""
    replicas: dict[object, list[PodView]] = {}
    for view in facts.pods:
        if view.process is not None:
            key = view.carrier.key if view.carrier else (view.pod.owner, view.pod.group)
            replicas.setdefault(key, []).append(view)
    for views in replicas.values():
        for name in sorted({name for view in views for name in view.variables}):
            if not any(_is_own(view.pod, name) for view in views):
                yield from _difference(name, views)


def _is_own(pod: PodFacts, name: str) -> bool:
    return any(
        entry.name == name and entry.source is EnvSource.FIELD
        for container in pod.template.containers
        if container.name == pod.container
        for entry in container.env
    )


def _difference(name: str, views: Sequence[PodView]) -> Iterator[Difference]:
    kinds: list[tuple[EnvValue | None, list[str]]] = []
    for view in views:
        _, value = view.has(name)
        pods = next((pods for known, pods in kinds if same(known, value) is not False), None)
        if pods is None:
            kinds.append((value, [view.pod.name]))
        else:
            pods.append(view.pod.name)
    if len(kinds) > 1:
        owner = views[0].carrier.subject if views[0].carrier else views[0].pod.owner
        values = zip(_displayed(value for value, _ in kinds), kinds, strict=True)
        yield Difference(str(owner), name, tuple((text, tuple(pods)) for text, (_, pods) in values))


def _displayed(values: Iterable[EnvValue | None]) -> list[str]:
    """What may be read of each; hidden ones are told apart by a number."""
    hidden = 0
    texts = []
    for value in values:
        if value is None:
            texts.append("(unset)")
        elif value.text is None:
            hidden += 1
            texts.append(f"(hidden) {hidden}")
        else:
            texts.append(value.text)
    return texts
