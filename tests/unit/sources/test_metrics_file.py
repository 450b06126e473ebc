"""The metrics file is whole at every moment, and readable for the collector."""

from __future__ import annotations

from pathlib import Path

import pytest

from seedcore_deploy.errors import UsageError
from seedcore_deploy.sources.metrics_file import read_former, write_whole


def test_text_takes_the_place_of_the_former_one(tmp_path: Path) -> None:
    path = tmp_path / "seedcore.prom"
    path.write_text("before")
    first = path.stat().st_ino

    write_whole(path, "after\n")

    assert path.read_text() == "after\n"
    assert path.stat().st_ino != first
    assert path.stat().st_mode & 0o777 == 0o644
    assert [each.name for each in tmp_path.iterdir()] == ["seedcore.prom"]


def test_nothing_stays_behind_where_it_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "seedcore.prom").mkdir()

    with pytest.raises(UsageError, match="cannot be written"):
        write_whole(tmp_path / "seedcore.prom", "x")

    assert [each.name for each in tmp_path.iterdir()] == ["seedcore.prom"]


def test_folder_that_is_not_there_is_bad_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        write_whole(tmp_path / "none" / "seedcore.prom", "x")


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_what_cannot_be_read_counts_as_nothing(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "seedcore.prom"
    if content is not None:
        path.write_bytes(content)

    assert read_former(path) == ""
