from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from seedcore_deploy.errors import UsageError
from seedcore_deploy.sources.source_files import source_files


def written(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")


def names(folder: Path, *paths: Path) -> list[str]:
    return [str(path.relative_to(folder.resolve())) for path in source_files(paths or (folder,))]


def not_ignored_by_git(folder: Path) -> list[str]:
    """What git itself takes up, by its own reading of the patterns."""
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    listed = subprocess.run(
        ["git", "-C", str(folder), "ls-files", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return sorted(set(listed.stdout.split()) - {".gitignore"})


def test_files_come_in_order_and_each_once(tmp_path: Path) -> None:
    written(tmp_path, "b/x", "a/y", "c")

    assert names(tmp_path, tmp_path, tmp_path / "a", tmp_path / "c") == ["c", "a/y", "b/x"]


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        ("*.log\n", ["a.txt", "deep/b.txt"]),
        ("/deep/\n", ["a.log", "a.txt"]),
        ("*.log\n!deep/b.log\n", ["a.txt", "deep/b.log", "deep/b.txt"]),
        ("# all\n\n*\n!a.txt\n", ["a.txt"]),
        ("deep/**\n!deep/b.log\n", ["a.log", "a.txt", "deep/b.log"]),
        ("deep/**\n!deep/lower/c\n", ["a.log", "a.txt"]),
        ("deep/\n!deep/b.log\n", ["a.log", "a.txt"]),
    ],
)
def test_what_gitignore_names_is_left_out(tmp_path: Path, patterns: str, left: list[str]) -> None:
    written(tmp_path, "a.log", "a.txt", "deep/b.log", "deep/b.txt")
    (tmp_path / ".gitignore").write_text(patterns)

    assert [name for name in names(tmp_path) if name != ".gitignore"] == left
    assert not_ignored_by_git(tmp_path) == left


def test_gitignore_of_a_folder_below_has_the_last_word_there(tmp_path: Path) -> None:
    written(tmp_path, "a.log", "deep/b.log")
    (tmp_path / ".gitignore").write_text("*.log\n")
    (tmp_path / "deep" / ".gitignore").write_text("!*.log\n")

    assert "deep/b.log" in names(tmp_path)
    assert "a.log" not in names(tmp_path)


def test_gitignore_above_a_given_folder_counts_within_the_repository(tmp_path: Path) -> None:
    written(tmp_path, "src/a.py", "src/gen/b.py")
    (tmp_path / ".gitignore").write_text("/src/gen/\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)

    assert names(tmp_path, tmp_path / "src") == ["src/a.py"]


def test_no_link_is_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    inside = tmp_path / "inside"
    written(outside, "secret.env")
    written(inside, "a.env")
    (inside / "folder").symlink_to(outside)
    (inside / "b.env").symlink_to(outside / "secret.env")
    (inside / "again").symlink_to(inside)

    assert names(inside) == ["a.env"]


def test_virtual_environments_and_caches_are_left_out(tmp_path: Path) -> None:
    written(tmp_path, "env/pyvenv.cfg", "env/lib/x.py", "node_modules/a.py", ".git/b.py", "c.py")

    assert names(tmp_path) == ["c.py"]


def test_a_path_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no"):
        list(source_files((tmp_path / "gone",)))


def test_what_seedcoreignore_names_is_left_out_however_it_is_given(tmp_path: Path) -> None:
    written(tmp_path, "tests/data/a.env", "tests/a.py", "b.env")
    (tmp_path / ".seedcoreignore").write_text("# wrong on purpose\ntests/data/\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    data = tmp_path / "tests" / "data"

    assert names(tmp_path) == [".seedcoreignore", "b.env", "tests/a.py"]
    assert names(tmp_path, data / "a.env", tmp_path / "b.env") == ["b.env"]
    assert list(source_files([data])) == []


def test_file_that_gitignore_names_is_read_when_it_is_given(tmp_path: Path) -> None:
    written(tmp_path, "a.env")
    (tmp_path / ".gitignore").write_text("*.env\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)

    assert names(tmp_path, tmp_path / "a.env") == ["a.env"]
