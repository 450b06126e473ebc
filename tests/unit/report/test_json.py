"""The JSON report against its schema."""

import json

import jsonschema
import pytest

from seedcore_deploy.model.verdict import Verdict
from seedcore_deploy.report.json import render
from tests.support.tool import SCHEMA
from tests.support.verdicts import PROVEN, SNAPSHOT, WRONG

KNOWN = json.loads(SCHEMA.read_text())


@pytest.mark.parametrize("verdict", [PROVEN, WRONG])
def test_report_is_valid_against_the_schema(verdict: Verdict) -> None:
    jsonschema.validate(json.loads(render(verdict, SNAPSHOT)), KNOWN)


def test_schema_itself_is_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(KNOWN)


def test_finding_keeps_its_cause_and_its_commands() -> None:
    (finding,) = json.loads(render(WRONG, SNAPSHOT))["findings"]

    assert finding["because"] == "someone changed the key"
    assert finding["fix"]["commands"][0] == "kubectl apply -k overlays/dev"
    assert finding["consequences"] == ["the proof from api-1 failed"]
