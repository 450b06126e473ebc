"""The JUnit report, read back with a JUnit library."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml

from seedcore_deploy.model.finding import Severity
from seedcore_deploy.report.junit import render
from tests.support.verdicts import API, FINDING, PROVEN, SNAPSHOT, WRONG


def read(text: str) -> JUnitXml:
    return JUnitXml.fromstring(text.encode())


def test_proven_verdict_fails_nothing() -> None:
    report = read(render(PROVEN, SNAPSHOT))

    assert (report.failures, report.errors) == (0, 0)
    names = {(case.classname, case.name) for suite in report for case in suite}
    assert ("pod.client.api-1", "proof") in names
    assert ("pod.head.head-1", "application") not in names


def test_finding_fails_its_family_and_gap_is_an_error() -> None:
    report = read(render(WRONG, SNAPSHOT))

    cases = {(case.classname, case.name): case.result for suite in report for case in suite}
    (failure,) = cases["rules", "objects"]
    assert isinstance(failure, Failure)
    assert "kubectl apply -k overlays/dev" in (failure.text or "")
    (error,) = cases["verdict", "everything could be looked at"]
    assert isinstance(error, Error)
    assert cases["rules", "environment"] == []


def test_hint_fails_nothing() -> None:
    hint = replace(FINDING, severity=Severity.HINT)

    assert read(render(replace(PROVEN, findings=(hint,)), SNAPSHOT)).failures == 0


@given(st.text())
def test_any_text_gives_well_formed_xml(text: str) -> None:
    odd = replace(FINDING, summary=text, actual=text)

    read(render(replace(WRONG, findings=(odd,)), SNAPSHOT))


@pytest.mark.parametrize("name", ["a\x00b", "\ud800", "]]>", "&lt;"])
def test_odd_names_are_written(name: str) -> None:
    read(render(replace(PROVEN, pods=(replace(API, note=name, pod=name),)), SNAPSHOT))
