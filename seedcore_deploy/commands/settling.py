"""Between apply and verify: wait for everything, and restart what will not come by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from seedcore_deploy.act.ledger import Ledger
from seedcore_deploy.act.session import LOOK_AGAIN_S, with_heads_proven, workers_outside
from seedcore_deploy.act.settle import (
    current_clients,
    evict_stale,
    pods_of,
    restart_lost,
    restart_stale,
)
from seedcore_deploy.act.wait import Foresight, Unready, wait_until_ready
from seedcore_deploy.commands.foresight import Dooms, NextCluster
from seedcore_deploy.commands.progress import say, waiting_lines
from seedcore_deploy.commands.ray_pods import APPLY_AGAIN, NOTHING, RayPods, told
from seedcore_deploy.commands.target import Aim
from seedcore_deploy.errors import SeedcoreError
from seedcore_deploy.judge.application import lost_clients
from seedcore_deploy.judge.readiness import pending, ray_unready, unready, unswitched
from seedcore_deploy.judge.stale import clients, stale_clients
from seedcore_deploy.kube.watch import Waker
from seedcore_deploy.kubectl import Kubectl
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.stale import LeftPod
from seedcore_deploy.observe.collect import watched_paths
from seedcore_deploy.observe.inside import look_inside
from seedcore_deploy.observe.post_mortem import post_mortem
from seedcore_deploy.observe.probe import ATTEMPT_S, prove
from seedcore_deploy.observe.ray_load import ray_load
from seedcore_deploy.options import ApplyOptions, Restart
from seedcore_deploy.sources.rendered import operator_replaces_pods
from seedcore_deploy.sources.yaml_documents import Document

EVENTS_S = 5.0
"""Some dooms show in events only, which nothing watches: there are too many of them."""
STALE_ROUNDS = 2
"""A client can start between a ConfigMap's change and the kubelet's knowing of it: once more."""


def ray_pods_of(
    aim: Aim, ledger: Ledger, asked: ApplyOptions, documents: Sequence[Document]
) -> RayPods:
    """The Ray pods of a run of apply, and how to ask what runs there and to have them replaced."""
    return RayPods(
        load=lambda snapshot: ray_load(aim.connection, snapshot),
        evict=lambda stale: evict_stale(aim.connection, aim.target.namespace, stale, ledger, say),
        restart=asked.restart,
        permitted=asked.restart_head,
        operator_replaces=operator_replaces_pods(documents),
    )


@dataclass(frozen=True, slots=True)
class _Watch:
    """What ends a pause early, and what ends a wait that is in vain."""

    waker: Waker
    foresight: Dooms


@dataclass(frozen=True, slots=True)
class Settling:
    """One run's waiting; `deadline` is on time.monotonic(), in seconds."""

    aim: Aim
    kubectl: Kubectl
    ledger: Ledger
    deadline: float
    ray_pods: RayPods
    probe_timeout_s: float | None = None
    _left: dict[Subject, LeftPod] = field(default_factory=dict)
    _reconnected: set[Subject] = field(default_factory=set)

    def until_settled(self) -> tuple[LeftPod, ...]:
        """Until all is ready, and every worker in its session; gives the stale pods that were left.

        The head goes first, for the workers restart in place with it, and the clients last, for
        they need it. Raises Doomed and TimedOut that tell why.
        """
        foresight = Dooms(self.aim, self.kubectl)
        with Waker(self.aim.connection, watched_paths(self.aim.target.namespace)) as waker:
            try:
                self._rounds(_Watch(waker, foresight))
            except SeedcoreError:
                for each in self.left:
                    say(told(each))
                raise
        return self.left

    @property
    def left(self) -> tuple[LeftPod, ...]:
        """The stale pods that were left so far: Ray pods, and a pod of each client workload."""
        return (*self.ray_pods.left.values(), *self._left.values())

    def _rounds(self, watch: _Watch) -> None:
        if _is_by_rayservice(self.aim):
            self._until_switched(watch)
        replaced = self._replace_ray_pods(watch)
        if self._restart_clients(every=self._restart is Restart.ALL) or replaced:
            watch.foresight.begin_anew()
        for _ in range(STALE_ROUNDS):
            self._until_ready(watch)
            self._until_joined(watch)
            replaced = self._replace_ray_pods(watch)
            if not (self._restart_clients() or replaced):
                return
            watch.foresight.begin_anew()
        self._until_joined(watch)

    def _until_switched(self, watch: _Watch) -> None:
        """First, for an upgrade spares what an eviction in the former RayCluster would end."""
        self._wait(self.aim.collected, unswitched, watch, foresight=NextCluster(watch.foresight))
        watch.foresight.begin_anew()

    def _replace_ray_pods(self, watch: _Watch) -> bool:
        """Whether any went. After a change of head, workers whose settings alone are old restart
        in place: the next round tells whether they are still stale then.
        """
        ray = self.ray_pods
        found = self._ray_pods_read()
        workers = ray.stale(found, Role.WORKER)
        if ray.replace(ray.stale(found, Role.HEAD), found):
            watch.foresight.begin_anew()
            self._until_head_ready(watch)
            now = self.aim.collected()
            ray.replace([each for each in ray.stale(now, Role.WORKER) if each.outlasts], now)
            return True
        if workers and self._restart is not Restart.NONE:
            # What runs on the cluster, and so whether a worker may go, only a ready head can tell.
            found = self._until_head_ready(watch)
        return ray.replace(workers, found)

    def _ray_pods_read(self) -> Snapshot:
        """What is there now, with what was read inside the Ray pods, and only there."""
        snapshot = self.aim.collected()
        own = tuple(pod for pod in pods_of(snapshot) if pod.role is not Role.CLIENT)
        chosen = replace(snapshot, pods=Seen(own))
        inside = look_inside(self.aim.connection, chosen, self.aim.discloser)
        read = {pod.uid: pod for pod in pods_of(inside)}
        pods = tuple(read.get(pod.uid, pod) for pod in pods_of(snapshot))
        return replace(snapshot, pods=Seen(pods)) if own else snapshot

    def _restart_clients(self, *, every: bool = False) -> bool:
        snapshot = self.aim.collected()
        current = current_clients(snapshot)
        if not current:
            return False
        namespace, chosen = self.aim.target.namespace, replace(snapshot, pods=Seen(current))
        if every:
            found = clients(chosen)
        else:
            found = stale_clients(look_inside(self.aim.connection, chosen, self.aim.discloser))
        if self._restart is Restart.NONE:
            for each in found:
                self._leave(LeftPod(each, NOTHING, APPLY_AGAIN))
            return False
        restart_stale(self.aim.connection, namespace, found, self.ledger, say)
        return bool(found)

    def _leave(self, left: LeftPod) -> None:
        if left.stale.owner not in self._left:
            say(told(left))
        self._left[left.stale.owner] = left

    @property
    def _restart(self) -> Restart:
        return self.ray_pods.restart

    def _until_ready(self, watch: _Watch) -> None:
        def observe() -> Snapshot:
            snapshot = self.aim.collected()
            self._restart_lost(snapshot)
            return snapshot

        self._wait(observe, self._unready, watch)

    def _restart_lost(self, snapshot: Snapshot) -> None:
        """Clients that do not come back by themselves, each workload once a run."""
        if self._restart is Restart.NONE:
            return
        lost = [each for each in lost_clients(snapshot) if each not in self._reconnected]
        restart_lost(self.aim.connection, self.aim.target.namespace, lost, self.ledger, say)
        self._reconnected.update(lost)

    def _unready(self, snapshot: Snapshot) -> Sequence[Unready]:
        """Pods of an older template are waited out only where KubeRay itself replaces them."""
        return pending(snapshot) if self.ray_pods.operator_replaces else unready(snapshot)

    def _until_head_ready(self, watch: _Watch) -> Snapshot:
        return self._wait(
            self.aim.collected, lambda snapshot: ray_unready(snapshot, Role.HEAD), watch
        )

    def _until_joined(self, watch: _Watch) -> None:
        """By the head's own probe: it alone knows who is in the session that is there now."""
        self._wait(
            lambda: with_heads_proven(self.aim.collected(), self._proven),
            lambda snapshot: (*self._unready(snapshot), *workers_outside(snapshot)),
            watch,
            resync_s=LOOK_AGAIN_S,
        )

    def _wait(
        self,
        observe: Callable[[], Snapshot],
        judge: Callable[[Snapshot], Sequence[Unready]],
        watch: _Watch,
        resync_s: float = EVENTS_S,
        foresight: Foresight[Snapshot] | None = None,
    ) -> Snapshot:
        with waiting_lines() as lines:
            return wait_until_ready(
                observe,
                judge,
                watch.waker,
                self.deadline,
                lines.report,
                self._explained,
                resync_s=resync_s,
                foresight=foresight or watch.foresight,
                show=lines.show,
            )

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


def _is_by_rayservice(aim: Aim) -> bool:
    manifests = aim.manifests
    return isinstance(manifests, Seen) and any(each.service for each in manifests.value.rayclusters)
