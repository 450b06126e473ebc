"""Every rule finds its fault, alone; without the rule its case turns red."""

from collections import Counter

import pytest

from seedcore_deploy.judge.registry import RULES
from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.finding import Severity
from seedcore_deploy.model.verdict import Outcome
from tests.support.faults.catalogue import FAULTS, Fault
from tests.support.snapshots import healthy

by_name = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)


def found(fault: Fault, *, without: str = "") -> list[tuple[str, str]]:
    verdict = judge(fault.make(), tuple(rule for rule in RULES if rule.id != without))
    return [(finding.rule, str(finding.subject)) for finding in verdict.findings]


@by_name
def test_fault_gives_just_its_finding(fault: Fault) -> None:
    assert found(fault) == [(fault.rule, fault.subject)]


@by_name
def test_outcome_is_findings_but_for_hints(fault: Fault) -> None:
    verdict = judge(fault.make())

    (finding,) = verdict.findings
    assert finding.severity is (Severity.HINT if fault.hint else Severity.ERROR)
    assert verdict.outcome is (Outcome.PROVEN if fault.hint else Outcome.FINDINGS)
    assert verdict.exit_code == (0 if fault.hint else 1)


@by_name
def test_finding_says_what_was_expected_why_and_how_to_mend_it(fault: Fault) -> None:
    (finding,) = judge(fault.make()).findings

    for text in (finding.summary, finding.expected, finding.actual, finding.because):
        assert text
    assert finding.fix.text


@by_name
def test_without_its_rule_the_case_turns_red(fault: Fault) -> None:
    assert found(fault, without=fault.rule) != [(fault.rule, fault.subject)]


NEEDED_FOR_PROOF = ("SC301", "SC302", "SC303", "SC304", "SC401", "SC403", "SC404", "SC409")


@pytest.mark.parametrize(
    "fault",
    [fault for fault in FAULTS if fault.rule in NEEDED_FOR_PROOF],
    ids=lambda fault: fault.name,
)
def test_what_no_rule_speaks_of_is_a_gap_and_never_proven(fault: Fault) -> None:
    verdict = judge(fault.make(), rules=())

    assert verdict.findings == ()
    assert verdict.outcome is not Outcome.PROVEN


def test_every_rule_has_a_case() -> None:
    covered = Counter(fault.rule for fault in FAULTS)

    assert {rule.id for rule in RULES} == set(covered)


def test_ids_are_unique_and_ordered_by_depth() -> None:
    ids = [rule.id for rule in RULES]

    assert len(ids) == len(set(ids))


def test_healthy_snapshot_has_no_finding() -> None:
    assert judge(healthy()).findings == ()
