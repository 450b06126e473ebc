"""Whether the operator takes the RayCluster up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from seedcore_deploy.judge.operator import OPERATOR_S
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import Snapshot
from tests.support import snapshots as s
from tests.support import waiting as w

SAID = (
    "The RayCluster spec is invalid seedcore-dev/seedcore: RAY_REDIS_ADDRESS is set which "
    "implicitly enables GCS fault tolerance, but GcsFaultToleranceOptions is not set."
)


def unseen_cluster(created: float, **more: Any) -> Snapshot:
    """No status, and no pod of it."""
    snapshot = s.without_pods(s.healthy(), s.HEAD, s.WORKER)
    at = w.ago(created)
    cluster = replace(s.raycluster(), created_at=at, changed_at=at, observed=False, **more)
    return replace(snapshot, rayclusters=Seen((cluster,)))


def refused(changed: float, told: float) -> Snapshot:
    event = w.event("InvalidRayClusterSpec", SAID, "seedcore", "RayCluster", last=told)
    return w.with_events(unseen_cluster(changed), event)


def test_spec_that_the_operator_refuses_is_doomed_at_once() -> None:
    (doom,) = w.doomed(refused(changed=3, told=2))

    assert str(doom.subject) == "raycluster/seedcore"
    assert SAID in doom.reason


def test_refusal_of_a_spec_that_was_changed_since_says_nothing() -> None:
    assert w.reasons(refused(changed=3, told=20)) == []


def test_operator_that_does_nothing_for_long_does_not_run() -> None:
    assert w.reasons(unseen_cluster(OPERATOR_S - 1)) == []

    (doom,) = w.doomed(unseen_cluster(OPERATOR_S))

    assert "operator does not run, or does not look after namespace seedcore-dev" in doom.reason


def test_operator_that_wrote_a_status_runs() -> None:
    observed = s.without_pods(s.healthy(), s.HEAD, s.WORKER)

    assert w.reasons(observed) == []


def test_cluster_that_is_suspended_waits_for_a_person_and_not_for_the_operator() -> None:
    assert w.reasons(unseen_cluster(600, suspended=True)) == []
