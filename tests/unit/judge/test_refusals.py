"""Pods that the API server does not take."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import Snapshot
from tests.support import snapshots as s
from tests.support import waiting as w

QUOTA = (
    'pods "seedcore-api-6c5d-x" is forbidden: exceeded quota: no-pods, requested: pods=1, '
    "used: pods=4, limited: pods=4"
)
SECURITY = (
    'pods "seedcore-api-6c5d-x" is forbidden: violates PodSecurity "restricted:latest": '
    'allowPrivilegeEscalation != false (container "api" must set it)'
)
WEBHOOK = 'admission webhook "policy.example.org" denied the request: no'
SILENT = (
    'Internal error occurred: failed calling webhook "policy.example.org": failed to call webhook: '
    'Post "https://policy.x.svc:443/": dial tcp 10.96.0.7:443: connect: connection refused'
)


def refused(message: str, since: float) -> Snapshot:
    return s.with_workload(
        s.without_pods(s.healthy(), s.API),
        "seedcore-api",
        updated=0,
        available=0,
        current=0,
        refused=message,
        refused_since=w.ago(since),
    )


def refused_head(message: str, since: float) -> Snapshot:
    snapshot = s.without_pods(s.healthy(), s.HEAD)
    cluster = replace(s.raycluster(), refused=message, refused_since=w.ago(since))
    return replace(snapshot, rayclusters=Seen((cluster,)))


@pytest.mark.parametrize("make", [refused, refused_head])
def test_quota_is_named_with_its_mend_once_it_has_had_time_to_count(make) -> None:  # type: ignore[no-untyped-def]
    assert w.reasons(make(QUOTA, 29)) == []

    (doom,) = w.doomed(make(QUOTA, 30))

    assert doom.reason == f"FailedCreate: {QUOTA}"
    assert "resourcequota/no-pods" in doom.mend


def test_quota_is_waited_for_while_pods_are_ending() -> None:
    ending = s.with_pod(refused(QUOTA, 300), s.SERVE, terminating=True, ready=False)

    assert w.reasons(ending) == []


@pytest.mark.parametrize(("said", "mend"), [(SECURITY, "securityContext"), (WEBHOOK, "webhook")])
def test_what_a_rule_denies_is_doomed_after_a_few_tries(said: str, mend: str) -> None:
    assert w.reasons(refused(said, 9)) == []

    (doom,) = w.doomed(refused(said, 10))

    assert said in doom.reason
    assert mend in doom.mend


def test_webhook_that_does_not_answer_may_be_starting() -> None:
    assert w.reasons(refused(SILENT, 119)) == []
    assert w.reasons(refused(SILENT, 120))


def test_refusal_from_before_the_wait_says_nothing_until_the_next_try() -> None:
    """The controller's next try can be a quarter of an hour away; the quota may be gone."""
    old = refused(QUOTA, 600)
    tried = w.event("FailedCreate", QUOTA, "seedcore-api-6c5d", "ReplicaSet", last=2, first=600)

    assert w.reasons(old, begun=w.ago(60)) == []
    assert w.reasons(w.with_events(old, tried), begun=w.ago(60))


def test_refusal_that_a_rollout_no_longer_needs_says_nothing() -> None:
    """An old ReplicaSet's trouble, beside pods of the newest revision that are all there."""
    left_over = s.with_workload(
        s.healthy(), "seedcore-api", refused=QUOTA, refused_since=w.ago(600)
    )

    assert w.reasons(left_over) == []


def test_service_that_kuberay_cannot_make_is_told_by_its_event() -> None:
    snapshot = s.without_pods(s.healthy(), s.HEAD)
    said = f"Failed to create service seedcore-dev/seedcore-head-svc, {QUOTA}"
    told = w.event("FailedToCreateService", said, "seedcore", "RayCluster", last=1, first=40)

    assert w.reasons(w.with_events(snapshot, told)) == [f"FailedCreate: {said}"]


def test_revision_that_is_refused_for_another_reason_than_the_one_before_is_told_with_its_own() -> (
    None
):
    """The Deployment's condition keeps the words of the first refusal."""
    before = w.event("FailedCreate", SECURITY, "seedcore-api-1a", "ReplicaSet", last=60, first=90)
    now = w.event("FailedCreate", WEBHOOK, "seedcore-api-2b", "ReplicaSet", last=1, first=12)

    snapshot = w.with_events(refused(SECURITY, 90), before, now)

    assert w.reasons(snapshot, begun=w.ago(14)) == [f"FailedCreate: {WEBHOOK}"]


def test_old_event_of_a_refusal_that_is_over_says_nothing() -> None:
    over = s.with_workload(s.healthy(), "seedcore-api", updated=0)
    told = w.event("FailedCreate", QUOTA, "seedcore-api-1a", "ReplicaSet", last=60)

    assert w.reasons(w.with_events(over, told)) == []


def test_quota_that_may_have_been_lifted_since_the_last_try_is_waited_for_until_the_next() -> None:
    """The controller's tries are 5 ms, 10 ms, ... 20 s, 41 s after the first."""
    snapshot = refused(QUOTA, 39)
    early = w.event("FailedCreate", QUOTA, "seedcore-api-6c5d", "ReplicaSet", last=19, first=39)
    late = w.event("FailedCreate", QUOTA, "seedcore-api-6c5d", "ReplicaSet", last=1)

    assert w.reasons(w.with_events(snapshot, early)) == []
    assert w.reasons(w.with_events(snapshot, early, late))
