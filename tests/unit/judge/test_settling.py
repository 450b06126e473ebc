"""What may come right by itself, and what waits in vain."""

from typing import Any

import pytest

from seedcore_deploy.judge.readiness import pending
from seedcore_deploy.judge.settling import rollout_stuck, rollout_unsettled
from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.disclosure import Discloser
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
