"""What the overlay has and the cluster lacks is found, whether the contract requires it or not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import Manifests, RayGroup, Snapshot, WorkloadFacts
from seedcore_deploy.model.verdict import Outcome
from tests.support import snapshots as s
from tests.support.snapshots import API, healthy


def planned(snapshot: Snapshot) -> Manifests:
    assert isinstance(snapshot.manifests, Seen)
    return snapshot.manifests.value


def with_planned(snapshot: Snapshot, *more: WorkloadFacts) -> Snapshot:
    manifests = planned(snapshot)
    return replace(
        snapshot, manifests=Seen(replace(manifests, workloads=(*manifests.workloads, *more)))
    )


def with_planned_group(snapshot: Snapshot, replicas: int) -> Snapshot:
    manifests = planned(snapshot)
    (cluster,) = manifests.rayclusters
    group = RayGroup("gpu", Role.WORKER, replicas, s.ray_template(Role.WORKER))
    wanted = replace(cluster, groups=(*cluster.groups, group))
    return replace(snapshot, manifests=Seen(replace(manifests, rayclusters=(wanted,))))


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
def test_client_of_the_overlay_that_was_never_applied_is_found(kind: str) -> None:
    snapshot = with_planned(healthy(), replace(s.deployment("batch"), kind=kind))

    verdict = judge(snapshot)

    (found,) = verdict.findings
    assert (found.rule, str(found.subject)) == ("SC301", f"{kind.lower()}/seedcore-batch")
    apply, status = found.fix.commands
    assert apply.endswith(f"apply -k {s.OVERLAY}")
    assert f"rollout status {kind.lower()}/seedcore-batch" in status


def test_worker_group_of_the_overlay_that_was_never_applied_is_found() -> None:
    verdict = judge(with_planned_group(healthy(), 2))

    (found,) = verdict.findings
    assert found.rule == "SC301"
    assert str(found.subject).endswith("gpu")
    assert "worker group" in found.summary
    apply, ready = found.fix.commands
    assert apply.endswith(f"apply -k {s.OVERLAY}")
    assert "ray.io/cluster=seedcore,ray.io/group=gpu" in ready


@pytest.mark.parametrize(
    "snapshot",
    [
        with_planned_group(healthy(), 0),
        with_planned(healthy(), s.deployment("batch", replicas=0)),
        with_planned(healthy(), replace(s.deployment("batch"), kind="Job")),
        with_planned(healthy(), replace(s.deployment("batch"), kind="CronJob")),
    ],
    ids=["group at 0", "deployment at 0", "job that may be over", "cronjob"],
)
def test_what_need_not_have_pods_now_is_not_missed(snapshot: Snapshot) -> None:
    assert judge(snapshot).findings == ()


def test_statefulset_that_may_not_be_listed_shows_by_its_pods() -> None:
    pod = replace(
        s.pod_of(healthy(), API), name="batch-0", uid="batch-0", owner="statefulset/seedcore-batch"
    )
    snapshot = with_planned(healthy(), replace(s.deployment("batch"), kind="StatefulSet"))

    assert judge(s.with_added_pod(snapshot, pod)).findings == ()


def test_workloads_that_were_not_listed_are_not_missed() -> None:
    snapshot = replace(
        with_planned(healthy(), s.deployment("batch")), workloads=NotSeen("forbidden", "")
    )

    verdict = judge(snapshot)

    assert verdict.findings == ()
    assert verdict.outcome is Outcome.INCONCLUSIVE


def test_namespace_with_nothing_in_it_says_so_once() -> None:
    snapshot = with_planned(healthy(), s.deployment("batch"))
    empty = replace(
        snapshot,
        configmaps=Seen(()),
        services=Seen(()),
        rayclusters=Seen(()),
        workloads=Seen(()),
        pods=Seen(()),
    )

    assert [each.rule for each in judge(empty).findings] == ["SC305"]
