"""What is not ready at the revision that is in the cluster."""

from dataclasses import replace
from typing import Any

import pytest

from seedcore_deploy.judge.readiness import pending, ray_unready, unready, unswitched
from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import RayServiceFacts, Snapshot
from seedcore_deploy.model.verdict import Outcome
from tests.support import snapshots as s
from tests.support.snapshots import API, HEAD, WORKER, healthy


def waiting(snapshot: Snapshot) -> list[tuple[str, bool]]:
    return [(str(each.subject), each.settling) for each in pending(snapshot)]


def outside_only() -> Snapshot:
    """As the API server shows it, nothing having run inside a pod."""
    snapshot = healthy()
    assert isinstance(snapshot.pods, Seen)
    return replace(
        snapshot,
        pods=Seen(
            tuple(
                replace(pod, process=NotSeen("not looked at"), probe=None)
                for pod in snapshot.pods.value
            )
        ),
    )


def test_ready_needs_nothing_from_inside_the_pods() -> None:
    assert pending(outside_only()) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"generation": 5},
        {"generation": 5, "observed_generation": 5, "updated": 0},
        {"current": 2},
    ],
)
def test_rollout_is_pending_and_settling(changes: dict[str, Any]) -> None:
    assert waiting(s.with_workload(healthy(), "seedcore-api", **changes)) == [
        ("deployment/seedcore-api", True)
    ]


def test_missing_worker_is_pending() -> None:
    assert waiting(s.without_pods(healthy(), WORKER)) == [("raycluster/seedcore workers", False)]


def test_worker_of_a_young_head_is_on_its_way() -> None:
    snapshot = s.with_pod(healthy(), HEAD, started_at=s.A_MOMENT_AGO)

    assert waiting(s.without_pods(snapshot, WORKER)) == [("raycluster/seedcore workers", True)]


def test_terminating_pod_is_not_counted() -> None:
    snapshot = s.with_pod(healthy(), HEAD, terminating=True)

    assert ("raycluster/seedcore headgroup", True) in waiting(snapshot)


def test_ray_pod_of_an_older_template_is_pending_and_will_not_settle() -> None:
    snapshot = s.with_group_template(healthy(), Role.HEAD, image="localhost/seedcore-ray:2")

    assert waiting(snapshot) == [(f"pod/{HEAD}", False)]
    assert unready(snapshot) == ()


def test_of_the_head_alone_neither_workers_nor_clients_are_waited_for() -> None:
    snapshot = s.with_pod(healthy(), WORKER, ready=False)
    snapshot = s.with_pod(snapshot, API, ready=False)

    assert ray_unready(snapshot, Role.HEAD) == ()
    assert [each.subject.name for each in ray_unready(snapshot, Role.WORKER)] == [WORKER]


def test_a_head_that_is_being_replaced_is_waited_for() -> None:
    assert ray_unready(s.without_pods(healthy(), HEAD), Role.HEAD)
    assert ray_unready(s.with_pod(healthy(), HEAD, terminating=True), Role.HEAD)
    assert ray_unready(s.with_pod(healthy(), HEAD, ready=False), Role.HEAD)


def test_pods_that_were_not_seen_are_no_ready_head() -> None:
    assert ray_unready(replace(healthy(), pods=NotSeen("forbidden")), Role.HEAD)


def test_unready_pod_says_why() -> None:
    snapshot = s.with_pod(healthy(), API, ready=False, why_not_ready="CrashLoopBackOff")

    (found,) = (each for each in pending(snapshot) if each.subject.kind == "Pod")

    assert "CrashLoopBackOff" in found.why
    assert not found.settling


def test_required_workload_that_is_absent_is_pending() -> None:
    snapshot = s.without_pods(healthy(), API)
    assert isinstance(snapshot.workloads, Seen)
    left = tuple(each for each in snapshot.workloads.value if each.name != "seedcore-api")

    assert waiting(replace(snapshot, workloads=Seen(left))) == [("workload/api", False)]


def test_absent_raycluster_is_pending() -> None:
    snapshot = s.without_pods(replace(healthy(), rayclusters=Seen(())), HEAD, WORKER)

    assert ("raycluster/seedcore", False) in waiting(snapshot)


@pytest.mark.parametrize("part", ["rayclusters", "workloads", "pods"])
def test_part_that_was_not_seen_is_never_ready(part: str) -> None:
    changes: dict[str, Any] = {part: NotSeen("forbidden")}

    assert pending(replace(healthy(), **changes))


def test_of_pods_that_were_not_listed_nothing_is_said_to_be_missing_or_settling() -> None:
    """... not even for a RayCluster that is so young that its pods might just be coming."""
    young = replace(s.raycluster(), created_at=s.A_MOMENT_AGO)
    snapshot = replace(healthy(), rayclusters=Seen((young,)), pods=NotSeen("answered 429"))

    assert [(each.why, each.settling) for each in pending(snapshot)] == [
        ("could not look: answered 429", False)
    ]
    assert judge(snapshot).outcome is Outcome.INCONCLUSIVE


OLD, NEW = "seedcore-aaaaa", "seedcore-bbbbb"


def in_an_upgrade(*clusters: str, **facts: Any) -> list[str]:
    """What is waited for of a RayService with these facts; the first RayCluster serves."""
    made = (s.of_the_service(name) for name in clusters)
    snapshot = s.made_by_a_rayservice(*made, active=clusters[0])
    service = RayServiceFacts("seedcore", **{"active": clusters[0], **facts})
    found = unswitched(replace(snapshot, rayservices=Seen((service,))))
    assert all(each.settling for each in found)
    return [f"{each.subject}: {each.why}" for each in found]


def test_rayservice_with_one_raycluster_that_serves_is_settled() -> None:
    assert in_an_upgrade(OLD, generation=2, observed_generation=2) == []


def test_rayservice_whose_change_kuberay_has_not_seen_is_waited_for() -> None:
    (waited,) = in_an_upgrade(OLD, generation=2, observed_generation=1)

    assert "not taken up its last change" in waited


def test_status_that_does_not_tell_its_generation_is_not_waited_for() -> None:
    assert in_an_upgrade(OLD, generation=2) == []


def test_raycluster_that_is_to_follow_is_waited_for() -> None:
    (waited,) = in_an_upgrade(OLD, NEW, pending=NEW)

    assert waited == f"rayservice/seedcore: KubeRay has not switched over to raycluster/{NEW} yet"


def test_former_raycluster_is_waited_for_where_it_goes_soon() -> None:
    (waited,) = in_an_upgrade(NEW, OLD)

    assert waited.startswith(f"raycluster/{OLD}: KubeRay has switched over")
    assert in_an_upgrade(NEW, OLD, deleted_after_s=3600) == []


def test_first_raycluster_of_a_rayservice_is_judged_as_any_other_is() -> None:
    assert in_an_upgrade(NEW, active="", pending=NEW) == []


def test_raycluster_without_a_rayservice_is_no_matter_of_a_switch() -> None:
    assert unswitched(healthy()) == ()


def test_rayservices_that_were_not_seen_are_pending() -> None:
    snapshot = s.made_by_a_rayservice(s.of_the_service(OLD), active=OLD)

    (waited,) = unswitched(replace(snapshot, rayservices=NotSeen("forbidden")))

    assert not waited.settling
    assert "forbidden" in waited.why
