"""Clients known only because they read the client settings may well be done with Ray for now."""

from dataclasses import replace
from typing import Any

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.finding import Severity
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import EnvEntry, Snapshot
from seedcore_deploy.model.verdict import Outcome
from tests.support import snapshots as s

READER = "submit-1"
BARE = "seedcore-head-svc.seedcore-dev.svc.cluster.local:8265"


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


def submitter(dashboard: str, *more: EnvEntry) -> Snapshot:
    """A pod with the settings of a client, and the entries that KubeRay gives a submitter."""
    template = s.client_template("batch")
    entries = (s.literal("RAY_DASHBOARD_ADDRESS", dashboard), *more)
    snapshot = unconnected_reader(template=s.with_container(template, env=entries))
    return s.with_environment(snapshot, READER, RAY_DASHBOARD_ADDRESS=dashboard)


def test_submitter_of_a_rayjob_has_an_address_without_a_scheme_and_no_connection() -> None:
    verdict = judge(submitter(BARE, s.literal("RAY_JOB_SUBMISSION_ID", "report-x")))

    assert verdict.findings == ()
    assert verdict.outcome is Outcome.PROVEN


def test_submitter_with_the_address_of_another_head_is_a_finding() -> None:
    other = BARE.replace("seedcore-head", "other-head")

    verdict = judge(submitter(other, s.literal("RAY_JOB_SUBMISSION_ID", "report-x")))

    assert [finding.rule for finding in verdict.findings] == ["SC203"]


def test_reader_that_submits_nothing_needs_a_scheme() -> None:
    assert "SC102" in [finding.rule for finding in judge(submitter(BARE)).findings]


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
