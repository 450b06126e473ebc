"""What each fault looked like on the real cluster, judged again in milliseconds."""

from __future__ import annotations

import functools
import json
from typing import Any

import pytest

from seedcore_deploy.judge.registry import RULES
from seedcore_deploy.judge.rule import Rule
from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.report.json import render
from seedcore_deploy.sources.stored_snapshots import load
from tests.e2e.faults.declaration import Fault, Miss, misjudgement
from tests.e2e.faults.matrix import FAULTS
from tests.e2e.faults.scorecard import PAGE, RECORDINGS, kept

RECORDED = [fault for fault in FAULTS if (RECORDINGS / f"{fault.slug}.json").exists()]
SPEAKING = {rule for fault in RECORDED for rule in (one.rule for one in fault.findings)}


@functools.cache
def looked_like(fault: Fault) -> Snapshot:
    return load((RECORDINGS / f"{fault.slug}.json").read_text())


def said_of(fault: Fault, rules: tuple[Rule, ...] = RULES) -> dict[str, Any]:
    snapshot = looked_like(fault)
    said: dict[str, Any] = json.loads(render(judge(snapshot, rules), snapshot))
    return said


def miss_of(fault: Fault, rules: tuple[Rule, ...] = RULES) -> Miss | None:
    said = said_of(fault, rules)
    return misjudgement(fault, said["exit_code"], said)


@pytest.mark.parametrize("fault", RECORDED, ids=lambda fault: fault.slug)
def test_recorded_fault_is_judged_as_declared(fault: Fault) -> None:
    assert miss_of(fault) is None, json.dumps(said_of(fault), indent=1)


@pytest.mark.parametrize("rule", sorted(SPEAKING))
def test_without_its_rule_a_recorded_fault_is_misjudged(rule: str) -> None:
    others = tuple(each for each in RULES if each.id != rule)
    spoken_of = [f for f in RECORDED if any(one.rule == rule for one in f.findings)]

    assert all(miss_of(fault, others) is not None for fault in spoken_of)


def test_each_declared_fault_and_no_other_is_recorded() -> None:
    assert {path.stem for path in RECORDINGS.glob("*.json")} == {fault.slug for fault in FAULTS}


def test_each_rule_was_seen_to_speak_on_the_cluster() -> None:
    assert {rule.id for rule in RULES} == SPEAKING


def test_each_fault_was_played_and_none_was_misjudged_last() -> None:
    results = kept(FAULTS).results

    assert results.keys() == {fault.slug for fault in FAULTS}
    assert not [each.fault.name for each in results.values() if each.miss is not None]


def test_the_page_is_that_of_the_results_that_are_kept() -> None:
    assert "\n".join(kept(FAULTS).lines()) in PAGE.read_text()


def test_faults_have_names_of_their_own() -> None:
    assert len({fault.slug for fault in FAULTS}) == len(FAULTS)


def test_at_least_forty_faults_and_fifteen_healthy_variants_are_declared() -> None:
    healthy = [fault for fault in FAULTS if fault.family == "healthy"]

    assert len(FAULTS) - len(healthy) >= 40
    assert len(healthy) >= 15


def test_few_faults_may_end_in_could_not_look() -> None:
    unread = [fault for fault in FAULTS if fault.unread and fault.family != "API server"]

    assert len(unread) <= 3


def test_ci_plays_a_fault_of_each_family_of_rules() -> None:
    played = {one.rule[:3] for fault in FAULTS if fault.ci for one in fault.findings}

    assert played == {rule.id[:3] for rule in RULES}
