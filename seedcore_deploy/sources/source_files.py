"""The files under the given paths, without what .gitignore and .seedcoreignore name.

No link is followed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

from seedcore_deploy.errors import UsageError
from seedcore_deploy.sources.git import repository_of

_NEVER = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", ".tox"})
_VENV = "pyvenv.cfg"
IGNORE_FILE = ".seedcoreignore"
"""What is not to be linted, in the form of .gitignore: of a file that is named, too."""
_IGNORE_FILES = (".gitignore", IGNORE_FILE)


@dataclass(frozen=True, slots=True)
class _Ignored:
    """The patterns of one ignore file, for what lies in or below its folder."""

    folder: str
    spec: GitIgnoreSpec

    def says(self, path: str, *, is_folder: bool) -> bool | None:
        """Whether the path is left out; None where no pattern speaks of it."""
        relative = path[len(self.folder) + 1 :].replace(os.sep, "/")
        said = self.spec.check_file(f"{relative}/" if is_folder else relative)
        if is_folder and said.index is not None and self._spares_the_folder(said.index):
            return self.spec.check_file(relative).include
        return said.include

    def _spares_the_folder(self, index: int) -> bool:
        """Whether a pattern is of all that is in a folder: one of it may be taken back (git)."""
        return str(self.spec.patterns[index].pattern).endswith("/**")


def source_files(paths: Iterable[Path], closed: set[Path] | None = None) -> Iterator[Path]:
    """All regular files in and below the paths, resolved, each once, in order.

    Folders that may not be read are put into `closed`. Raises UsageError for a path that is not
    there.
    """
    met: set[Path] = set()
    every = tuple(paths)
    for path in every:
        if not path.exists():
            raise UsageError(f"there is no {path}", "check the path")
    for path in not_left_out(every):
        found = _below(path.resolve(), closed) if path.is_dir() else (path.resolve(),)
        for file in found:
            if file not in met:
                met.add(file)
                yield file


def not_left_out(paths: Iterable[Path]) -> Iterator[Path]:
    """The paths that no .seedcoreignore of their repository names, nor a folder above them."""
    known: dict[Path, tuple[_Ignored, ...]] = {}
    for path in paths:
        whole = path.resolve()
        if whole.parent not in known:
            known[whole.parent] = _above(whole, (IGNORE_FILE,))
        if not _is_ignored(known[whole.parent], str(whole), is_folder=whole.is_dir()):
            yield path


def _below(top: Path, closed: set[Path] | None) -> Iterator[Path]:
    stack: list[tuple[str, tuple[_Ignored, ...]]] = [(str(top), _above(top))]
    while stack:
        folder, rules = stack.pop()
        try:
            entries = _entries(folder)
        except OSError:
            if closed is not None:
                closed.add(Path(folder))
            continue
        names = {entry.name for entry in entries}
        if _VENV in names:
            continue
        if not names.isdisjoint(_IGNORE_FILES):
            rules = (*rules, *_read(Path(folder)))
        folders = []
        for entry in entries:
            is_folder = entry.is_dir(follow_symlinks=False)
            if entry.name in _NEVER or _is_ignored(rules, entry.path, is_folder=is_folder):
                continue
            if is_folder:
                folders.append((entry.path, rules))
            elif entry.is_file(follow_symlinks=False):
                yield Path(entry.path)
        stack += reversed(folders)


def _entries(folder: str) -> Sequence[os.DirEntry[str]]:
    with os.scandir(folder) as found:
        return sorted(found, key=lambda entry: entry.name)


def _above(here: Path, names: Sequence[str] = _IGNORE_FILES) -> tuple[_Ignored, ...]:
    """The ignore files between the repository's root and the path, the root's first."""
    root = repository_of(here if here.is_dir() else here.parent)
    if root is None:
        return ()
    folders = [folder for folder in here.parents if folder.is_relative_to(root.resolve())]
    return tuple(rule for folder in reversed(folders) for rule in _read(folder, names))


def _read(folder: Path, names: Sequence[str] = _IGNORE_FILES) -> Iterator[_Ignored]:
    for name in names:
        file = folder / name
        if not file.is_file() or file.is_symlink():
            continue
        try:
            lines = file.read_text("utf-8", "replace").splitlines()
            yield _Ignored(str(folder), GitIgnoreSpec.from_lines(lines))
        except (OSError, ValueError):
            continue


def _is_ignored(rules: Sequence[_Ignored], path: str, *, is_folder: bool) -> bool:
    """The ignore file nearest to a path decides, if it speaks of it."""
    for rule in reversed(rules):
        said = rule.says(path, is_folder=is_folder)
        if said is not None:
            return said
    return False
