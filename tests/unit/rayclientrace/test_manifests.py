"""The heads are those of our manifests, and the two variants differ in the remedy alone."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from rayclientrace import manifests
from rayclientrace.cli import default_image, parser
from rayclientrace.model import Variant

BASE = Path(__file__).parents[3] / "deploy" / "kustomize" / "base" / "raycluster.yaml"


@pytest.fixture(scope="module")
def group() -> Any:
    return yaml.safe_load(BASE.read_text(encoding="utf-8"))["spec"]["headGroupSpec"]


def head(variant: Variant, *, trace: bool = False) -> Any:
    return copy.deepcopy(manifests.head(7, variant, default_image(), trace=trace))


def test_the_variants_differ_in_the_remedy_alone() -> None:
    without, fixed = head(Variant.WITHOUT), head(Variant.WITH)
    assert fixed["spec"]["containers"][0].pop("env") == [manifests.FORK_SUPPORT]
    assert without["spec"]["containers"][0].pop("env") == []
    assert without.pop("metadata") != fixed.pop("metadata")
    assert without == fixed


def test_tracing_changes_both_variants_alike() -> None:
    for variant in Variant:
        env = head(variant, trace=True)["spec"]["containers"][0]["env"]
        assert env[-1] == manifests.FAULTHANDLER


def test_the_remedy_is_the_one_of_our_manifests(group: Any) -> None:
    assert group["template"]["spec"]["containers"][0]["env"] == [manifests.FORK_SUPPORT]


def test_image_and_resources_are_those_of_our_manifests(group: Any) -> None:
    ours = group["template"]["spec"]["containers"][0]
    container = head(Variant.WITH)["spec"]["containers"][0]
    assert container["image"] == ours["image"]
    assert container["resources"] == ours["resources"]


def test_it_starts_with_the_parameters_of_our_manifests(group: Any) -> None:
    for name, value in group["rayStartParams"].items():
        assert f"--{name}={value}" in manifests.START.split()


def test_a_run_needs_no_option() -> None:
    arguments = parser().parse_args([])
    assert (arguments.heads, arguments.namespace, arguments.trace) == (30, "ray-client-race", False)


@pytest.mark.parametrize("count", ["0", "-1", "many"])
def test_a_run_without_heads_is_refused(count: str) -> None:
    with pytest.raises(SystemExit) as refusal:
        parser().parse_args(["--heads", count])
    assert refusal.value.code == 2
