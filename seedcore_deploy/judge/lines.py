"""One line a pod: its environment, its proof, and its application's connection."""

from __future__ import annotations

from collections.abc import Collection

from seedcore_deploy.judge.application import Application, application_of_pod
from seedcore_deploy.judge.claims import application_of, env_of, proof_of, template_of
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.readers import needs_no_connection
from seedcore_deploy.judge.session import (
    head_probe,
    is_member,
    reached_another,
)
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import PodFacts
from seedcore_deploy.model.verdict import Mark, PodLine

_PROXYLESS = "Kubernetes shows it as not ready: its probe asks for a Serve proxy there as well"


def pod_lines(facts: Facts, explained: Collection[str]) -> tuple[PodLine, ...]:
    """A line for every pod of the snapshot, in its order, those that do not serve as well."""
    pods = facts.snapshot.pods
    views = {view.pod.uid: view for view in facts.pods}
    return tuple(
        _line(facts, views[pod.uid], explained) if pod.uid in views else _idle(pod)
        for pod in (pods.value if isinstance(pods, Seen) else ())
    )


def why_idle(pod: PodFacts) -> str:
    """Why a pod does not serve: it is ending, has finished, or is another RayCluster's."""
    if pod.finished:
        return f"finished ({pod.phase})"
    return "ending" if pod.terminating else f"of raycluster/{pod.raycluster}"


def _idle(pod: PodFacts) -> PodLine:
    none = Mark.NOT_APPLICABLE
    return PodLine(pod.name, pod.role, pod.workload, pod.ready, none, none, none, why_idle(pod))


def _line(facts: Facts, view: PodView, explained: Collection[str]) -> PodLine:
    name = view.pod.name
    note = "" if view.pod.ready else view.pod.why_not_ready or view.pod.phase
    return PodLine(
        pod=name,
        role=view.pod.role,
        workload=view.pod.workload,
        ready=view.pod.ready,
        environment=_environment(view, explained),
        proof=_wrong_if(proof_of(name) in explained, _proof(facts, view)),
        application=_wrong_if(application_of(name) in explained, _application(facts, view)),
        note=note or _reason(view) or (_PROXYLESS if view.pod.proxyless else ""),
        variables=tuple(variable.line() for variable in view.variables.values()),
    )


def _reason(view: PodView) -> str:
    """Why a mark is not "ok" though the pod is ready."""
    for look in (view.pod.process, view.unread_process, view.pod.probe):
        if isinstance(look, NotSeen):
            return look.why
    return ""


def _wrong_if(explained: bool, mark: Mark) -> Mark:
    """A mark that is not shown right is wrong where a finding speaks of it."""
    return Mark.WRONG if explained and mark is Mark.UNKNOWN else mark


def _environment(view: PodView, explained: Collection[str]) -> Mark:
    name = view.pod.name
    mine = {env_of(name, each) for each in view.variables} | {template_of(name)}
    prefix = env_of(name, "")
    if any(effect in mine or effect.startswith(prefix) for effect in explained):
        return Mark.WRONG
    return Mark.UNKNOWN if view.process is None or view.unread_process else Mark.OK


def _proof(facts: Facts, view: PodView) -> Mark:
    if view.pod.role is Role.WORKER and view.pod.raycluster:
        member = is_member(facts, view)
        return {True: Mark.OK, False: Mark.UNKNOWN, None: Mark.UNKNOWN}[member]
    if not facts.snapshot.looks_inside:
        return Mark.UNKNOWN
    if view.pod.probe is None:
        return Mark.NOT_APPLICABLE
    if view.probe is None or not view.probe.ok:
        return Mark.UNKNOWN
    if head_probe(facts) is None and view.pod.role is Role.CLIENT:
        return Mark.UNKNOWN
    return Mark.UNKNOWN if reached_another(facts, view, view.probe) else Mark.OK


def _application(facts: Facts, view: PodView) -> Mark:
    if view.pod.role is not Role.CLIENT:
        return Mark.NOT_APPLICABLE
    if needs_no_connection(facts, view):
        return Mark.NOT_APPLICABLE
    connected = application_of_pod(facts, view) is Application.CONNECTED
    return Mark.OK if connected else Mark.UNKNOWN
