"""Which Ray pods one run of apply replaces."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from seedcore_deploy.commands.ray_pods import RayPods
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.look import Look, NotSeen, Seen
from seedcore_deploy.model.ray_load import RayLoad, RunningJob
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.stale import LeftPod, StalePod
from seedcore_deploy.options import Restart
from tests.support import snapshots as s
from tests.support.snapshots import HEAD, WORKER

IDLE, BUSY = Seen(RayLoad()), Seen(RayLoad(jobs=(RunningJob("nightly"),)))


@dataclass
class Cluster:
    """Notes what is asked of it, and keeps the pods that are named."""

    load: Look[RayLoad] = field(default_factory=lambda: IDLE)
    keeps: tuple[str, ...] = ()
    evicted: list[str] = field(default_factory=list)
    asked: int = 0

    def runs(self, _: Snapshot) -> Look[RayLoad]:
        self.asked += 1
        return self.load

    def evict(self, stale: Sequence[StalePod]) -> Sequence[LeftPod]:
        kept = [each for each in stale if each.pod.name in self.keeps]
        self.evicted += [each.pod.name for each in stale if each not in kept]
        return [LeftPod(each, "a budget forbids it", "wait") for each in kept]


def ray_pods(
    cluster: Cluster,
    restart: Restart = Restart.STALE,
    *,
    permitted: bool = False,
    operator_replaces: bool = False,
) -> RayPods:
    return RayPods(cluster.runs, cluster.evict, restart, permitted, operator_replaces)


def stale() -> Snapshot:
    return s.with_key(s.healthy(), "seedcore-env", RAY_HOST="new")


def replaced(found: RayPods, snapshot: Snapshot, *roles: Role) -> bool:
    done = [found.replace(found.stale(snapshot, role), snapshot) for role in roles]
    return any(done)


def test_nothing_that_is_up_to_date_is_replaced_and_nothing_is_asked() -> None:
    cluster = Cluster()

    assert not replaced(ray_pods(cluster), s.healthy(), Role.HEAD, Role.WORKER)
    assert (cluster.evicted, cluster.asked) == ([], 0)


def test_an_idle_cluster_lets_its_stale_head_go() -> None:
    cluster = Cluster()

    assert replaced(ray_pods(cluster), stale(), Role.HEAD)
    assert cluster.evicted == [HEAD]


def test_a_busy_cluster_keeps_head_and_workers_for_the_whole_run() -> None:
    """... for who was told that a pod is left must find it there, also when the job has ended."""
    cluster = Cluster(BUSY)
    found = ray_pods(cluster)

    assert not replaced(found, stale(), Role.HEAD, Role.WORKER)
    cluster.load = IDLE
    assert not replaced(found, stale(), Role.HEAD, Role.WORKER)
    assert [each.stale.pod.name for each in found.left.values()] == [HEAD, WORKER]


def test_with_permission_nobody_is_asked_what_runs() -> None:
    cluster = Cluster(BUSY)

    assert replaced(ray_pods(cluster, permitted=True), stale(), Role.HEAD)
    assert cluster.asked == 0


def test_a_pod_that_a_budget_keeps_was_not_replaced() -> None:
    cluster = Cluster(keeps=(HEAD,))
    found = ray_pods(cluster)

    assert not replaced(found, stale(), Role.HEAD)
    assert [each.why for each in found.left.values()] == ["a budget forbids it"]


def test_a_pod_is_evicted_once_however_long_it_takes_to_end() -> None:
    cluster = Cluster()
    found = ray_pods(cluster)

    replaced(found, stale(), Role.HEAD)
    assert not replaced(found, stale(), Role.HEAD)
    assert cluster.evicted == [HEAD]


def test_a_pod_that_came_later_is_not_judged_by_its_template() -> None:
    found = ray_pods(Cluster())
    found.stale(s.healthy(), Role.HEAD)
    old = s.with_group_template(s.healthy(), Role.HEAD, image="localhost/seedcore-ray:2")

    assert found.stale(old, Role.HEAD)
    assert found.stale(s.with_pod(old, HEAD, uid="new"), Role.HEAD) == ()


def test_a_pod_that_came_later_with_old_values_goes_all_the_same() -> None:
    """The kubelet may not have known of the ConfigMap's change when it started the container."""
    found = ray_pods(Cluster())
    found.stale(s.healthy(), Role.HEAD)

    assert found.stale(s.with_pod(stale(), HEAD, uid="new"), Role.HEAD)


def test_what_the_operator_replaces_by_itself_is_left_to_it() -> None:
    found = ray_pods(Cluster(), operator_replaces=True)
    old = s.with_group_template(s.healthy(), Role.HEAD, image="localhost/seedcore-ray:2")

    assert found.stale(old, Role.HEAD) == ()
    assert found.stale(stale(), Role.HEAD)


def test_with_restart_none_the_stale_pods_are_named_and_nothing_is_asked() -> None:
    cluster = Cluster()
    found = ray_pods(cluster, Restart.NONE)

    assert not replaced(found, stale(), Role.HEAD, Role.WORKER)
    assert (cluster.evicted, cluster.asked) == ([], 0)
    assert {each.why for each in found.left.values()} == {"--restart=none restarts nothing"}


def test_with_restart_all_every_ray_pod_goes_unless_the_cluster_is_busy() -> None:
    idle, busy = Cluster(), Cluster(BUSY)

    assert replaced(ray_pods(idle, Restart.ALL), s.healthy(), Role.HEAD, Role.WORKER)
    assert idle.evicted == [HEAD, WORKER]
    assert not replaced(ray_pods(busy, Restart.ALL), s.healthy(), Role.HEAD)


def test_with_restart_all_a_worker_that_restarted_in_place_has_restarted() -> None:
    found = ray_pods(Cluster(), Restart.ALL)
    found.stale(s.healthy(), Role.WORKER)

    assert found.stale(s.with_pod(s.healthy(), WORKER, started_at=s.NOW), Role.WORKER) == ()


def test_what_runs_and_cannot_be_told_keeps_the_pods() -> None:
    found = ray_pods(Cluster(NotSeen("the dashboard does not answer")))

    assert not replaced(found, stale(), Role.HEAD)
    (left,) = found.left.values()
    assert "the dashboard does not answer" in left.why


def test_an_unready_head_goes_without_a_question() -> None:
    cluster = Cluster(BUSY)
    snapshot = s.with_pod(stale(), HEAD, ready=False)

    assert replaced(ray_pods(cluster), snapshot, Role.HEAD)
    assert cluster.asked == 0


def test_a_terminating_pod_is_on_its_way_already() -> None:
    pods = s.with_pod(stale(), HEAD, terminating=True)

    assert ray_pods(Cluster()).stale(replace(pods), Role.HEAD) == ()
