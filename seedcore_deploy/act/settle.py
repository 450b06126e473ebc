"""After apply: replace what will not come right by itself, and only that."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from seedcore_deploy.act.ledger import Ledger
from seedcore_deploy.act.restart import evict, rollout_restart
from seedcore_deploy.errors import Refused
from seedcore_deploy.kube.client import Connection
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import PodFacts, Snapshot, WorkloadFacts

_REVISION = "pod-template-hash"


class Outdated(Protocol):
    """A Ray pod that differs from its group's template, which KubeRay never mends."""

    @property
    def pod(self) -> PodFacts:
        """The pod."""

    @property
    def differences(self) -> Sequence[str]:
        """In what it differs, in a few words each."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """What to do about the outdated Ray pods of one look."""

    evict: tuple[Outdated, ...]
    refuse: tuple[Outdated, ...]


class RayPods:
    """Replaces outdated Ray pods that were there at the first look, each at most once.

    Later pods were made from the present template: were one of them judged to differ, evicting
    it would go round for ever. With `operator_replaces` (upgradeStrategy Recreate) KubeRay does
    it all by itself, so nothing is evicted and nothing refused.
    """

    def __init__(
        self,
        outdated: Callable[[Snapshot], Sequence[Outdated]],
        *,
        operator_replaces: bool = False,
    ) -> None:
        self._outdated = (lambda _: ()) if operator_replaces else outdated
        self._candidates: frozenset[str] | None = None

    def decide(self, snapshot: Snapshot) -> Replacement:
        """Those that are not ready are evicted; those that are ready are refused."""
        if self._candidates is None:
            self._candidates = frozenset(pod.uid for pod in pods_of(snapshot))
        found = {
            each.pod.uid: each
            for each in self._outdated(snapshot)
            if each.pod.uid in self._candidates and not each.pod.terminating
        }.values()
        unready = tuple(each for each in found if not each.pod.ready)
        return Replacement(unready, tuple(each for each in found if each.pod.ready))

    def replace(
        self, connection: Connection, snapshot: Snapshot, ledger: Ledger, say: Callable[[str], None]
    ) -> None:
        """Evict what is not ready. Raises Refused for what is ready, with the commands."""
        decision = self.decide(snapshot)
        for each in decision.evict:
            differs = ", ".join(each.differences)
            say(f"replacing pod/{each.pod.name}: not ready, and of an older template ({differs})")
            evict(connection, snapshot.target.namespace, each.pod, ledger)
            self._candidates = (self._candidates or frozenset()) - {each.pod.uid}
        if decision.refuse:
            raise refused(decision.refuse, snapshot.target.kubectl)


def refused(outdated: Sequence[Outdated], kubectl: tuple[str, ...]) -> Refused:
    """The error for ready Ray pods that run with an older template: which, in what, the mend."""
    heads_first = sorted(outdated, key=lambda each: each.pod.role is not Role.HEAD)
    differ = "; ".join(
        f"pod/{each.pod.name} ({each.pod.role}) differs in {', '.join(each.differences)}"
        for each in heads_first
    )
    names = [each.pod.name for each in heads_first]
    command = shlex.join((*kubectl, "delete", "pod", *names))
    return Refused(
        "applied, but KubeRay does not replace Ray pods that run and no longer match their "
        f"group's template: {differ}",
        f"replace them when nothing that matters runs there, then apply again:\n    {command}",
    )


def restart_stale_clients(
    connection: Connection,
    snapshot: Snapshot,
    look_inside: Callable[[Snapshot], Snapshot],
    stale: Callable[[Snapshot], Sequence[Subject]],
    ledger: Ledger,
    say: Callable[[str], None],
) -> tuple[Subject, ...]:
    """Roll out anew the client workloads that run with settings they would not get now."""
    clients = current_clients(snapshot)
    if not clients:
        return ()
    inside = look_inside(replace(snapshot, pods=Seen(clients)))
    found = tuple(stale(inside))
    for workload in found:
        say(f"restarting {workload}: it runs with older settings than it would get now")
        rollout_restart(connection, snapshot.target.namespace, workload, ledger)
    return found


def current_clients(snapshot: Snapshot) -> tuple[PodFacts, ...]:
    """The client pods of each workload's newest revision.

    Older ones are on their way out in any case. A workload whose new pods do not exist yet is
    left out as a whole: its rollout has only begun.
    """
    clients = [
        pod
        for pod in pods_of(snapshot)
        if pod.role is Role.CLIENT and not pod.terminating and not pod.finished
    ]
    newest: dict[str, PodFacts] = {}
    for pod in clients:
        if pod.owner not in newest or newest[pod.owner].created_at < pod.created_at:
            newest[pod.owner] = pod
    beginning = {
        f"{workload.kind.lower()}/{workload.name}"
        for workload in _workloads(snapshot)
        if _is_beginning(workload)
    }
    return tuple(
        pod
        for pod in clients
        if pod.owner not in beginning and _revision(pod) == _revision(newest[pod.owner])
    )


def pods_of(snapshot: Snapshot) -> tuple[PodFacts, ...]:
    """The pods that were seen; none when they could not be looked at."""
    return snapshot.pods.value if isinstance(snapshot.pods, Seen) else ()


def _workloads(snapshot: Snapshot) -> tuple[WorkloadFacts, ...]:
    return snapshot.workloads.value if isinstance(snapshot.workloads, Seen) else ()


def _is_beginning(workload: WorkloadFacts) -> bool:
    if workload.kind != "Deployment":
        return False
    unseen = workload.observed_generation < workload.generation
    return unseen or (workload.updated == 0 and workload.replicas > 0)


def _revision(pod: PodFacts) -> str:
    return pod.template.labels.get(_REVISION, "")
