"""Pods that are missing or do not come up: what is said, and what mends it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Finding
from seedcore_deploy.model.look import Look, Seen
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.verdict import Outcome
from tests.support import snapshots as s
from tests.support.faults.objects import head_not_ready, not_ready
from tests.support.faults.settings import wrong_host
from tests.support.snapshots import API
from tests.support.waiting import ago, crashed, held_up, waiting

T = TypeVar("T")


def seen(look: Look[T]) -> T:
    assert isinstance(look, Seen)
    return look.value


def finding(snapshot: Snapshot) -> Finding:
    (found,) = judge(snapshot).findings
    return found


def with_another_command(snapshot: Snapshot) -> Snapshot:
    return s.with_client_container(snapshot, "api", command=("uvicorn", "nowhere:app"))


def test_crash_of_what_differs_from_the_overlay_is_mended_by_applying_it() -> None:
    found = finding(with_another_command(not_ready()))

    apply, status = found.fix.commands
    assert apply.endswith(f"apply -k {s.OVERLAY}")
    assert "rollout status deployment/seedcore-api" in status
    assert "command" in found.because
    assert "by hand" in found.because


def test_crash_of_what_the_overlay_has_as_well_needs_a_change_there() -> None:
    found = finding(not_ready())

    assert "in the overlay" in found.fix.text
    assert "restart" in found.fix.commands[-2]


def test_crash_without_a_known_overlay_says_where_to_read_why() -> None:
    found = finding(s.without_manifests(not_ready()))

    assert f"kubectl logs {API}" in found.fix.text


QUOTA = (
    'pods "seedcore-api-6c5d-x" is forbidden: exceeded quota: no-pods, requested: pods=1, '
    "used: pods=4, limited: pods=4"
)


def refused(since: str, message: str = QUOTA) -> Snapshot:
    """The API's pod went, and its controller may not make another one."""
    return s.with_workload(
        s.without_pods(s.healthy(), API),
        "seedcore-api",
        updated=0,
        available=0,
        current=0,
        refused=message,
        refused_since=since,
    )


def test_pods_that_a_quota_refuses_are_laid_to_the_quota() -> None:
    found = finding(refused(s.LONG_AGO))

    assert found.rule == "SC301"
    assert str(found.subject) == "deployment/seedcore-api"
    assert QUOTA in found.because
    assert "resourcequota/no-pods" in found.fix.text
    # Whether the quota gives way, people decide; a restart would wait in vain until then.
    assert found.fix.commands == ()


def test_pods_that_were_refused_a_moment_ago_may_be_taken_at_the_next_try() -> None:
    verdict = judge(refused(ago(20)))

    assert verdict.outcome is Outcome.SETTLING
    assert not verdict.findings


def test_pods_that_a_webhook_refuses_are_laid_to_what_it_says() -> None:
    said = 'admission webhook "policy.example.org" denied the request: no'

    assert said in finding(refused(s.LONG_AGO, said)).because


def test_mend_of_a_paused_deployment_resumes_it_before_it_is_restarted() -> None:
    snapshot = s.with_workload(wrong_host(), "seedcore-api", stuck="it is paused", paused=True)

    verbs = [line.split(" rollout ")[-1].split()[0] for line in finding(snapshot).fix.commands]

    assert verbs[1:] == ["resume", "restart", "status"]


def test_image_that_is_not_there_is_told_beside_a_head_that_is_not_ready() -> None:
    """A mend of the head would not bring it; what crashes for want of a head stays below it."""
    gone = waiting("ImagePullBackOff", 'Back-off pulling image "nowhere": not found')
    snapshot = held_up(gone, within=head_not_ready(), created=900)

    findings = judge(snapshot).findings

    assert [each.subject.name for each in findings] == [s.HEAD, API]
    assert "nowhere" in findings[1].because


def test_client_that_crashes_for_want_of_a_head_is_not_told_beside_it() -> None:
    snapshot = held_up(crashed(restarts=5), within=head_not_ready(), created=900)

    assert finding(snapshot).subject.name == s.HEAD


def with_required_workers(snapshot: Snapshot) -> Snapshot:
    workers = tuple(
        replace(each, required=True) if each.role is Role.WORKER else each
        for each in snapshot.contract.workloads
    )
    return replace(snapshot, contract=replace(snapshot.contract, workloads=workers))


def with_cluster(snapshot: Snapshot, **changes: Any) -> Snapshot:
    (cluster,) = seen(snapshot.rayclusters)
    return replace(snapshot, rayclusters=Seen((replace(cluster, **changes),)))


def with_groups(snapshot: Snapshot, *replicas: int) -> Snapshot:
    """The RayCluster with its head and these worker groups, the overlay's as well."""
    (cluster,) = seen(snapshot.rayclusters)
    head, workers = cluster.groups
    names = ("workers", "more")
    groups = [
        replace(workers, name=name, replicas=number)
        for name, number in zip(names, replicas, strict=False)
    ]
    found = with_cluster(snapshot, groups=(head, *groups))
    (changed,) = seen(found.rayclusters)
    manifests = replace(seen(found.manifests), rayclusters=(changed,))
    return replace(found, manifests=Seen(manifests))


def test_worker_group_at_0_beside_one_that_has_workers_is_fine() -> None:
    assert judge(with_groups(with_required_workers(s.healthy()), 1, 0)).findings == ()


def test_workers_that_are_required_and_at_0_are_given_a_replica() -> None:
    snapshot = with_groups(with_required_workers(s.without_pods(s.healthy(), s.WORKER)), 0)

    found = finding(snapshot)

    assert (found.rule, found.summary) == ("SC301", "it is scaled to 0")
    assert "/spec/workerGroupSpecs/0/replicas" in found.fix.commands[0]
    assert "ray.io/group=workers" in found.fix.commands[1]


def test_suspended_raycluster_is_resumed() -> None:
    empty = s.without_pods(s.healthy(), s.HEAD, s.WORKER)

    found = finding(with_cluster(empty, suspended=True))

    (resume,) = found.fix.commands
    assert "patch raycluster seedcore" in resume
    assert '"/spec/suspend"' in resume


def test_suspended_raycluster_of_a_rayservice_is_resumed_where_kuberay_reads_it() -> None:
    made = s.made_by_a_rayservice(s.of_the_service("seedcore-one"), active="seedcore-one")
    empty = s.without_pods(made, *(pod.name for pod in seen(made.pods) if pod.raycluster))
    (cluster,) = seen(empty.rayclusters)

    found = finding(replace(empty, rayclusters=Seen((replace(cluster, suspended=True),))))

    service, own = found.fix.commands
    assert "patch rayservice" in service
    assert '"/spec/rayClusterConfig/suspend"' in service
    assert "patch raycluster seedcore-one" in own
    assert '"/spec/suspend"' in own
