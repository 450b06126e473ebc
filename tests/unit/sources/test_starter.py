"""The tree of `init`: complete, and in the wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from seedcore_deploy.act.starter import write_starter
from seedcore_deploy.errors import CouldNotLook
from seedcore_deploy.sources import starter
from seedcore_deploy.sources.starter import starter_files
from tests.unit.sources.conftest import ROOT, Site


def everything(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def test_the_tree_is_all_of_the_manifests() -> None:
    folders = ("deploy/kustomize", "deploy/rbac")
    there = {f"{folder}/{name}" for folder in folders for name in everything(ROOT / folder)}

    assert {str(file) for file in starter_files()} == {
        *there,
        "deploy/ray-contract.toml",
        "docker/.env",
    }


def test_without_the_manifests_it_is_said_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(starter, "_INSTALLED", tmp_path / "none")
    monkeypatch.setattr(starter, "_IN_A_CHECKOUT", tmp_path / "none")

    with pytest.raises(CouldNotLook, match="not installed") as caught:
        starter_files()

    assert "install" in caught.value.mend


def test_the_wheel_writes_the_same_tree(site: Site, tmp_path: Path) -> None:
    done = site.tool("init", str(tmp_path / "new"))

    assert done.returncode == 0, done.stderr
    write_starter(tmp_path / "own")
    assert everything(tmp_path / "new") == everything(tmp_path / "own")
    for name in everything(tmp_path / "own"):
        assert (tmp_path / "new" / name).read_bytes() == (tmp_path / "own" / name).read_bytes()
