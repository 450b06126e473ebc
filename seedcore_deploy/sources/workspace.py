"""The files as they are, or as they would be after edits that were not written yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from seedcore_deploy.model.source import Edit
from seedcore_deploy.sources.overlays import shown
from seedcore_deploy.sources.source_text import SourceText, read_source


@dataclass(frozen=True, slots=True)
class Workspace:
    """Reads source files; `changed` are those with edits, by their resolved path."""

    changed: Mapping[Path, SourceText] = field(default_factory=dict)

    def text(self, path: Path) -> SourceText:
        """The text of a file. Raises UsageError when it cannot be read or is too large."""
        known = self.changed.get(path.resolve()) if self.changed else None
        return known if known is not None else read_source(path, shown(path))

    def edited(self, edits: Iterable[Edit]) -> Workspace:
        """The files with further edits, which name their files as `text` does."""
        by_file: dict[Path, list[Edit]] = {}
        for edit in edits:
            by_file.setdefault(Path(edit.file).resolve(), []).append(edit)
        changed = dict(self.changed)
        for path, its in by_file.items():
            changed[path] = self.text(Path(its[0].file)).edited(its)
        return Workspace(changed)
