"""Which overlays are rendered for which files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from seedcore_deploy.sources.overlay_roots import overlays_for

LAYERED = {
    "base": "resources: [ray.yaml]\nconfigMapGenerator: [{name: a, envs: [../.env]}]\n",
    "overlays/dev": "namespace: dev\nresources: [../../base]\n",
    "overlays/prod": "namespace: prod\nresources: [../../base]\ncomponents: [../../more]\n",
    "more": "kind: Component\npatches: [{path: patch.yaml}]\n",
}


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path.resolve()


def chosen(
    here: Path, trees: Mapping[str, str], *given: str, pinned: tuple[str, ...] = ()
) -> list[str]:
    """The overlays for the given files, or for all that are there."""
    folders = [here / name for name in trees]
    for folder, text in zip(folders, trees.values(), strict=True):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "kustomization.yaml").write_text(text)
    for name in ("base/ray.yaml", "more/patch.yaml", ".env"):
        if (here / name).parent.is_dir():
            (here / name).write_text("")
    files = {here / name for name in given} or {path for path in here.rglob("*") if path.is_file()}
    found = overlays_for(files, folders, [here / name for name in pinned])
    return [str(each.relative_to(here)) for each in found]


@pytest.mark.parametrize(
    ("given", "overlays"),
    [
        ("base/kustomization.yaml", ["overlays/dev", "overlays/prod"]),
        ("base/ray.yaml", ["overlays/dev", "overlays/prod"]),
        (".env", ["overlays/dev", "overlays/prod"]),
        ("more/patch.yaml", ["overlays/prod"]),
        ("more/kustomization.yaml", ["overlays/prod"]),
        ("overlays/dev/kustomization.yaml", ["overlays/dev"]),
        ("base/other.yaml", []),
    ],
)
def test_overlays_that_take_a_file_in_are_those_for_it(
    here: Path, given: str, overlays: list[str]
) -> None:
    assert chosen(here, LAYERED, given) == overlays


def test_base_that_nothing_builds_on_is_an_overlay_and_a_component_never_is(here: Path) -> None:
    assert chosen(here, {"base": "resources: []\n", "more": LAYERED["more"]}) == ["base"]


def test_folder_of_transformers_is_no_overlay(here: Path) -> None:
    trees = {"top": "transformers: [../settings]\n", "settings": "resources: []\n"}

    assert chosen(here, trees, "settings/kustomization.yaml") == ["top"]


@pytest.mark.parametrize(
    ("folder", "text", "pinned"),
    [
        ("overlays/dev", "resources: []\n", ()),
        ("dev", "namespace: dev\n", ()),
        ("dev", "resources: []\n", ("dev",)),
    ],
)
def test_what_is_meant_to_be_applied_by_itself_is_judged_under_others_too(
    here: Path, folder: str, text: str, pinned: tuple[str, ...]
) -> None:
    trees = {folder: text, "team": f"resources: [../{folder}]\n"}

    assert sorted(chosen(here, trees, pinned=pinned)) == sorted([folder, "team"])


@pytest.mark.parametrize(("folder", "text"), [("base", "namespace: dev\n"), ("dev", "{}\n")])
def test_base_with_a_namespace_and_a_layer_without_one_are_no_overlays(
    here: Path, folder: str, text: str
) -> None:
    assert chosen(here, {folder: text, "team": f"resources: [../{folder}]\n"}) == ["team"]


def test_overlay_that_is_no_yaml_and_names_what_is_given_counts(here: Path) -> None:
    trees = {**LAYERED, "overlays/prod": "resources: [../../base\n"}

    assert chosen(here, trees, "base/kustomization.yaml") == ["overlays/dev", "overlays/prod"]
    assert chosen(here, trees, "more/patch.yaml") == []


def test_two_that_build_on_each_other_do_not_hang(here: Path) -> None:
    trees = {"overlays/a": "resources: [../b]\n", "overlays/b": "resources: [../a]\n"}

    assert chosen(here, trees) == ["overlays/a", "overlays/b"]
