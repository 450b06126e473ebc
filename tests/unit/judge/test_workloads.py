"""Pods that are missing or do not come up: what is said, and what mends it."""

from __future__ import annotations

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.finding import Finding
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.verdict import Outcome
from tests.support import snapshots as s
from tests.support.faults.objects import head_not_ready, not_ready
from tests.support.faults.settings import wrong_host
from tests.support.snapshots import API
from tests.support.waiting import ago, crashed, held_up, waiting


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
