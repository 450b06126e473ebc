"""What silence at the addresses of dashboard and Serve means, and what it does not."""

from dataclasses import replace

import pytest

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.address_answer import AddressAnswer, AnswerEnd
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Severity
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.verdict import Mark, Outcome
from seedcore_deploy.sources.stored_snapshots import dump, load
from tests.support import snapshots as s
from tests.support.faults.connections import dashboard_over_tls
from tests.support.faults.objects import second_cluster
from tests.support.faults.settings import dashboard_port

SILENT = AddressAnswer("http://seedcore-head-svc:8265/api/version", AnswerEnd.SILENT, "silence")
NO_SERVE = AddressAnswer("http://seedcore-head-svc:8000/-/healthz", AnswerEnd.REFUSED, "refused")


def no_dashboard(snapshot: Snapshot, *, at_head: AddressAnswer | None = SILENT) -> Snapshot:
    broken = s.with_dashboard(snapshot, SILENT, s.API, s.SERVE)
    return s.with_dashboard(broken, at_head, s.HEAD)


def no_serve(snapshot: Snapshot, *, serves: bool | None) -> Snapshot:
    return s.with_serve(snapshot, replace(NO_SERVE, serves=serves), s.API, s.SERVE)


def found(snapshot: Snapshot) -> list[tuple[str, str]]:
    return [(each.rule, str(each.subject)) for each in judge(snapshot).findings]


def test_snapshot_from_before_the_question_is_judged_as_before() -> None:
    former = s.with_serve(s.healthy(), None, s.API, s.SERVE)
    former = s.with_dashboard(former, None, s.HEAD, s.API, s.SERVE)

    assert judge(former).outcome is Outcome.PROVEN


def test_stored_answers_come_back() -> None:
    broken = no_serve(no_dashboard(s.healthy()), serves=True)

    assert load(dump(broken)) == broken


def test_stored_snapshot_without_answers_still_loads() -> None:
    text = dump(s.with_dashboard(s.healthy(), None, s.API))
    older = text.replace('"dashboard": null,', "", 1)

    assert load(older) == load(text)


def test_dead_dashboard_is_mended_by_another_head() -> None:
    (finding,) = judge(no_dashboard(s.healthy())).findings

    assert "dead or hangs" in finding.because
    assert any("delete" in command and s.HEAD in command for command in finding.fix.commands)


def test_address_that_is_right_is_not_marked_as_wrong() -> None:
    silent = judge(no_dashboard(s.healthy())).pods
    over_tls = judge(dashboard_over_tls()).pods

    assert {pod.environment for pod in silent} == {Mark.OK}
    assert [pod.environment for pod in over_tls if pod.role is Role.CLIENT] == [Mark.WRONG] * 2


def test_dashboard_that_answers_on_the_head_itself_is_kept_away_by_something_between() -> None:
    (finding,) = judge(no_dashboard(s.healthy(), at_head=s.DASHBOARD)).findings

    assert "something between" in finding.because
    assert "NetworkPolic" in finding.fix.text
    assert finding.fix.commands == ()


def test_dashboard_that_wants_a_token_is_there() -> None:
    token = replace(SILENT, ended=AnswerEnd.NEEDS_TOKEN)

    verdict = judge(s.with_dashboard(s.healthy(), token, s.API, s.SERVE))

    assert verdict.outcome is Outcome.PROVEN
    assert verdict.findings == ()


@pytest.mark.parametrize("ended", [AnswerEnd.UNKNOWN, AnswerEnd.UNTRUSTED])
def test_what_cannot_be_told_is_neither_found_nor_proven(ended: AnswerEnd) -> None:
    verdict = judge(s.with_dashboard(s.healthy(), replace(SILENT, ended=ended), s.API))

    assert verdict.findings == ()
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "whose dashboard it is could not be told" in verdict.gaps[0].why


def test_silence_of_a_young_head_or_client_is_settling() -> None:
    of_head = s.with_pod(no_dashboard(s.healthy()), s.HEAD, started_at=s.A_MOMENT_AGO)
    of_client = s.with_dashboard(s.healthy(), SILENT, s.API)
    of_client = s.with_pod(of_client, s.API, started_at=s.A_MOMENT_AGO)

    for snapshot in (of_head, of_client):
        verdict = judge(snapshot)
        assert verdict.findings == ()
        assert verdict.outcome is Outcome.SETTLING


def test_serve_is_awaited_while_any_client_is_young() -> None:
    """The young one may be what deploys it."""
    broken = s.with_pod(no_serve(s.healthy(), serves=True), s.SERVE, started_at=s.A_MOMENT_AGO)

    verdict = judge(broken)

    assert verdict.findings == ()
    assert verdict.outcome is Outcome.SETTLING


def test_where_nothing_is_served_silence_is_a_hint_once_all_is_settled() -> None:
    broken = no_serve(s.healthy(), serves=False)

    (hint,) = judge(broken).findings
    young = judge(s.with_pod(broken, s.SERVE, started_at=s.A_MOMENT_AGO))

    assert hint.severity is Severity.HINT
    assert judge(broken).outcome is Outcome.PROVEN
    assert young.findings == ()


def test_where_nobody_knows_whether_serve_runs_its_silence_is_a_gap() -> None:
    verdict = judge(no_serve(s.healthy(), serves=None))

    assert verdict.findings == ()
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "whether Serve should answer could not be told" in verdict.gaps[0].why


def test_dead_dashboard_is_why_nobody_knows_of_serve() -> None:
    verdict = judge(no_serve(no_dashboard(s.healthy()), serves=None))

    assert [each.rule for each in verdict.findings] == ["SC409"]
    assert verdict.gaps == ()


def test_dashboard_of_another_cluster_knows_nothing_of_this_serve() -> None:
    other = replace(s.DASHBOARD, session="session_other")
    broken = s.with_dashboard(s.healthy(), other, s.API, s.SERVE)

    assert [rule for rule, _ in found(no_serve(broken, serves=True))] == ["SC409"]


def test_serve_pod_that_is_unready_for_silence_is_a_consequence() -> None:
    broken = no_serve(s.healthy(), serves=True)
    broken = s.with_pod(broken, s.SERVE, ready=False, why_not_ready="its readiness")
    broken = s.with_workload(broken, "seedcore-serve", available=0)

    (finding,) = judge(broken).findings

    assert finding.rule == "SC410"
    assert "restart deployment/seedcore-serve" in finding.fix.text
    assert finding.consequences


def test_nothing_served_stands_under_the_finding_on_what_should_deploy_it() -> None:
    broken = no_serve(s.healthy(), serves=False)
    broken = s.with_pod(broken, s.SERVE, ready=False, why_not_ready="its readiness")
    broken = s.with_workload(broken, "seedcore-serve", available=0)

    (finding,) = judge(broken).findings

    assert finding.rule == "SC302"
    assert any("nothing is served" in each for each in finding.consequences)


def test_serve_that_answers_on_the_head_itself_is_kept_away_by_something_between() -> None:
    broken = s.with_serve(no_serve(s.healthy(), serves=True), s.SERVES, s.HEAD)

    (finding,) = judge(broken).findings

    assert "something between" in finding.because
    assert finding.fix.commands == ()


def test_serve_for_the_pod_alone_is_no_matter_of_a_restart() -> None:
    told = replace(NO_SERVE, serves=True, reported="it listens on 127.0.0.1:8000")

    (finding,) = judge(s.with_serve(s.healthy(), told, s.API)).findings

    assert "0.0.0.0" in finding.fix.text
    assert finding.fix.commands == ()


def test_wrong_port_explains_the_silence_there() -> None:
    broken = s.with_dashboard(dashboard_port(), SILENT, s.API, s.SERVE)

    assert [rule for rule, _ in found(broken)] == ["SC102"]


def test_head_that_is_unready_for_its_dashboard_is_a_consequence() -> None:
    """Readiness probes of older KubeRay releases ask the dashboard."""
    broken = s.with_pod(
        no_dashboard(s.healthy()), s.HEAD, ready=False, why_not_ready="its readiness probe"
    )

    assert [rule for rule, _ in found(broken)] == ["SC409"]


def test_another_cluster_behind_the_service_is_the_deeper_cause() -> None:
    other = replace(s.DASHBOARD, session="session_other")
    broken = s.with_dashboard(second_cluster(), other, s.API, s.SERVE)

    assert [rule for rule, _ in found(no_serve(broken, serves=None))] == ["SC402"]


def test_without_a_proof_of_the_head_no_session_is_another() -> None:
    other = replace(s.DASHBOARD, session="session_other")
    broken = s.with_pod(s.healthy(), s.HEAD, probe=None)

    verdict = judge(s.with_dashboard(broken, other, s.API))

    assert verdict.findings == ()
    assert verdict.outcome is Outcome.INCONCLUSIVE
