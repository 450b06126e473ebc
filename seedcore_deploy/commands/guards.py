"""What forbids an apply before anything is sent, and what it has to carry along."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from seedcore_deploy.act.apply import ApplyPlan
from seedcore_deploy.commands.again import again
from seedcore_deploy.commands.target import command_prefix
from seedcore_deploy.errors import Refused
from seedcore_deploy.judge.ownership import Ownership, owned
from seedcore_deploy.judge.recreation import recreated
from seedcore_deploy.judge.worker_numbers import kept_numbers
from seedcore_deploy.kube.client import Connection
from seedcore_deploy.kube.errors import ApiError, Forbidden, NotFound
from seedcore_deploy.kubectl import FREE, ApplyFailed, Kubectl
from seedcore_deploy.model.live import KeptNumber, SpecChange
from seedcore_deploy.observe.leftovers import labelled
from seedcore_deploy.observe.live_objects import Live, Resources, look_at_live, worker_numbers
from seedcore_deploy.observe.references import needed_configmaps
from seedcore_deploy.observe.spec_change import may_recreate, ready_head, spec_change
from seedcore_deploy.options import ApplyOptions
from seedcore_deploy.sources.outgoing import outgoing
from seedcore_deploy.sources.rendered import ObjectName, object_name
from seedcore_deploy.sources.yaml_documents import Document


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with what is really sent, the live numbers in it, and what there is to say of it."""

    plan: ApplyPlan
    kept: tuple[KeptNumber, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guards:
    """The guards of one run; `overlay` is its directory, `label` its label on objects."""

    connection: Connection
    kubectl: Kubectl
    namespace: str
    options: ApplyOptions
    overlay: Path
    label: str

    def prepared(self, plan: ApplyPlan) -> Prepared:
        """The plan as it is to be sent now.

        Raises Refused for ConfigMaps that are nowhere, and for objects of other tools and a ready
        head that would be deleted, unless their options permit it; ApiError. Changes nothing.
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
        return Prepared(sent, kept, (*taken, *hidden, *self._said_of(kept, plan)))

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

    def _tried_out(self, text: str) -> tuple[Document, ...]:
        try:
            return self.kubectl.tried_out(text)
        except ApplyFailed as fault:
            raise Refused(
                "nothing was applied: a RayCluster has upgradeStrategy Recreate, and whether its "
                f"head would be deleted could not be tried out: {fault.what}",
                f"{fault.mend}; or go on without this guard:\n    "
                f"{again(self.options, '--restart-head')}",
            ) from fault

    def _said_of(self, kept: Sequence[KeptNumber], plan: ApplyPlan) -> tuple[str, ...]:
        """Each number that is kept, and the plain apply that would put the overlay's own there."""
        if not kept:
            return ()
        plain = shlex.join((*self._kubectl_words(), "apply", "-k", str(self.overlay)))
        if plan.steps[-1].restricted:
            free = ("kubectl", "kustomize", *FREE, str(self.overlay))
            apply = shlex.join((*self._kubectl_words(), "apply", "-f", "-"))
            plain = f"{shlex.join(free)} | {apply}"
        return (*map(str, kept), f"the overlay's own numbers come with a plain apply: {plain}")

    def _kubectl_words(self) -> tuple[str, ...]:
        return command_prefix(self.options.cluster, self.connection, self.namespace)


def _kept(plan: ApplyPlan, found: Live) -> tuple[KeptNumber, ...]:
    return tuple(
        number
        for document in plan.documents
        if _is_raycluster(document)
        for workers in found.workers
        if workers.live.raycluster == object_name(document).name
        for number in kept_numbers(worker_numbers(document), workers)
    )


def _is_raycluster(document: Document) -> bool:
    name = object_name(document)
    return (name.group, name.kind) == ("ray.io", "RayCluster")


def _resource(kind: str, group: str) -> str:
    return f"{kind.lower()}.{group}" if group else kind.lower()
