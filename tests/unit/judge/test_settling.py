"""What may come right by itself, and what waits in vain."""

from dataclasses import replace
from typing import Any

import pytest

from seedcore_deploy.judge.readiness import pending
from seedcore_deploy.judge.settling import rollout_stuck, rollout_unsettled
from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.disclosure import Discloser
from seedcore_deploy.model.look import NotSeen
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.verdict import Outcome
from seedcore_deploy.observe import objects
from tests.support import snapshots as s

FAILED = {
    "type": "Progressing",
    "status": "False",
    "reason": "ProgressDeadlineExceeded",
    "message": "ReplicaSet has timed out progressing",
}


def document(*conditions: dict[str, str], observed: int = 2, **spec: Any) -> dict[str, Any]:
    """A Deployment, as the API server gives it, whose second revision has no pod yet."""
    return {
        "kind": "Deployment",
        "metadata": {"name": "seedcore-api", "generation": 2},
        "spec": {"replicas": 1, "template": {"spec": {"containers": []}}, **spec},
        "status": {
            "observedGeneration": observed,
            "replicas": 1,
            "updatedReplicas": 0,
            "availableReplicas": 1,
            "conditions": list(conditions),
        },
    }


def test_rollout_that_goes_on_is_unsettled_and_not_stuck() -> None:
    facts = objects.workload(document(), Discloser(b"salt"))

    assert rollout_unsettled(facts)
    assert not rollout_stuck(facts)


@pytest.mark.parametrize(
    ("given", "word"),
    [(document(FAILED), "ProgressDeadlineExceeded"), (document(paused=True), "paused")],
    ids=["failed", "paused"],
)
def test_rollout_that_failed_or_is_paused_is_stuck(given: dict[str, Any], word: str) -> None:
    facts = objects.workload(given, Discloser(b"salt"))

    assert not rollout_unsettled(facts)
    assert word in rollout_stuck(facts)


def test_refusal_of_pods_is_read_with_its_time() -> None:
    since = "2026-03-01T11:00:00Z"
    condition = {"type": "ReplicaFailure", "status": "True", "lastTransitionTime": since}
    given = document({**condition, "message": "exceeded quota"}, paused=True)

    facts = objects.workload(given, Discloser(b"salt"))

    assert (facts.refused, facts.refused_since) == ("exceeded quota", since)
    assert facts.paused


def test_failure_of_a_former_revision_says_nothing_of_the_newest() -> None:
    facts = objects.workload(document(FAILED, observed=1), Discloser(b"salt"))

    assert rollout_unsettled(facts)
    assert not rollout_stuck(facts)


def test_deployment_that_is_paused_with_its_rollout_over_is_proven() -> None:
    snapshot = s.with_workload(s.healthy(), "seedcore-api", stuck="it is paused")

    assert pending(snapshot) == ()
    assert judge(snapshot).outcome is Outcome.PROVEN


def test_stuck_rollout_is_a_gap_that_no_waiting_closes() -> None:
    snapshot = s.with_workload(s.healthy(), "seedcore-api", updated=0, stuck="it is paused")

    verdict = judge(snapshot)

    assert verdict.outcome is Outcome.INCONCLUSIVE
    (gap,) = verdict.gaps
    assert "paused" in gap.why
    assert not gap.settling


def test_failed_proof_under_a_stuck_rollout_is_a_finding() -> None:
    snapshot = s.with_workload(s.healthy(), "seedcore-api", updated=0, stuck="it is paused")

    verdict = judge(s.with_pod(snapshot, s.API, probe=s.failed("refused")))

    assert [finding.rule for finding in verdict.findings] == ["SC401"]
    assert verdict.outcome is Outcome.FINDINGS


def crash_looping_worker(**state: str) -> Snapshot:
    """A worker that outlived several heads: the present one is ready for two minutes."""
    snapshot = s.with_pod(s.healthy(), s.HEAD, ready_since="2026-03-01T11:58:00Z")
    return s.with_pod(
        snapshot,
        s.WORKER,
        ready=False,
        ready_since="2026-03-01T11:50:00Z",
        why_not_ready="container ray-worker: CrashLoopBackOff",
        restarts=5,
        **state,
    )


@pytest.mark.parametrize(
    "state",
    [
        {"started_at": "", "tried_at": "2026-03-01T11:57:30Z"},
        {"started_at": "2026-03-01T11:59:40Z", "tried_at": "2026-03-01T11:57:30Z"},
    ],
    ids=["backing off", "just started"],
)
def test_worker_that_no_run_failed_since_the_head_is_ready_is_settling(
    state: dict[str, str],
) -> None:
    verdict = judge(crash_looping_worker(**state))

    assert verdict.outcome is Outcome.SETTLING, verdict.findings
    assert verdict.findings == ()


@pytest.mark.parametrize(
    ("state", "ready_since"),
    [
        ({"started_at": "", "tried_at": "2026-03-01T11:59:50Z"}, "2026-03-01T11:58:00Z"),
        ({"started_at": "", "tried_at": "2026-03-01T11:50:00Z"}, "2026-03-01T11:54:00Z"),
    ],
    ids=["tried since", "longer than any back-off"],
)
def test_worker_that_crashes_beside_a_ready_head_is_a_finding(
    state: dict[str, str], ready_since: str
) -> None:
    snapshot = s.with_pod(crash_looping_worker(**state), s.HEAD, ready_since=ready_since)

    assert [finding.rule for finding in judge(snapshot).findings] == ["SC302"]


def failing_rollout(created: str) -> Snapshot:
    """The pod of the newest revision crashes, and that of before is still there."""
    newest = replace(
        s.client_pod("seedcore-api-new", "api", "10.244.0.80"),
        created_at=created,
        ready=False,
        ready_since=created,
        started_at="",
        why_not_ready="container api: CrashLoopBackOff",
        probe=None,
        process=NotSeen("the container does not run"),
    )
    broken = s.with_added_pod(s.healthy(), newest)
    return s.with_workload(broken, "seedcore-api", updated=1, current=2, available=1)


def test_rollout_whose_newest_pod_lasts_in_its_crash_is_a_finding_and_not_waited_for() -> None:
    snapshot = failing_rollout(s.LONG_AGO)

    assert [finding.rule for finding in judge(snapshot).findings] == ["SC302"]
    assert not any(each.settling for each in pending(snapshot))


def test_rollout_whose_newest_pod_is_young_is_waited_for() -> None:
    snapshot = failing_rollout(s.A_MOMENT_AGO)

    assert judge(snapshot).outcome is Outcome.SETTLING
    assert all(each.settling for each in pending(snapshot))


def test_rollout_whose_revision_has_no_pod_yet_is_waited_for() -> None:
    snapshot = s.with_workload(failing_rollout(s.LONG_AGO), "seedcore-api", updated=0)

    assert any(each.settling for each in pending(snapshot))
