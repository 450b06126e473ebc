"""Nothing was run inside the pods: what layers 1 and 2 tell is judged, and nothing is proven."""

from dataclasses import replace

import pytest

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import NOT_LOOKED_AT, Snapshot
from seedcore_deploy.model.verdict import Mark, Outcome
from tests.support import snapshots as s
from tests.support.faults.catalogue import FAULTS, Fault


def without_exec(snapshot: Snapshot) -> Snapshot:
    assert isinstance(snapshot.pods, Seen)
    pods = tuple(replace(pod, process=NOT_LOOKED_AT, probe=None) for pod in snapshot.pods.value)
    return replace(snapshot, pods=Seen(pods), looks_inside=False)


def test_healthy_deployment_is_not_proven_and_says_once_what_is_open() -> None:
    verdict = judge(without_exec(s.healthy()))

    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.findings == ()
    assert len(verdict.gaps) == 3
    for word in ("started with", "proof of connection", "own connections"):
        assert any(word in gap.why for gap in verdict.gaps)


def test_no_pod_is_marked_as_proven() -> None:
    lines = judge(without_exec(s.healthy())).pods

    assert {line.environment for line in lines} == {Mark.UNKNOWN}
    assert {line.proof for line in lines} == {Mark.UNKNOWN}
    assert {line.application for line in lines if line.role is Role.CLIENT} == {Mark.UNKNOWN}


@pytest.mark.parametrize("rule", ["SC104", "SC105", "SC106", "SC201", "SC202", "SC203", "SC301"])
def test_what_needs_no_exec_is_found_all_the_same(rule: str) -> None:
    faults = [fault for fault in FAULTS if fault.rule == rule]

    for fault in faults:
        found = judge(without_exec(fault.make())).findings
        assert [(each.rule, str(each.subject)) for each in found] == [(rule, fault.subject)]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_no_fault_is_proven_away(fault: Fault) -> None:
    assert judge(without_exec(fault.make())).outcome in {Outcome.FINDINGS, Outcome.INCONCLUSIVE}
