"""The two patterns that people write by hand, run beside the library: docs/library.md is true."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from seedcore.utils.ray_config import RayConfigError, decide_target
from tests.support.ray_addresses import SETTINGS, environment

PAGE = (Path(__file__).parents[3] / "docs" / "library.md").read_text(encoding="utf-8")
SECTION = PAGE[PAGE.index("## Where hand-written code goes wrong") :]
MANUAL, DERIVING = re.findall(r"^```python\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
ROWS = [
    tuple(cell.strip() for cell in row.strip("|").split(" | "))
    for row in re.findall(r"^\| .* \|$", SECTION, re.MULTILINE)
    if not row.startswith("| case")
]
BY_NAME = {case["name"]: case for case in SETTINGS}


def asked_by(code: str, env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The address that a piece of code asks Ray for."""
    asked: list[dict[str, Any]] = []
    ray = ModuleType("ray")
    ray.__dict__["init"] = lambda **options: asked.append(options)
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.setattr(os, "environ", env)
    exec(code, {})
    (options,) = asked
    return str(options["address"])


def decided(env: dict[str, str]) -> str:
    """The library's answer: an address, or the word error."""
    try:
        return decide_target(env).address
    except RayConfigError:
        return "error"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_row_of_the_page_is_what_happens(
    row: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    name, ours, *theirs = (cell.strip("` ") for cell in row)
    env = environment(BY_NAME[name])
    # then
    assert decided(env) == ours
    for code, said in zip((MANUAL, DERIVING), theirs, strict=True):
        assert asked_by(code, env, monkeypatch) == (ours if said == "the same" else said)


def test_the_page_has_a_row_of_each_kind() -> None:
    assert len(ROWS) >= 12
    assert {row[0].split()[0] for row in ROWS} == {"client", "head"}


def test_neither_pattern_refuses_anything_that_the_library_refuses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = [env for case in SETTINGS if decided(env := environment(case)) == "error"]
    assert len(refused) > 20
    for env in refused:
        assert asked_by(MANUAL, env, monkeypatch)
        assert asked_by(DERIVING, env, monkeypatch)
