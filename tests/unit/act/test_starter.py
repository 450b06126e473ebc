"""The tree of `init` is written whole, or not at all, and never over anything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from seedcore_deploy.act.starter import write_starter
from seedcore_deploy.errors import CouldNotLook, UsageError
from seedcore_deploy.sources.overlays import find_overlay
from seedcore_deploy.sources.settings import load_settings
from tests.unit.sources.conftest import ROOT


def everything(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def test_what_is_written_is_the_manifests_byte_for_byte(tmp_path: Path) -> None:
    written = write_starter(tmp_path / "new" / "repository")

    root = tmp_path / "new" / "repository"
    assert everything(root) == {str(file) for file in written}
    assert all((root / file).read_bytes() == (ROOT / file).read_bytes() for file in written)


def test_env_file_of_compose_is_a_link_to_the_one_of_the_base(tmp_path: Path) -> None:
    write_starter(tmp_path)

    link = tmp_path / "docker" / ".env"
    assert link.is_symlink()
    assert link.resolve() == tmp_path / "deploy" / "kustomize" / "base" / "seedcore.env"


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_every_namespace_finds_its_overlay_in_it(tmp_path: Path, environment: str) -> None:
    write_starter(tmp_path)

    found = find_overlay(f"seedcore-{environment}", load_settings(tmp_path))

    assert found.directory == tmp_path / "deploy" / "kustomize" / "overlays" / environment
    assert found.builds_on_base


def test_what_is_not_of_the_tree_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "deploy" / "helm").mkdir(parents=True)
    (tmp_path / "deploy" / "helm" / "values.yaml").write_text("a: 1\n")
    (tmp_path / "README.md").write_text("mine\n")

    write_starter(tmp_path)

    assert (tmp_path / "README.md").read_text() == "mine\n"
    assert (tmp_path / "deploy" / "helm" / "values.yaml").read_text() == "a: 1\n"


def test_a_second_time_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    write_starter(tmp_path)
    file = tmp_path / "deploy" / "ray-contract.toml"
    file.write_text("mine\n")

    with pytest.raises(UsageError, match="nothing was written") as caught:
        write_starter(tmp_path)

    assert caught.value.what.endswith("more already")
    assert file.read_text() == "mine\n"


@pytest.mark.parametrize(
    "there", ["docker/.env", "deploy/kustomize/overlays/dev/kustomization.yaml"]
)
def test_one_file_that_is_there_is_named_and_nothing_is_written(tmp_path: Path, there: str) -> None:
    (tmp_path / there).parent.mkdir(parents=True)
    (tmp_path / there).write_text("mine\n")

    with pytest.raises(UsageError, match=there):
        write_starter(tmp_path)

    assert everything(tmp_path) == {there}


def test_a_dangling_link_counts_as_there(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / ".env").symlink_to("nowhere")

    with pytest.raises(UsageError, match=r"docker/\.env"):
        write_starter(tmp_path)


def test_a_link_on_the_way_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "deploy").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(UsageError, match="has deploy already"):
        write_starter(tmp_path / "new")

    assert everything(tmp_path / "elsewhere") == set()


def test_a_file_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "docker").write_text("a file\n")

    with pytest.raises(UsageError, match="has docker already"):
        write_starter(tmp_path)


def test_a_file_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(UsageError, match="is no directory"):
        write_starter(tmp_path / "file")


def test_what_cannot_be_written_leaves_no_file_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: object) -> None:
        raise OSError(28, os.strerror(28), str(self))

    monkeypatch.setattr(Path, "symlink_to", full)

    with pytest.raises(CouldNotLook, match=r"docker/\.env cannot be written: No space left"):
        write_starter(tmp_path)

    assert everything(tmp_path) == set()
