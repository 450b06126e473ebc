"""The files as they are, or as they would be after changes that were not written yet."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from seedcore_deploy.model.change import Change
from seedcore_deploy.model.source import Edit
from seedcore_deploy.sources.manifest_edits import edit_of
from seedcore_deploy.sources.overlays import shown
from seedcore_deploy.sources.source_text import SourceText, read_source

GroupKey: TypeAlias = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Workspace:
    """Reads source files; `changed` are those with edits, by their resolved path."""

    changed: Mapping[Path, SourceText] = field(default_factory=dict)

    def text(self, path: Path) -> SourceText:
        """The text of a file. Raises UsageError when it cannot be read or is too large."""
        known = self.changed.get(path.resolve()) if self.changed else None
        return known if known is not None else read_source(path, _named(path))

    def with_changes(self, groups: Mapping[GroupKey, tuple[Change, ...]]) -> Changed:
        """The files with groups of changes, and the keys of the groups that were made.

        A group is made as a whole or, where one of it has no place or meets another group's, not
        at all.
        """
        chosen: dict[Path, list[Edit]] = {}
        keys = set()
        for key, group in groups.items():
            edits = [(Path(each.file).resolve(), self._edit(each)) for each in group]
            made = [(path, edit) for path, edit in edits if edit is not None]
            if len(made) < len(group):
                continue
            if any(_meets(edit, chosen.get(path, ())) for path, edit in made):
                continue
            keys.add(key)
            for path, edit in made:
                chosen.setdefault(path, []).append(edit)
        changed = dict(self.changed)
        for path, its in chosen.items():
            changed[path] = self.text(path).edited(its)
        return Changed(Workspace(changed), frozenset(keys))

    def differences(self) -> Iterator[str]:
        """What was changed, as a unified diff a file."""
        for path, now in sorted(self.changed.items()):
            before = read_source(path, now.file)
            lines = difflib.unified_diff(
                before.text.splitlines(keepends=True),
                now.text.splitlines(keepends=True),
                f"a/{now.file}",
                f"b/{now.file}",
            )
            yield "".join(_whole(line) for line in lines)

    def _edit(self, change: Change) -> Edit | None:
        return edit_of(change, self.text(Path(change.file)))


@dataclass(frozen=True, slots=True)
class Changed:
    """The files with the changes that could be made, and the keys of their groups."""

    workspace: Workspace
    keys: frozenset[GroupKey]


def _named(path: Path) -> str:
    """As `shown` names it; the common case is a file below, and there are thousands."""
    text, here = str(path), f"{Path.cwd()}/"
    plain = text.startswith(here) and ".." not in path.parts
    return text.removeprefix(here) if plain else shown(path)


def _meets(edit: Edit, others: Iterable[Edit]) -> bool:
    """Whether another edit touches the same characters; the very same edit is no other one."""
    return any(
        edit != each
        and edit.start < max(each.end, each.start + 1)
        and each.start < max(edit.end, edit.start + 1)
        for each in others
    )


def _whole(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
