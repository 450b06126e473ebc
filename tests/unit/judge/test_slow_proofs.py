"""Proofs that did not come to an end: when that is a fault, and when nobody can say."""

from dataclasses import replace

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import ProbeFacts, Snapshot
from seedcore_deploy.model.verdict import Outcome
from tests.support import snapshots as s


def unfinished(snapshot: Snapshot, *pods: str, **facts: object) -> Snapshot:
    """The probes of these pods met their deadline of 45 s."""
    for name in pods:
        address = "auto" if name == s.HEAD else s.CLIENT["RAY_ADDRESS"]
        met = ProbeFacts(False, "connect", address, reason="deadline", seconds=45.0)
        snapshot = s.with_pod(snapshot, name, probe=Seen(replace(met, **facts)))  # type: ignore[arg-type]
    return snapshot


def test_slow_pod_beside_one_that_gets_through_is_no_finding() -> None:
    verdict = judge(unfinished(s.healthy(), s.API))

    assert verdict.outcome is Outcome.INCONCLUSIVE
    (gap,) = verdict.gaps
    assert f"pod/{s.SERVE} reached ray://seedcore-head-svc:10001" in gap.why
    assert "--probe-timeout" in gap.mend


def test_clients_of_a_client_server_that_answers_are_no_finding() -> None:
    verdict = judge(unfinished(s.healthy(), s.API, s.SERVE, pinged=True))

    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert all("answers a bare call" in gap.why for gap in verdict.gaps)


def test_probe_that_got_no_cpu_is_no_finding() -> None:
    verdict = judge(unfinished(s.healthy(), s.HEAD, s.API, s.SERVE, waited=30.0))

    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert any("waited 30 s for a CPU" in gap.why for gap in verdict.gaps)


def test_clients_of_a_client_server_that_is_mute_are_a_finding() -> None:
    verdict = judge(unfinished(s.healthy(), s.API, s.SERVE))

    (finding,) = verdict.findings
    assert (finding.rule, str(finding.subject).split()[0]) == ("SC401", "service/seedcore-head-svc")


def test_head_that_does_not_answer_itself_is_a_finding() -> None:
    verdict = judge(unfinished(s.healthy(), s.HEAD, s.API, s.SERVE, pinged=True))

    assert [str(finding.subject) for finding in verdict.findings] == [f"pod/{s.HEAD}"]


def test_slow_proof_of_a_pod_that_has_just_started_is_settling() -> None:
    snapshot = s.with_pod(s.healthy(), s.API, started_at=s.healthy().taken_at)

    verdict = judge(unfinished(snapshot, s.API))

    assert verdict.outcome is Outcome.SETTLING
