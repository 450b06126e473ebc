"""Clients known only because they read the client settings may well be done with Ray for now."""

from dataclasses import replace
from typing import Any

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.finding import Severity
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.verdict import Outcome
from tests.support import snapshots as s

READER = "submit-1"


def unconnected_reader(**changes: Any) -> Snapshot:
    """A pod that waits for `ray job submit`, say: no selector picks it, and it has no session."""
    pod = replace(s.client_pod(READER, "batch", "10.244.0.70"), **changes)
    snapshot = s.with_added_pod(s.healthy(), pod)
    return s.with_process(snapshot, READER, lambda facts: replace(facts, connections=Seen(())))


def test_unconnected_reader_whose_probe_passes_is_a_hint_and_proven() -> None:
    verdict = judge(unconnected_reader())

    (finding,) = verdict.findings
    assert (finding.rule, finding.severity) == ("SC404", Severity.HINT)
    assert str(finding.subject) == f"pod/{READER}"
    assert verdict.outcome is Outcome.PROVEN


def test_unconnected_reader_without_a_proof_is_not_proven() -> None:
    for probe in (None, NotSeen("exec is forbidden", "")):
        assert judge(unconnected_reader(probe=probe)).outcome is not Outcome.PROVEN


def test_unconnected_reader_whose_probe_fails_is_a_finding() -> None:
    verdict = judge(unconnected_reader(probe=s.failed("refused")))

    assert verdict.outcome is Outcome.FINDINGS


def test_reader_whose_connections_were_not_seen_is_not_proven() -> None:
    snapshot = s.with_process(
        unconnected_reader(),
        READER,
        lambda facts: replace(facts, connections=NotSeen("no /proc/net/tcp")),
    )

    assert judge(snapshot).outcome is Outcome.INCONCLUSIVE


def test_unconnected_reader_that_is_not_ready_is_a_finding() -> None:
    verdict = judge(unconnected_reader(ready=False, why_not_ready="its readiness has not passed"))

    assert verdict.outcome is Outcome.FINDINGS


def test_unconnected_client_of_the_contract_is_still_a_finding() -> None:
    snapshot = s.with_process(
        s.healthy(), s.API, lambda facts: replace(facts, connections=Seen(()))
    )

    (finding,) = judge(snapshot).findings

    assert (finding.rule, finding.severity) == ("SC404", Severity.ERROR)
