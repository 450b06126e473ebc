"""The application's own connection: counted on the head where that was seen."""

from dataclasses import replace

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import PodFacts, Snapshot
from seedcore_deploy.model.verdict import Outcome
from tests.support import snapshots as s
from tests.support.snapshots import API, HEAD, SERVE, healthy

CHANGED, LONG_AGO = "2026-03-01T11:50:00Z", "2026-03-01T11:00:00Z"


def counted(snapshot: Snapshot, *, connections: int, sessions: int) -> Snapshot:
    """The head has this many client connections; a probe found this many sessions with its own."""
    snapshot = s.with_process(
        snapshot, HEAD, lambda facts: replace(facts, inbound={"10001": connections, "8265": 9})
    )
    for name in (API, SERVE):
        probe = s.pod_of(snapshot, name).probe
        assert isinstance(probe, Seen)
        snapshot = s.with_pod(snapshot, name, probe=Seen(replace(probe.value, sessions=sessions)))
    return snapshot


def after_a_change_of_head() -> Snapshot:
    return s.with_pod(healthy(), HEAD, created_at=CHANGED, started_at=CHANGED)


def application(snapshot: Snapshot, name: str) -> str:
    (line,) = (pod for pod in judge(snapshot).pods if pod.pod == name)
    return str(line.application)


def test_a_session_for_every_connection_proves_processes_older_than_the_head() -> None:
    snapshot = counted(after_a_change_of_head(), connections=2, sessions=3)

    assert judge(snapshot).outcome is Outcome.PROVEN


def test_connection_without_a_session_is_never_proven_though_the_head_never_changed() -> None:
    snapshot = counted(healthy(), connections=2, sessions=2)

    verdict = judge(snapshot)

    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.findings == ()
    assert "1 connection(s) without a session" in verdict.gaps[0].why


def test_connection_without_a_session_is_laid_to_the_pod_that_says_it_is_not_ready() -> None:
    snapshot = counted(after_a_change_of_head(), connections=2, sessions=2)
    snapshot = s.with_pod(snapshot, API, ready=False, ready_since=LONG_AGO)

    verdict = judge(snapshot)

    assert [finding.rule for finding in verdict.findings] == ["SC404"]
    assert application(snapshot, API) == "wrong"
    assert application(snapshot, SERVE) == "ok"


def test_sessions_of_other_clients_are_no_harm() -> None:
    assert judge(counted(healthy(), connections=4, sessions=5)).outcome is Outcome.PROVEN


def test_one_probe_that_saw_fewer_sessions_decides() -> None:
    snapshot = counted(healthy(), connections=2, sessions=3)
    pod: PodFacts = s.pod_of(snapshot, SERVE)
    assert isinstance(pod.probe, Seen)

    snapshot = s.with_pod(snapshot, SERVE, probe=Seen(replace(pod.probe.value, sessions=2)))

    assert judge(snapshot).outcome is Outcome.INCONCLUSIVE
