"""A file that is rewritten stays the same file for everybody else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from seedcore_deploy.act.rewrite import rewrite
from seedcore_deploy.errors import CouldNotLook
from seedcore_deploy.sources.source_text import SourceText

NEW = SourceText("app.env", "A=2\n")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "app.env"
    path.write_text("A=1\n")
    path.chmod(0o640)
    return path


def test_mode_is_kept_and_nothing_else_is_left(file: Path) -> None:
    rewrite(file, NEW)

    assert file.read_text() == "A=2\n"
    assert file.stat().st_mode & 0o777 == 0o640
    assert list(file.parent.iterdir()) == [file]


def test_owner_is_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root's run must not take a repository away from whom it belongs to."""
    given: list[tuple[int, int]] = []
    owner = (file.stat().st_uid + 1, file.stat().st_gid + 1)
    real = Path.stat

    def others(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        found = real(path, follow_symlinks=follow_symlinks)
        if path != file:
            return found
        return os.stat_result((*tuple(found)[:4], *owner, *tuple(found)[6:10]))

    monkeypatch.setattr(Path, "stat", others)
    monkeypatch.setattr(os, "chown", lambda _, uid, gid: given.append((uid, gid)))

    rewrite(file, NEW)

    assert given == [owner]
    assert file.read_text() == "A=2\n"


def test_owner_that_cannot_be_given_keeps_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seedcore_deploy.act.rewrite._owned_alike", lambda *_: False)
    before = file.stat().st_ino

    rewrite(file, NEW)

    assert (file.stat().st_ino, file.read_text()) == (before, "A=2\n")
    assert list(file.parent.iterdir()) == [file]


def test_other_names_of_the_file_see_the_change(file: Path) -> None:
    other = file.with_name("linked.env")
    other.hardlink_to(file)

    rewrite(file, NEW)

    assert other.read_text() == "A=2\n"
    assert other.stat().st_ino == file.stat().st_ino


def test_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(CouldNotLook, match=r"app\.env cannot be written"):
        rewrite(tmp_path / "nowhere" / "app.env", NEW)
