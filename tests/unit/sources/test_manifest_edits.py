from __future__ import annotations

import pytest
import yaml

from seedcore_deploy.model.change import AddGenerator, AddReference
from seedcore_deploy.sources.manifest_edits import edit_of
from seedcore_deploy.sources.source_text import SourceText


def referenced(text: str, *, first: bool = False) -> str | None:
    source = SourceText("f", text)
    edit = edit_of(AddReference("f", 0, ("containers", 0), "new", first), source)
    return None if edit is None else source.edited([edit]).text


NAMED = "containers:\n- name: a # the api\n  image: b\n"
READING = """\
containers:
  - envFrom:
      - configMapRef:
          name: old # why
    name: a
"""
OTHER_ENDS = "containers:\r\n- name: a"


@pytest.mark.parametrize(
    ("text", "behind", "added"),
    [
        (NAMED, "api\n", "  envFrom:\n    - configMapRef:\n        name: new\n"),
        (READING, "why\n", "      - configMapRef:\n          name: new\n"),
        (OTHER_ENDS, "a", "\r\n  envFrom:\r\n    - configMapRef:\r\n        name: new\r\n"),
    ],
    ids=["none yet", "one more", "other line ends"],
)
def test_reference_is_put_where_it_belongs(text: str, behind: str, added: str) -> None:
    before, after = text.rsplit(behind, 1)

    assert referenced(text) == before + behind + added + after


def test_reference_can_come_first() -> None:
    text = referenced("containers:\n- envFrom:\n  - configMapRef: {name: old}\n", first=True)

    read = yaml.safe_load(text or "")
    assert [each["configMapRef"]["name"] for each in read["containers"][0]["envFrom"]] == [
        "new",
        "old",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "containers: [{name: a}]\n",
        "containers:\n- name: a\n  envFrom: [{configMapRef: {name: old}}]\n",
        "containers: []\n",
        "other: 1\n",
    ],
)
def test_no_reference_where_the_text_has_no_place_for_it(text: str) -> None:
    assert referenced(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "resources:\n  - ../base\n",
        "resources: [../base]",
        "configMapGenerator:\n- name: other\n  literals: [A=1]\n\n# the end\n",
        "configMapGenerator:\n    - name: other\n      envs:\n        - a.env\nresources: []\n",
    ],
)
def test_generator_is_added_and_nothing_else_is_changed(text: str) -> None:
    source = SourceText("f", text)
    edit = edit_of(AddGenerator("f", "new", ("A=ray://h:10001", "B=2")), source)
    assert edit is not None

    then = source.edited([edit]).text

    before, after = yaml.safe_load(text), yaml.safe_load(then)
    assert after.pop("configMapGenerator") == [
        *before.pop("configMapGenerator", []),
        {
            "name": "new",
            "options": {"disableNameSuffixHash": True},
            "literals": ["A=ray://h:10001", "B=2"],
        },
    ]
    assert after == before
    assert set(text.splitlines()) <= set(then.splitlines())


def test_no_generator_in_flow_style() -> None:
    source = SourceText("f", "configMapGenerator: [{name: other}]\n")

    assert edit_of(AddGenerator("f", "new", ()), source) is None
