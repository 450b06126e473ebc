"""What forbids an apply before anything is sent, and what it has to carry along."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from seedcore_deploy.act.apply import ApplyPlan
from seedcore_deploy.commands.again import again
from seedcore_deploy.commands.target import command_prefix
from seedcore_deploy.errors import Refused
from seedcore_deploy.judge.autoscaled import kept_replicas
from seedcore_deploy.judge.ownership import Ownership, owned
from seedcore_deploy.judge.recreation import recreated
from seedcore_deploy.judge.upgrades import costs
from seedcore_deploy.judge.worker_numbers import kept_numbers, waiting_numbers
from seedcore_deploy.kube.client import Connection
from seedcore_deploy.kube.errors import ApiError, Forbidden, NotFound
from seedcore_deploy.kubectl import FREE, ApplyFailed, Kubectl
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.live import KeptNumber, LiveWorkers, SpecChange
from seedcore_deploy.model.look import Look, NotSeen
from seedcore_deploy.model.ray_load import RayLoad
from seedcore_deploy.model.replicas import Autoscaler, KeptReplicas
from seedcore_deploy.model.upgrade import ServiceChange
from seedcore_deploy.observe.autoscalers import replicas
from seedcore_deploy.observe.leftovers import labelled
from seedcore_deploy.observe.live_objects import Live, Resources, look_at_live, worker_numbers
from seedcore_deploy.observe.objects import RAY_SERVICE
from seedcore_deploy.observe.rayservices import running_cluster
from seedcore_deploy.observe.references import needed_configmaps
from seedcore_deploy.observe.service_change import service_change
from seedcore_deploy.observe.spec_change import may_recreate, ready_head, spec_change
from seedcore_deploy.options import ApplyOptions
from seedcore_deploy.sources.outgoing import Kept, outgoing
from seedcore_deploy.sources.rendered import ObjectName, object_name
from seedcore_deploy.sources.yaml_documents import Document


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with what is really sent, the live numbers in it, and what there is to say of it."""

    plan: ApplyPlan
    kept: tuple[Kept, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guards:
    """The guards of one run; `overlay` is its directory, `label` its label on objects.

    `running` tells what runs on Ray now.
    """

    connection: Connection
    kubectl: Kubectl
    namespace: str
    options: ApplyOptions
    overlay: Path
    label: str
    running: Callable[[], Look[RayLoad]]

    def prepared(self, plan: ApplyPlan) -> Prepared:
        """The plan as it is to be sent now.

        Raises Refused for ConfigMaps that are nowhere, and for objects of other tools, a ready
        head that would be deleted and a busy RayCluster that would be replaced, unless their
        options permit it; ApiError. Changes nothing.
        """
        self._refuse_missing(plan)
        found = self._live(plan)
        owners = owned(found.objects)
        if owners and not self.options.take_ownership:
            raise self._not_ours(owners)
        taken = tuple(f"taking over {each}; its tool may change it back" for each in owners)
        hidden = tuple(f"could not see who looks after {each}" for each in found.unseen)
        kept = _kept(plan, found)
        steps = tuple(outgoing(step, self.label, kept, found.workers) for step in plan.steps)
        sent = replace(plan, steps=steps)
        if not self.options.restart_head:
            self._refuse_recreation(sent, found)
            self._refuse_upgrade(sent, found)
        said = (*self._said_of(kept, plan, found.autoscalers), *self._said_of_waiting(plan, found))
        return Prepared(sent, kept, (*taken, *hidden, *said))

    def leftovers(self, plan: ApplyPlan) -> tuple[str, ...]:
        """Lines about objects of this overlay that it no longer has: they are never removed."""
        ours = {object_name(document) for document in plan.documents}
        kinds = {(str(each["apiVersion"]), str(each["kind"])) for each in plan.documents}
        resources = Resources(self.connection)
        try:
            found = labelled(self.connection, resources, self.namespace, self.label, kinds)
        except ApiError as fault:
            return (f"could not look for leftovers ({fault.reason or fault.status})",)
        left = [
            each
            for each in found.objects
            if not each.controlled and ObjectName(each.group, each.kind, each.name) not in ours
        ]
        unseen = ", ".join(found.unseen)
        hidden = (f"could not look for leftovers among: {unseen}",) if unseen else ()
        if not left:
            return hidden
        names = [f"{_resource(each.kind, each.group)}/{each.name}" for each in left]
        command = shlex.join((*self._kubectl_words(), "delete", *names))
        listed = ", ".join(str(each.subject) for each in left)
        return (
            *hidden,
            f"the overlay no longer has {listed}, which an earlier apply of it made",
            f"nothing of that is removed; when nobody needs it any more: {command}",
        )

    def _live(self, plan: ApplyPlan) -> Live:
        resources = Resources(self.connection)
        return look_at_live(self.connection, resources, self.namespace, plan.documents)

    def _refuse_missing(self, plan: ApplyPlan) -> None:
        """An overlay may lean on what others put there; without any of it no pod starts."""
        there = plan.documents
        own = {object_name(each).name for each in there if each.get("kind") == "ConfigMap"}
        missing = [
            f"{object_name(document)} refers to configmap/{name}"
            for document in there
            for name in needed_configmaps(document)
            if name not in own and not self._has_configmap(name)
        ]
        if missing:
            raise Refused(
                f"nothing was applied: {'; '.join(missing)}, which neither the overlay nor "
                f"namespace {self.namespace} has: its pods would not start",
                "mend the name, define it in the overlay (configMapGenerator), or make it first",
            )

    def _has_configmap(self, name: str) -> bool:
        path = f"/api/v1/namespaces/{self.namespace}/configmaps/{name}"
        try:
            self.connection.metadata(path, many=False)
        except NotFound:
            return False
        except Forbidden:
            return True  # as far as we may know
        return True

    def _not_ours(self, owners: Sequence[Ownership]) -> Refused:
        named = "; ".join(map(str, owners))
        there_are = tuple(dict.fromkeys(each.tool for each in owners))
        tools = " and ".join(there_are)
        look = "look" if len(there_are) > 1 else "looks"
        return Refused(
            f"nothing was applied: {tools} {look} after what the overlay would change: {named}",
            "make the change at its source there; or take these objects over, and stop "
            f"{tools} from changing them back:\n    {again(self.options, '--take-ownership')}",
        )

    def _refuse_recreation(self, plan: ApplyPlan, found: Live) -> None:
        changes = self._changes(plan, found)
        for change in recreated(changes):
            where = ", ".join(change.paths)
            raise Refused(
                f"nothing was applied: raycluster/{change.raycluster} would be changed "
                f"({where}), and KubeRay would at once delete its head, which is ready, and all "
                "its workers (upgradeStrategy Recreate, or suspend)",
                "apply it when nothing that matters runs there:\n    "
                f"{again(self.options, '--restart-head')}",
            )

    def _changes(self, plan: ApplyPlan, found: Live) -> tuple[SpecChange, ...]:
        wanted = {object_name(each).name: each for each in plan.documents if _is_raycluster(each)}
        live = {str(each["metadata"]["name"]): each for each in found.rayclusters}
        names = [
            name
            for name in wanted.keys() & live.keys()
            if may_recreate(wanted[name]) or may_recreate(live[name])
        ]
        if not names:
            return ()
        tried = [each for step in plan.steps for each in self._tried_out(step.text)]
        return tuple(
            spec_change(live[name], then, ready_head(self.connection, self.namespace, name))
            for then in tried
            if _is_raycluster(then) and (name := object_name(then).name) in names
        )

    def _refuse_upgrade(self, plan: ApplyPlan, found: Live) -> None:
        """A RayService's upgrade spares its own Serve applications, and nothing else that runs."""
        live = {str(each["metadata"]["name"]): each for each in found.rayservices}
        for change in self._upgrades(plan, live):
            running = running_cluster(live[change.rayservice])
            if not running or ready_head(self.connection, self.namespace, running) is None:
                continue
            if why := costs(change, self.running()):
                raise Refused(
                    f"nothing was applied: {change.subject} would be changed "
                    f"({', '.join(change.paths)}), so KubeRay would make a new RayCluster and, "
                    f"once that serves, delete raycluster/{running}, and {why}",
                    "apply it when that is over, or at once, which ends it:\n    "
                    f"{again(self.options, '--restart-head')}",
                )

    def _upgrades(self, plan: ApplyPlan, live: Mapping[str, Document]) -> Iterator[ServiceChange]:
        if not live:
            return
        for then in (each for step in plan.steps for each in self._tried_out(step.text)):
            name = object_name(then)
            if (name.group, name.kind) == ("ray.io", RAY_SERVICE) and name.name in live:
                change = service_change(live[name.name], then)
                if change is not None:
                    yield change

    def _tried_out(self, text: str) -> tuple[Document, ...]:
        try:
            return self.kubectl.tried_out(text)
        except ApplyFailed as fault:
            raise Refused(
                "nothing was applied: a RayCluster has upgradeStrategy Recreate or belongs to a "
                f"RayService, and whether it would go could not be tried out: {fault.what}",
                f"{fault.mend}; or go on without this guard:\n    "
                f"{again(self.options, '--restart-head')}",
            ) from fault

    def _said_of_waiting(self, plan: ApplyPlan, found: Live) -> tuple[str, ...]:
        """Numbers of workers that reach no RayCluster now, and the command that does it."""
        said: list[str] = []
        for workers, document in _with_workers(plan, found):
            waiting = waiting_numbers(worker_numbers(document), workers)
            if waiting:
                patch = json.dumps([each.operation for each in waiting])
                which = ("patch", "raycluster", workers.running, "--type=json", "-p", patch)
                command = shlex.join((*self._kubectl_words(), *which))
                said += [*map(str, waiting), f"to give that to it now: {command}"]
        return tuple(said)

    def _said_of(
        self, kept: Sequence[Kept], plan: ApplyPlan, look: Look[tuple[Autoscaler, ...]]
    ) -> tuple[str, ...]:
        """Each number that is kept, and the plain apply that would put the overlay's own there."""
        if not kept:
            return ()
        plain = shlex.join((*self._kubectl_words(), "apply", "-k", str(self.overlay)))
        if plan.steps[-1].restricted:
            free = ("kubectl", "kustomize", *FREE, str(self.overlay))
            apply = shlex.join((*self._kubectl_words(), "apply", "-f", "-"))
            plain = f"{shlex.join(free)} | {apply}"
        served = any(
            isinstance(each, KeptNumber) and each.owner.kind == RAY_SERVICE for each in kept
        )
        later = " (a RayService's for its next RayCluster)" if served else ""
        guessed = any(isinstance(each, KeptReplicas) and not each.scaler for each in kept)
        return (
            *map(str, kept),
            *((f"{look.why}: {look.mend}",) if guessed and isinstance(look, NotSeen) else ()),
            f"the overlay's own numbers{later} come with a plain apply: {plain}",
        )

    def _kubectl_words(self) -> tuple[str, ...]:
        return command_prefix(self.options.cluster, self.connection, self.namespace)


def _kept(plan: ApplyPlan, found: Live) -> tuple[Kept, ...]:
    documents = {_subject(each): each for each in plan.documents}
    pods = (
        kept_replicas(replicas(documents[each.workload]), each, found.autoscalers)
        for each in found.replicas
    )
    return (
        *(
            number
            for workers, document in _with_workers(plan, found)
            for number in kept_numbers(worker_numbers(document), workers)
        ),
        *(each for each in pods if each is not None),
    )


def _with_workers(plan: ApplyPlan, found: Live) -> Iterator[tuple[LiveWorkers, Document]]:
    """The live numbers of workers, and the document of the overlay that has its own."""
    for document in plan.documents:
        for workers in found.workers:
            if object_name(document).group == "ray.io" and workers.live.owner == _subject(document):
                yield workers, document


def _subject(document: Document) -> Subject:
    name = object_name(document)
    return Subject(name.kind, name.name)


def _is_raycluster(document: Document) -> bool:
    name = object_name(document)
    return (name.group, name.kind) == ("ray.io", "RayCluster")


def _resource(kind: str, group: str) -> str:
    return f"{kind.lower()}.{group}" if group else kind.lower()
