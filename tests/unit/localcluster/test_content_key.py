"""A key changes with everything that changes the result, and with nothing else."""

from __future__ import annotations

import os
from pathlib import Path

from localcluster.binaries import content_key


def _key(root: Path, *words: str) -> str:
    return content_key([path for path in root.rglob("*") if path.is_file()], root, words)


def test_the_same_content_has_the_same_key(tmp_path: Path) -> None:
    for name in ("one", "two"):
        place = tmp_path / name
        place.mkdir()
        (place / "b.go").write_text("b")
        (place / "a.go").write_text("a")
    os.utime(tmp_path / "one" / "a.go", (1, 1))
    assert _key(tmp_path / "one", "go1.26") == _key(tmp_path / "two", "go1.26")


def test_content_name_and_words_each_change_it(tmp_path: Path) -> None:
    file = tmp_path / "a.go"
    file.write_text("a")
    keys = [_key(tmp_path, "go1.26"), _key(tmp_path, "go1.27"), _key(tmp_path, "go1.2", "6")]
    file.write_text("b")
    keys.append(_key(tmp_path, "go1.26"))
    file.rename(tmp_path / "b.go")
    keys.append(_key(tmp_path, "go1.26"))
    assert len(set(keys)) == len(keys)


def test_a_border_between_files_is_no_content(tmp_path: Path) -> None:
    keys = []
    for name, contents in (("one", ("ab", "c")), ("two", ("a", "bc"))):
        place = tmp_path / name
        place.mkdir()
        for file, content in zip(("x", "y"), contents, strict=True):
            (place / file).write_text(content)
        keys.append(_key(place))
    assert keys[0] != keys[1]
