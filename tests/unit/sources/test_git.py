from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from seedcore_deploy.sources.git import commit_of, repository_of


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    done = subprocess.run(
        ("git", "-C", str(folder), *who, *words), check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    folder = tmp_path / "overlays" / "dev"
    folder.mkdir(parents=True)
    (folder / "kustomization.yaml").write_text("resources: []\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "first")
    return folder


def test_commit_of_a_clean_tree(overlay: Path, tmp_path: Path) -> None:
    found = commit_of(overlay, [overlay])

    assert found is not None
    assert found.sha == git(tmp_path, "rev-parse", "HEAD")
    assert not found.dirty
    assert repository_of(overlay) == tmp_path


def test_changed_file_anywhere_is_dirty(overlay: Path, tmp_path: Path) -> None:
    (overlay / "kustomization.yaml").write_text("resources: [a.yaml]\n")

    found = commit_of(overlay, [overlay])

    assert found is not None
    assert found.dirty
    assert str(found).endswith("(with uncommitted changes)")


def test_new_file_is_dirty_only_where_it_can_be_rendered(overlay: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    aside = commit_of(overlay, [overlay])
    (overlay / "new.yaml").write_text("kind: A")
    inside = commit_of(overlay, [overlay])

    assert aside is not None
    assert inside is not None
    assert (aside.dirty, inside.dirty) == (False, True)


def test_outside_of_a_repository_there_is_no_commit(tmp_path: Path) -> None:
    assert commit_of(tmp_path, [tmp_path]) is None
    assert repository_of(tmp_path) is None


def test_without_git_there_is_no_commit(overlay: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    assert commit_of(overlay, [overlay]) is None
