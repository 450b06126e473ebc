"""Between apply and verify: wait for everything, and restart what will not come by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seedcore_deploy.act.ledger import Ledger
from seedcore_deploy.act.session import LOOK_AGAIN_S, with_heads_proven, workers_outside
from seedcore_deploy.act.settle import RayPods, restart_stale_clients
from seedcore_deploy.act.wait import Unready, wait_until_ready
from seedcore_deploy.commands.foresight import Dooms
from seedcore_deploy.commands.progress import say, waiting_lines
from seedcore_deploy.commands.target import Aim
from seedcore_deploy.judge.readiness import outdated_ray_pods, pending
from seedcore_deploy.judge.scheduling import unscheduled_outdated
from seedcore_deploy.judge.stale import stale_client_workloads
from seedcore_deploy.kube.watch import Waker
from seedcore_deploy.kubectl import Kubectl
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.observe.collect import watched_paths
from seedcore_deploy.observe.inside import look_inside
from seedcore_deploy.observe.post_mortem import post_mortem
from seedcore_deploy.observe.probe import ATTEMPT_S, prove

EVENTS_S = 5.0
"""Some dooms show in events only, which nothing watches: there are too many of them."""
STALE_ROUNDS = 2
"""A client can start between a ConfigMap's change and the kubelet's knowing of it: once more."""


@dataclass(frozen=True, slots=True)
class Settling:
    """One run's waiting; `deadline` is on time.monotonic(), in seconds.

    `operator_replaces`: KubeRay itself replaces Ray pods when the spec changes.
    """

    aim: Aim
    kubectl: Kubectl
    ledger: Ledger
    deadline: float
    probe_timeout_s: float | None = None
    operator_replaces: bool = False

    def until_settled(self) -> None:
        """Until all is ready at the revision just applied, and every worker in its session.

        Raises Doomed and TimedOut that tell why, Refused for ready Ray pods of an older template.
        """
        foresight = Dooms(self.aim, self.kubectl)
        with Waker(self.aim.connection, watched_paths(self.aim.target.namespace)) as waker:
            self._restart_stale()
            for _ in range(STALE_ROUNDS):
                self._until_ready(waker, foresight)
                if not self._restart_stale():
                    break
            self._until_joined(waker)

    def _until_ready(self, waker: Waker, foresight: Dooms) -> None:
        ray_pods = RayPods(
            lambda snapshot: (*outdated_ray_pods(snapshot), *unscheduled_outdated(snapshot)),
            operator_replaces=self.operator_replaces,
        )

        def observe() -> Snapshot:
            snapshot = self.aim.collected()
            ray_pods.replace(self.aim.connection, snapshot, self.ledger, say)
            return snapshot

        with waiting_lines() as lines:
            wait_until_ready(
                observe,
                pending,
                waker,
                self.deadline,
                lines.report,
                self._explained,
                resync_s=EVENTS_S,
                foresight=foresight,
                show=lines.show,
            )

    def _until_joined(self, waker: Waker) -> None:
        """By the head's own probe: it alone knows who is in the session that is there now."""
        wait_until_ready(
            lambda: with_heads_proven(self.aim.collected(), self._proven),
            lambda snapshot: (*pending(snapshot), *workers_outside(snapshot)),
            waker,
            self.deadline,
            say,
            self._explained,
            resync_s=LOOK_AGAIN_S,
        )

    def _restart_stale(self) -> bool:
        restarted = restart_stale_clients(
            self.aim.connection,
            self.aim.collected(),
            lambda found: look_inside(self.aim.connection, found, self.aim.discloser),
            stale_client_workloads,
            self.ledger,
            say,
        )
        return bool(restarted)

    def _proven(self, heads: Snapshot) -> Snapshot:
        inside = look_inside(self.aim.connection, heads, self.aim.discloser)
        return prove(
            self.aim.connection,
            inside,
            all_pods=False,
            timeout_s=self.probe_timeout_s or ATTEMPT_S,
        )

    def _explained(self, left: Sequence[Unready], seen: Snapshot | None) -> str:
        return post_mortem(
            self.aim.connection, self.kubectl.logs, self.aim.target.namespace, left, seen
        )
