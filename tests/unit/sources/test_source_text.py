from __future__ import annotations

from pathlib import Path

import pytest

from seedcore_deploy.errors import UsageError
from seedcore_deploy.model.source import Edit, Position
from seedcore_deploy.sources import source_text
from seedcore_deploy.sources.source_text import SourceText, decoded, read_source


@pytest.mark.parametrize(
    "content",
    [b"a\r\nb\n", b"\xef\xbb\xbfa\n", b"\xff\xfea\0\n\0", b"caf\xe9\n", b"", b"\0\1"],
    ids=["line ends", "utf-8 mark", "utf-16", "latin-1", "empty", "binary"],
)
def test_bytes_come_back_as_they_were(content: bytes) -> None:
    assert decoded(content, "f").to_bytes() == content


def test_positions_count_characters_from_one() -> None:
    source = SourceText("f", "é😀x\r\ny\n")

    assert source.at(2) == Position("f", 1, 3)
    assert source.at(5) == Position("f", 2, 1)
    assert (source.line(1), source.line(2), source.line(3), source.line(9)) == ("é😀x", "y", "", "")


def test_edits_are_made_and_the_rest_stays() -> None:
    source = SourceText("f", "one\r\ntwo\r\nthree")

    edited = source.edited([Edit("f", 5, 10), Edit("f", 10, 10, "2\r\n"), Edit("f", 5, 10)])

    assert edited.to_bytes() == b"one\r\n2\r\nthree"


def test_a_large_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_text, "MAX_BYTES", 10)
    (tmp_path / "f").write_text("x" * 11)

    with pytest.raises(UsageError, match="limit"):
        read_source(tmp_path / "f", "f")


def test_a_file_that_is_gone_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read f"):
        read_source(tmp_path / "f", "f")
