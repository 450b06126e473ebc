"""The application's own connection: counted on the head where that was seen."""

from dataclasses import replace

import pytest

from seedcore_deploy.judge.application import lost_clients
from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import PodFacts, Snapshot
from seedcore_deploy.model.verdict import Outcome
from tests.support import snapshots as s
from tests.support.snapshots import API, HEAD, SERVE, healthy

CHANGED, LONG_AGO = "2026-03-01T11:50:00Z", "2026-03-01T11:00:00Z"


def counted(
    snapshot: Snapshot, *, connections: int, sessions: int, after: int | None = None
) -> Snapshot:
    """The head has this many client connections; a probe found this many sessions with its own.

    `after` is how many connections it had once the probes were done; None: as many as before.
    """
    before = {"10001": connections, "8265": 9}
    later = {"10001": connections if after is None else after, "8265": 4}
    snapshot = s.with_process(
        snapshot, HEAD, lambda facts: replace(facts, inbound=before, inbound_after=later)
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


def with_sessions(snapshot: Snapshot, name: str, sessions: int) -> Snapshot:
    pod: PodFacts = s.pod_of(snapshot, name)
    assert isinstance(pod.probe, Seen)
    return s.with_pod(snapshot, name, probe=Seen(replace(pod.probe.value, sessions=sessions)))


def test_a_foreign_session_during_one_probe_does_not_prove_a_process_older_than_the_head() -> None:
    snapshot = counted(after_a_change_of_head(), connections=2, sessions=2)

    snapshot = with_sessions(snapshot, SERVE, 3)

    assert judge(snapshot).outcome is Outcome.SETTLING


def test_a_client_that_came_during_the_probes_does_not_prove_a_process_older_than_the_head() -> (
    None
):
    snapshot = counted(after_a_change_of_head(), connections=2, sessions=3, after=3)

    assert judge(snapshot).outcome is Outcome.SETTLING


@pytest.mark.parametrize(
    "snapshot",
    [
        counted(healthy(), connections=3, sessions=3, after=2),
        with_sessions(counted(healthy(), connections=2, sessions=3), SERVE, 2),
    ],
)
def test_a_client_that_left_between_does_no_harm_where_the_head_never_changed(
    snapshot: Snapshot,
) -> None:
    assert judge(snapshot).outcome is Outcome.PROVEN


def test_more_sessions_than_connections_do_not_prove_a_process_older_than_the_head() -> None:
    snapshot = counted(after_a_change_of_head(), connections=2, sessions=4)

    assert judge(snapshot).outcome is Outcome.SETTLING


def test_more_sessions_than_connections_do_no_harm_where_the_head_never_changed() -> None:
    assert judge(counted(healthy(), connections=2, sessions=4)).outcome is Outcome.PROVEN


def test_connections_that_were_counted_once_only_are_not_compared() -> None:
    snapshot = s.with_process(
        counted(after_a_change_of_head(), connections=2, sessions=3),
        HEAD,
        lambda facts: replace(facts, inbound_after={}),
    )

    assert judge(snapshot).outcome is Outcome.INCONCLUSIVE


def lost(head_started: str = CHANGED) -> Snapshot:
    """The API became unready with the former head, and has stayed so."""
    snapshot = s.with_pod(healthy(), HEAD, created_at=head_started, started_at=head_started)
    return s.with_pod(snapshot, API, ready=False, ready_since=head_started)


def test_a_client_that_does_not_come_back_to_a_new_head_is_lost() -> None:
    assert lost_clients(lost()) == (Subject("Deployment", "seedcore-api"),)


def test_a_client_may_take_its_time_to_find_a_young_head() -> None:
    assert lost_clients(lost(s.A_MOMENT_AGO)) == ()


def test_no_client_is_lost_while_there_is_no_head() -> None:
    assert lost_clients(s.with_pod(lost(), HEAD, ready=False)) == ()
    assert lost_clients(s.without_pods(lost(), HEAD)) == ()


def test_a_client_that_is_ready_or_newer_than_the_head_is_not_lost() -> None:
    assert lost_clients(after_a_change_of_head()) == ()
    assert lost_clients(s.with_pod(lost(), API, started_at=s.NOW)) == ()


def test_a_client_that_was_unready_long_before_the_head_went_is_not_lost_with_it() -> None:
    assert lost_clients(s.with_pod(lost(), API, ready_since=LONG_AGO)) == ()


def test_a_client_whose_rollout_is_under_way_is_not_restarted_into_it() -> None:
    assert lost_clients(s.with_workload(lost(), "seedcore-api", rolled_out=False)) == ()
