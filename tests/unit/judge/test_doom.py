"""What is doomed as a whole, and what looks so but is about to be replaced or waits for others."""

from __future__ import annotations

from seedcore_deploy.judge.doom import dooms
from seedcore_deploy.judge.readiness import pending
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.pod_state import ContainerPhase, ContainerState
from seedcore_deploy.model.snapshot import Snapshot
from tests.support import snapshots as s
from tests.support import waiting as w

GAVE_UP = "ProgressDeadlineExceeded: ReplicaSet has timed out progressing"
NOT_FOUND = "localhost/nowhere:1: not found"


def never_ready(head_ready: float, created: float = 700) -> Snapshot:
    """The API's pod runs and never answers its readiness probe; its Deployment gave up."""
    snapshot = s.with_pod(s.healthy(), s.HEAD, ready_since=w.ago(head_ready))
    snapshot = s.with_pod(
        snapshot, s.API, ready=False, created_at=w.ago(created), ready_since=w.ago(created)
    )
    return s.with_workload(
        snapshot, "seedcore-api", available=0, failed=GAVE_UP, failed_since=w.ago(60)
    )


def test_healthy_deployment_has_no_doom() -> None:
    assert dooms(s.healthy()) == ()


def test_rollout_that_kubernetes_gave_up_is_doomed_with_its_reason() -> None:
    assert w.reasons(never_ready(91)) == [f"Kubernetes gave its rollout up: {GAVE_UP}"]


def test_rollout_that_was_given_up_beside_a_pod_of_before_that_is_available_is_doomed() -> None:
    snapshot = s.with_workload(never_ready(900), "seedcore-api", available=1, current=2)

    assert w.reasons(snapshot)


def test_rollout_that_was_given_up_beside_a_fresh_head_may_still_end_well() -> None:
    assert w.reasons(never_ready(89)) == []


def test_rollout_that_was_given_up_before_the_wait_began_gets_its_time() -> None:
    assert w.reasons(never_ready(900), begun=w.ago(29)) == []
    assert w.reasons(never_ready(900), begun=w.ago(30))


def test_rollout_with_a_pod_that_was_made_after_it_was_given_up_may_still_end_well() -> None:
    assert w.reasons(never_ready(900, created=30)) == []


def test_rollout_that_was_given_up_is_doomed_though_its_pod_is_young() -> None:
    assert w.reasons(never_ready(900, created=70))


def test_paused_rollout_that_is_not_over_is_doomed_with_the_command_that_resumes_it() -> None:
    held = s.with_workload(
        s.healthy(), "seedcore-api", updated=0, paused=True, stuck="it is paused"
    )

    (doom,) = w.doomed(held)

    assert "rollout resume deployment/seedcore-api" in doom.mend


def test_paused_rollout_that_is_over_is_no_doom() -> None:
    held = s.with_workload(s.healthy(), "seedcore-api", paused=True, stuck="it is paused")

    assert w.reasons(held) == []


def test_ray_pod_of_a_former_template_is_no_doom_since_apply_replaces_it() -> None:
    head = w.held_up(w.crashed(name="ray-head", restarts=5), pod=s.HEAD)
    mended = s.with_group_template(head, Role.HEAD, image="localhost/seedcore-ray:0.2.0")

    assert w.reasons(head)
    assert w.reasons(mended) == []


def test_pod_of_a_former_revision_is_no_doom_since_the_rollout_replaces_it() -> None:
    old = w.held_up(w.waiting("ErrImagePull", NOT_FOUND))

    assert w.reasons(old)
    assert w.reasons(s.with_workload(old, "seedcore-api", generation=2)) == []


def worker_in_init(started: float, head_ready: float) -> Snapshot:
    waits = ContainerState(
        "wait-gcs-ready", init=True, phase=ContainerPhase.RUNNING, started_at=w.ago(started)
    )
    snapshot = s.with_pod(s.healthy(), s.HEAD, ready_since=w.ago(head_ready))
    return w.held_up(waits, pod=s.WORKER, created=started, within=snapshot)


def test_worker_that_waits_for_a_head_that_is_not_up_is_no_doom_of_its_own() -> None:
    no_head = s.with_pod(worker_in_init(900, 900), s.HEAD, ready=False)

    assert w.reasons(no_head) == []


def test_doom_of_the_head_is_named_where_its_workers_wait_for_it() -> None:
    crashed = w.crashed(name="ray-head", restarts=3)
    snapshot = w.held_up(crashed, pod=s.HEAD, created=900, within=worker_in_init(900, 900))

    assert [str(doom.subject) for doom in w.doomed(snapshot)] == [f"pod/{s.HEAD}"]


def test_worker_that_does_not_find_a_ready_head_is_doomed_in_the_end() -> None:
    assert w.reasons(worker_in_init(900, 179)) == []
    assert "does not reach the head" in w.reasons(worker_in_init(900, 180))[0]


def test_doomed_pod_is_not_settling() -> None:
    snapshot = w.held_up(w.waiting("ErrImagePull", NOT_FOUND), created=5)

    assert not any(each.settling for each in pending(snapshot))


def test_pod_that_this_apply_made_has_known_nothing_else() -> None:
    """Its pull failed between its making and the end of the apply."""
    snapshot = w.held_up(w.waiting("ImagePullBackOff", NOT_FOUND), created=12)
    snapshot = w.with_events(snapshot, w.event("Failed", "Failed to pull image", last=11))

    assert w.reasons(snapshot, begun=w.ago(10), applied=w.ago(11)) == []
    assert w.reasons(snapshot, begun=w.ago(10), applied=w.ago(13))
