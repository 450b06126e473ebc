"""Which overlays a look at some files has to render."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from seedcore_deploy.sources.overlay_roots import overlays_among


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A base, an overlay, one on top of that, a Component, and something else."""
    made = {
        "base": "resources: [raycluster.yaml]\n",
        "components/tls": "kind: Component\n",
        "overlays/dev": "resources: [../../base]\ncomponents: [../../components/tls]\n",
        "overlays/team": "resources: [../dev]\n",
        "rbac": "resources: []\n",
    }
    for folder, text in made.items():
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "kustomization.yaml").write_text(text)
    (tmp_path / "base" / "raycluster.yaml").write_text("")
    return tmp_path


def chosen(tree: Path, files: Iterable[str], known: Iterable[str] = ()) -> list[str]:
    given = [tree / each for each in files]
    folders = {each.parent for each in given if each.name == "kustomization.yaml"}
    found = overlays_among(folders, given, [tree / each for each in known])
    return sorted(str(each.relative_to(tree)) for each in found)


@pytest.mark.parametrize("file", ["base/kustomization.yaml", "components/tls/kustomization.yaml"])
def test_of_what_overlays_build_on_the_overlays_are_judged(tree: Path, file: str) -> None:
    assert chosen(tree, [file], ["overlays/dev", "overlays/team"]) == [
        "overlays/dev",
        "overlays/team",
    ]


def test_base_alone_finds_the_overlays_beside_it(tree: Path) -> None:
    assert chosen(tree, ["base/kustomization.yaml"]) == ["overlays/dev", "overlays/team"]


def test_manifest_of_a_base_is_judged_in_the_overlays(tree: Path) -> None:
    assert chosen(tree, ["base/raycluster.yaml"], ["overlays/dev"]) == ["overlays/dev"]


def test_overlay_that_another_one_builds_on_is_judged_by_itself_too(tree: Path) -> None:
    every = [str(each.relative_to(tree)) for each in tree.rglob("kustomization.yaml")]

    assert chosen(tree, every) == ["overlays/dev", "overlays/team", "rbac"]


def test_other_files_bring_no_overlay(tree: Path) -> None:
    assert chosen(tree, ["README.md"], ["overlays/dev"]) == []
