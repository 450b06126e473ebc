"""The Ray pods of one run of apply: which are replaced, in which order, and which are left."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from seedcore_deploy.commands.progress import say
from seedcore_deploy.judge.permission import decide, needs_permission
from seedcore_deploy.judge.stale import ray_pods, stale_ray_pods
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.look import Look, Seen
from seedcore_deploy.model.ray_load import RayLoad
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.stale import LeftPod, StalePod
from seedcore_deploy.options import Restart

NOTHING = "--restart=none restarts nothing"
APPLY_AGAIN = "apply again without --restart=none"


@dataclass(slots=True)
class RayPods:
    """Which Ray pods are stale, and what became of them; each is replaced at most once.

    `load` tells what runs on the cluster now; `evict` has pods replaced, and gives back those that
    are kept from it. `permitted`: also while the cluster is busy. With `operator_replaces`
    (upgradeStrategy Recreate) KubeRay itself replaces pods whose template has changed.
    """

    load: Callable[[Snapshot], Look[RayLoad]]
    evict: Callable[[Sequence[StalePod]], Sequence[LeftPod]]
    restart: Restart = Restart.STALE
    permitted: bool = False
    operator_replaces: bool = False
    left: dict[str, LeftPod] = field(default_factory=dict)
    _first: dict[str, str] | None = None
    _evicted: set[str] = field(default_factory=set)

    def stale(self, snapshot: Snapshot, role: Role) -> tuple[StalePod, ...]:
        """The pods of a role that are to be replaced, by what was read inside them."""
        if self._first is None:
            pods = snapshot.pods.value if isinstance(snapshot.pods, Seen) else ()
            self._first = {pod.uid: pod.started_at for pod in pods}
        asked = ray_pods(snapshot) if self.restart is Restart.ALL else ()
        found = {each.pod.uid: each for each in asked if self._is_of_before(each)}
        found |= {each.pod.uid: each for each in stale_ray_pods(snapshot) if self._counts(each)}
        return tuple(
            each
            for uid, each in found.items()
            if each.pod.role is role and uid not in self._evicted and uid not in self.left
        )

    def replace(self, stale: Sequence[StalePod], snapshot: Snapshot) -> bool:
        """Evict what may go now, and note what is left. Whether anything was evicted."""
        if not stale:
            return False
        if self.restart is Restart.NONE:
            self._leave(LeftPod(each, NOTHING, APPLY_AGAIN) for each in stale)
            return False
        asks = needs_permission(stale) and not self.permitted
        decision = decide(stale, self.load(snapshot) if asks else None, permitted=self.permitted)
        kept = self.evict(decision.replace)
        self._leave((*decision.left, *kept))
        gone = {each.pod.uid for each in decision.replace} - {each.stale.pod.uid for each in kept}
        self._evicted |= gone
        return bool(gone)

    def _is_of_before(self, stale: StalePod) -> bool:
        """Whether the container is still the one of the first look: a restart in place counts."""
        return (self._first or {}).get(stale.pod.uid) == stale.pod.started_at

    def _counts(self, stale: StalePod) -> bool:
        """A later pod was made from the present template: evicting it could go round for ever."""
        if self.operator_replaces and stale.template:
            return False
        return stale.pod.uid in (self._first or {}) or bool(stale.variables)

    def _leave(self, left: Iterable[LeftPod]) -> None:
        for each in left:
            self.left[each.stale.pod.uid] = each
            say(told(each))


def told(left: LeftPod) -> str:
    """One line about a pod that was left."""
    pod = left.stale.pod
    return f"left as it is: pod/{pod.name} ({pod.role}): {left.stale.cause}; {left.why}"
