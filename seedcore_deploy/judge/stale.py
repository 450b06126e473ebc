"""Pods that run with settings older than what they would get now.

Staleness belongs to a container's start, not to a pod's: a worker that restarted in place after a
change of head has the new values (measured with KubeRay 1.6.1).
"""

from __future__ import annotations

from collections.abc import Iterable

from seedcore_deploy.judge.carriers import ROLLING_KINDS
from seedcore_deploy.judge.environment import same
from seedcore_deploy.judge.facts import Facts, PodView, gather
from seedcore_deploy.judge.scheduling import unscheduled_differences
from seedcore_deploy.judge.times import moment
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.stale import StalePod
from seedcore_deploy.model.variable import LayerVerdict


def stale_variables(view: PodView) -> tuple[str, ...]:
    """The variables that the container was started with and would get differently now.

    Those that are not about Ray come last: of them only those that a ConfigMap gives are known.
    """
    about_ray = (
        name
        for name, variable in view.variables.items()
        if variable.verdict is LayerVerdict.STALE
        or (variable.verdict is LayerVerdict.NOT_APPLIED and variable.is_stale_against_cluster())
    )
    return (*about_ray, *_other_stale_variables(view))


def _other_stale_variables(view: PodView) -> Iterable[str]:
    if view.process is None or view.live is None or view.live.blocking:
        return
    for name, has in view.process.others.items():
        wanted = view.live.get(name)
        if wanted is None and (view.live.open or has is None):
            continue
        if wanted is not None and (wanted.value is None or not wanted.certain):
            continue
        if same(wanted.value if wanted else None, has) is False:
            yield name


def stale_pods(snapshot: Snapshot) -> tuple[StalePod, ...]:
    """All pods that are older than their settings, whatever their role, in their given order.

    Needs what was read inside the pods; one that could not be read is not called stale for that.
    """
    facts = gather(snapshot)
    found = (stale_pod(facts, view) for view in facts.pods)
    return tuple(each for each in found if each is not None)


def stale_pod(facts: Facts, view: PodView) -> StalePod | None:
    """In what a pod is older than its settings; None where it is not, or nobody can tell."""
    template = (*view.differs, *unscheduled_differences(view))
    variables = tuple(_with_origin(view, name) for name in stale_variables(view))
    settings = tuple(_changed_since_started(facts, view))
    if not (template or variables or settings):
        return None
    return StalePod(view.pod, view.owner, template, variables, settings)


def stale_ray_pods(snapshot: Snapshot) -> tuple[StalePod, ...]:
    """The Ray pods that are older than their settings, heads first."""
    found = (each for each in stale_pods(snapshot) if each.pod.role is not Role.CLIENT)
    return tuple(sorted(found, key=lambda each: each.pod.role is not Role.HEAD))


def stale_clients(snapshot: Snapshot) -> tuple[StalePod, ...]:
    """A stale pod of each client workload that can be rolled out anew, in the order of the pods."""
    first: dict[Subject, StalePod] = {}
    for each in stale_pods(snapshot):
        if each.pod.role is Role.CLIENT and each.owner.kind in ROLLING_KINDS:
            first.setdefault(each.owner, each)
    return tuple(first.values())


def ray_pods(snapshot: Snapshot) -> tuple[StalePod, ...]:
    """Every Ray pod of the cluster that is meant, to be replaced for no reason but being asked."""
    views = (view for view in gather(snapshot).pods if view.pod.role is not Role.CLIENT)
    found = (StalePod(view.pod, view.owner) for view in views)
    return tuple(sorted(found, key=lambda each: each.pod.role is not Role.HEAD))


def clients(snapshot: Snapshot) -> tuple[StalePod, ...]:
    """A pod of each client workload that can be rolled out anew, for being asked alone."""
    first: dict[Subject, StalePod] = {}
    for view in gather(snapshot).clients:
        if view.owner.kind in ROLLING_KINDS:
            first.setdefault(view.owner, StalePod(view.pod, view.owner))
    return tuple(first.values())


def _with_origin(view: PodView, name: str) -> str:
    resolved = view.live.get(name) if view.live else None
    variable = view.variables.get(name)
    origin = variable.origin if variable else resolved.origin if resolved else None
    return f"{name} ({origin.kind.value} {origin.name})" if origin and origin.name else name


def _changed_since_started(facts: Facts, view: PodView) -> Iterable[str]:
    """What was changed since a container that ended, and does not run now, was last started.

    The kubelet would start it with the new values, but waits for up to five minutes when it has
    failed before; and a Ray pod keeps a template and start parameters that were mended.
    """
    pod = view.pod
    tried = moment(pod.tried_at)
    if pod.ready or pod.started_at or tried is None:
        return
    for configmap in (facts.configmaps or {}).values():
        changed = moment(configmap.changed_at)
        if changed is not None and changed > tried and _reads(view, configmap.name):
            yield f"configmap/{configmap.name}"
    made = moment(pod.created_at)
    changed = moment(facts.cluster.changed_at) if facts.cluster and pod.raycluster else None
    if changed is not None and made is not None and changed > made and facts.cluster is not None:
        yield f"raycluster/{facts.cluster.name}"


def _reads(view: PodView, configmap: str) -> bool:
    return view.carrier is not None and view.carrier.reads(configmap)
