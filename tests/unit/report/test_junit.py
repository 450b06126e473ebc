"""The JUnit report, read back with a JUnit library."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.finding import Severity
from seedcore_deploy.model.verdict import Mark
from seedcore_deploy.report.junit import FAMILIES, render
from tests.support.faults.catalogue import FAULTS, Fault
from tests.support.verdicts import API, FINDING, GAP, HEAD, PROVEN, SNAPSHOT, WRONG


def read(text: str) -> JUnitXml:
    return JUnitXml.fromstring(text.encode())


def cases(report: JUnitXml) -> dict[tuple[str, str], list[object]]:
    return {(case.classname, case.name): list(case.result) for suite in report for case in suite}


def test_proven_verdict_has_a_case_for_each_pod_and_family_and_fails_nothing() -> None:
    report = read(render(PROVEN, SNAPSHOT))

    assert (report.failures, report.errors) == (0, 0)
    assert set(cases(report)) == {
        (pod, family) for pod in ("api.api-1", "head.head-1") for family in FAMILIES.values()
    }


def test_finding_is_a_failure_with_its_mend_and_gap_an_error() -> None:
    found = cases(read(render(WRONG, SNAPSHOT)))

    (failure,) = found["configmap/seedcore-client-env RAY_ADDRESS", "SC203"]
    assert isinstance(failure, Failure)
    assert "kubectl apply -k overlays/dev" in (failure.text or "")
    (error,) = found[str(GAP.subject), "could not look"]
    assert isinstance(error, Error)
    (of_pod,) = found["api.api-1", "connection"]
    assert isinstance(of_pod, Failure)
    assert found["head.head-1", "settings"] == []


def test_counts_are_those_of_the_cases() -> None:
    report = read(render(WRONG, SNAPSHOT))

    found = cases(report)
    assert report.tests == len(found)
    assert report.failures == sum(isinstance(each[0], Failure) for each in found.values() if each)


def test_what_is_not_shown_is_an_error_and_never_a_pass() -> None:
    unknown = replace(API, application=Mark.UNKNOWN)

    found = cases(read(render(replace(PROVEN, pods=(unknown,)), SNAPSHOT)))

    (error,) = found["api.api-1", "connection"]
    assert isinstance(error, Error)


def test_pod_that_serves_no_more_is_skipped() -> None:
    none = Mark.NOT_APPLICABLE
    done = replace(API, environment=none, proof=none, application=none, note="finished")

    report = read(render(replace(PROVEN, pods=(HEAD, done)), SNAPSHOT))

    assert report.skipped == len(FAMILIES)


def test_hint_fails_nothing() -> None:
    hint = replace(FINDING, severity=Severity.HINT)

    assert read(render(replace(PROVEN, findings=(hint,)), SNAPSHOT)).failures == 0


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_fails_and_every_hint_passes(fault: Fault) -> None:
    snapshot = fault.make()

    report = read(render(judge(snapshot), snapshot))

    assert bool(report.failures) is not fault.hint


@settings(deadline=None)
@given(st.text(st.characters(codec=None)))
def test_any_text_gives_well_formed_xml(text: str) -> None:
    odd = replace(FINDING, summary=text, actual=text)

    read(render(replace(WRONG, findings=(odd,)), SNAPSHOT))


@pytest.mark.parametrize("name", ["a\x00b", "\ud800", "]]>", "&lt;"])
def test_odd_names_are_written(name: str) -> None:
    read(render(replace(PROVEN, pods=(replace(API, note=name, pod=name),)), SNAPSHOT))
