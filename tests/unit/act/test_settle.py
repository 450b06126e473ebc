from __future__ import annotations

from dataclasses import replace

from seedcore_deploy.act.settle import current_clients
from seedcore_deploy.model.contract import Contract, Role
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import PodFacts, PodTemplate, Snapshot, Target, WorkloadFacts


def pod(name: str, *, ready: bool = True, revision: str = "") -> PodFacts:
    labels = {"pod-template-hash": revision} if revision else {}
    return PodFacts(
        name=name,
        uid=f"uid-of-{name}",
        role=Role.CLIENT,
        workload="api",
        group="api",
        container="c",
        template=PodTemplate((), labels=labels),
        phase="Running",
        ready=ready,
        owner="deployment/api",
    )


def snapshot(*pods: PodFacts, workload: WorkloadFacts | None = None) -> Snapshot:
    return Snapshot(
        target=Target("dev", "seedcore-dev"),
        contract=Contract(),
        taken_at="2026-01-01T00:00:00Z",
        manifests=NotSeen("no"),
        configmaps=NotSeen("no"),
        services=NotSeen("no"),
        rayclusters=NotSeen("no"),
        workloads=Seen((workload,) if workload else ()),
        pods=Seen(pods),
    )


def deployment(*, observed: int = 2, updated: int = 1) -> WorkloadFacts:
    return WorkloadFacts(
        "Deployment",
        "api",
        PodTemplate(()),
        generation=2,
        observed_generation=observed,
        updated=updated,
    )


def test_of_a_rollout_only_the_newest_revision_is_looked_at() -> None:
    old = replace(pod("old", revision="1"), created_at="2026-01-01T00:00:00Z")
    new = replace(pod("new", revision="2"), created_at="2026-01-01T00:01:00Z")

    assert current_clients(snapshot(old, new, workload=deployment())) == (new,)


def test_a_rollout_that_has_only_begun_is_left_alone() -> None:
    old = pod("old", revision="1")

    unseen = snapshot(old, workload=deployment(observed=1))
    no_pods_yet = snapshot(old, workload=deployment(updated=0))

    assert current_clients(unseen) == ()
    assert current_clients(no_pods_yet) == ()


def test_a_rollout_that_is_stuck_is_looked_at() -> None:
    stuck = pod("stuck", ready=False, revision="2")

    assert current_clients(snapshot(stuck, workload=deployment())) == (stuck,)


def test_pods_that_end_or_have_ended_are_no_current_clients() -> None:
    ending = replace(pod("a"), terminating=True)
    ended = replace(pod("b"), finished=True)

    assert current_clients(snapshot(ending, ended)) == ()
