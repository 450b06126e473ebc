"""The verdict after an apply that left stale pods as they are."""

from dataclasses import replace

from seedcore_deploy.judge.left_pods import still_there, with_left
from seedcore_deploy.judge.stale import stale_clients, stale_ray_pods
from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import NotSeen
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.stale import LeftPod, StalePod
from seedcore_deploy.model.verdict import ExitCode, Outcome
from tests.support import snapshots as s
from tests.support.snapshots import HEAD, WORKER

COMMAND = "seedcore-deploy apply seedcore-dev"
WHY = "the Ray cluster runs job nightly (RUNNING)"
MEND = "apply again when that is over"


def busy() -> tuple[Snapshot, tuple[LeftPod, ...]]:
    snapshot = s.with_key(s.without_manifests(s.healthy()), "seedcore-env", RAY_SERVE_URL="new")
    for name in (s.API, s.SERVE):
        snapshot = s.with_environment(snapshot, name, RAY_SERVE_URL="new")
    left = tuple(LeftPod(each, WHY, MEND, "--restart-head") for each in stale_ray_pods(snapshot))
    return snapshot, left


def test_the_findings_say_why_their_pods_were_left_and_how_to_go_on() -> None:
    snapshot, left = busy()

    verdict = with_left(judge(snapshot), left, COMMAND)

    found = {each.subject.name: each for each in verdict.findings if each.rule == "SC303"}
    assert set(found) == {HEAD, WORKER}
    assert all(each.because.endswith(f"it was left as it is: {WHY}") for each in found.values())
    assert found[HEAD].fix.commands == (f"{COMMAND} --restart-head",)
    assert len(verdict.findings) == len(judge(snapshot).findings)


def test_a_pod_that_was_left_is_never_proven() -> None:
    """... whatever the rules see of it."""
    pod = s.pod_of(s.healthy(), HEAD)
    left = LeftPod(StalePod(pod, Subject("Pod", HEAD), settings=("x",)), WHY, MEND)
    proven = judge(s.healthy())
    assert proven.outcome is Outcome.PROVEN

    verdict = with_left(proven, (left,), COMMAND)

    assert verdict.exit_code is ExitCode.FINDINGS
    (finding,) = verdict.findings
    assert finding.subject.name == HEAD
    assert finding.fix.commands == (COMMAND,)


def test_nothing_left_changes_nothing() -> None:
    verdict = judge(s.healthy())

    assert with_left(verdict, (), COMMAND) == verdict


def test_a_pod_whose_name_begins_with_anothers_is_another() -> None:
    snapshot, (left, _) = busy()
    longer = replace(left.stale.pod, name=f"{HEAD}-2")
    other = replace(left, stale=replace(left.stale, pod=longer))

    verdict = with_left(judge(snapshot), (other,), COMMAND)

    assert [each.subject.name for each in verdict.findings][-1] == f"{HEAD}-2"


def test_two_replicas_of_one_finding_are_told_once() -> None:
    snapshot = s.with_key(s.healthy(), "seedcore-client-env", RAY_SERVE_ADDRESS="http://new:8000")
    left = tuple(LeftPod(each, WHY, MEND) for each in stale_clients(snapshot))

    verdict = with_left(judge(snapshot), (*left, *left), COMMAND)

    stale = [each for each in verdict.findings if each.rule == "SC303"]
    assert all(each.because.count(WHY) == 1 for each in stale)


def test_a_pod_that_was_replaced_or_started_since_was_not_left() -> None:
    snapshot, left = busy()
    started = s.with_pod(snapshot, WORKER, started_at=s.NOW)

    assert still_there(left, snapshot) == left
    assert still_there(left, started) == left[:1]
    assert still_there(left, s.with_pod(started, HEAD, uid="new")) == ()
    assert still_there(left, s.with_pod(started, HEAD, terminating=True)) == ()


def test_where_no_pods_were_seen_what_was_left_counts_as_there() -> None:
    snapshot, left = busy()

    assert still_there(left, replace(snapshot, pods=NotSeen("forbidden"))) == left
