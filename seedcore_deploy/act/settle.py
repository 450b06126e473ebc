"""After apply: replace what will not come right by itself, and only that."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from seedcore_deploy.act.ledger import Ledger
from seedcore_deploy.act.restart import BudgetForbids, evict, rollout_restart
from seedcore_deploy.kube.client import Connection
from seedcore_deploy.kube.errors import Forbidden
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import PodFacts, Snapshot, WorkloadFacts
from seedcore_deploy.model.stale import LeftPod, StalePod

_REVISION = "pod-template-hash"
Say = Callable[[str], None]


def evict_stale(
    connection: Connection, namespace: str, stale: Sequence[StalePod], ledger: Ledger, say: Say
) -> tuple[LeftPod, ...]:
    """Have Ray pods replaced; returns those that must stay, by a PodDisruptionBudget or for want of
    the permission. Raises ApiError.
    """
    kept = []
    for each in stale:
        state = "ready" if each.pod.ready else "not ready"
        say(f"replacing pod/{each.pod.name} ({each.pod.role}, {state}): {each.cause}")
        try:
            evict(connection, namespace, each.pod, ledger)
        except (BudgetForbids, Forbidden) as fault:
            kept.append(LeftPod(each, fault.what, fault.mend))
    return tuple(kept)


def restart_stale(
    connection: Connection, namespace: str, stale: Sequence[StalePod], ledger: Ledger, say: Say
) -> None:
    """Roll out anew the client workloads that the pods are of. Raises ApiError."""
    for each in stale:
        say(f"restarting {each.owner}: of pod/{each.pod.name}: {each.cause}")
        rollout_restart(connection, namespace, each.owner, ledger)


def restart_lost(
    connection: Connection, namespace: str, lost: Sequence[Subject], ledger: Ledger, say: Say
) -> None:
    """Roll out anew workloads whose connection died with a former head. Raises ApiError."""
    for each in lost:
        say(
            f"restarting {each}: it lost its connection with the former head, and does not connect "
            "to the head that is there now"
        )
        rollout_restart(connection, namespace, each, ledger)


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
