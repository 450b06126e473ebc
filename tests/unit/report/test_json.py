"""The JSON report against its schema."""

import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.verdict import Verdict
from seedcore_deploy.report.json import render
from tests.support.faults.catalogue import FAULTS, Fault
from tests.support.snapshots import API, healthy, with_pod
from tests.support.tool import SCHEMA
from tests.support.verdicts import PROVEN, SNAPSHOT, WRONG

KNOWN = json.loads(SCHEMA.read_text())


@pytest.mark.parametrize("verdict", [PROVEN, WRONG])
def test_report_is_valid_against_the_schema(verdict: Verdict) -> None:
    jsonschema.validate(json.loads(render(verdict, SNAPSHOT)), KNOWN)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_is_valid_against_the_schema(fault: Fault) -> None:
    snapshot = fault.make()

    said = json.loads(render(judge(snapshot), snapshot))

    jsonschema.validate(said, KNOWN)
    assert said["exit_code"] == (0 if fault.hint else 1)


def test_schema_itself_is_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(KNOWN)


def test_schema_refuses_what_it_does_not_know() -> None:
    said = {**json.loads(render(PROVEN, SNAPSHOT)), "more": 1}

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(said, KNOWN)


def test_proven_with_a_gap_is_not_valid() -> None:
    said = json.loads(render(PROVEN, SNAPSHOT))
    said["gaps"] = json.loads(render(WRONG, SNAPSHOT))["gaps"]

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(said, KNOWN)


def test_finding_keeps_its_cause_and_its_commands() -> None:
    (finding,) = json.loads(render(WRONG, SNAPSHOT))["findings"]

    assert finding["because"] == "someone changed the key"
    assert finding["fix"]["commands"][0] == "kubectl apply -k overlays/dev"
    assert finding["consequences"] == ["the proof from api-1 failed"]


@settings(deadline=None)
@given(st.text())
def test_any_text_is_plain_ascii_and_comes_back(text: str) -> None:
    snapshot = with_pod(healthy(), API, ready=False, why_not_ready=text)

    said = render(judge(snapshot), snapshot)

    assert said.isascii()
    jsonschema.validate(json.loads(said), KNOWN)
