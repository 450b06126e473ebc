"""The corpus of lint: small trees, each in one text file with what lint must say of it.

A file begins with what is expected (`expect: FILE:LINE[:COLUMN] SEVERITY RULE`, by hand) and with
`from: NAME` where it changes another tree, and `paths: PATH...` where lint is given others than
the whole tree. Then come its parts, each under a line `-- HEAD --`:

    -- PATH --                        the whole file
    -- PATH, line N --                these lines in place of line N
    -- PATH, after line N --          these lines behind line N
    -- PATH, line[s] N[-M] removed --
    -- PATH, removed --               no such file
    -- link PATH -> TARGET --         a symbolic link

Line numbers are those of the tree that is changed, whatever else is changed in it.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

DATA = Path(__file__).parents[1] / "data" / "lint"
_HEAD = re.compile(r"-- (?P<head>.+) --")
_LINES = re.compile(
    r"(?P<path>[^,]+), (?P<how>after line|lines?) (?P<first>\d+)(?:-(?P<last>\d+))?"
    r"(?P<removed> removed)?"
)


@dataclass(frozen=True, slots=True)
class Expected:
    """One finding that lint must have; `column` 0 where the line is enough."""

    file: str
    line: int
    column: int
    severity: str
    rule: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.severity} {self.rule}"


@dataclass(frozen=True, slots=True)
class LintTree:
    """A tree of the corpus."""

    name: str
    options: dict[str, str] = field(compare=False)
    expected: tuple[Expected, ...]
    parts: tuple[tuple[str, tuple[str, ...]], ...] = field(repr=False)

    @property
    def paths(self) -> tuple[Path, ...]:
        """What lint is given, from the tree's own folder."""
        return tuple(map(Path, self.options.get("paths", ".").split()))

    def unpack(self, folder: Path) -> None:
        """Write its files below a folder."""
        if base := self.options.get("from"):
            tree_of(DATA / "from" / f"{base}.txt").unpack(folder)
        if "manifests" in self.options:
            _unpack_manifests(folder)
        edits: dict[Path, list[tuple[int, int, tuple[str, ...]]]] = {}
        for head, lines in self.parts:
            if found := _LINES.fullmatch(head):
                first = int(found["first"])
                last = int(found["last"] or first)
                if found["how"] == "after line":
                    first, last = first + 1, first
                edits.setdefault(folder / found["path"], []).append((first, last, lines))
            elif head.endswith(", removed"):
                (folder / head.removesuffix(", removed")).unlink()
            elif head.startswith("link "):
                path, _, target = head.removeprefix("link ").partition(" -> ")
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).unlink(missing_ok=True)
                (folder / path).symlink_to(target)
            else:
                _write(folder / head, lines)
        for file, changes in edits.items():
            _edit(file, changes)
        if name := self.options.get("crlf"):
            crlf = folder / name
            crlf.write_bytes(crlf.read_bytes().replace(b"\n", b"\r\n"))
        if "git" in self.options:
            subprocess.run(["git", "init", "-q", str(folder)], check=True)


def trees() -> tuple[LintTree, ...]:
    """All trees of the corpus."""
    return tuple(
        tree_of(path) for path in sorted(DATA.glob("*/*.txt")) if path.parent.name != "from"
    )


def tree_of(path: Path) -> LintTree:
    """The tree in a file."""
    options: dict[str, str] = {}
    expected: list[Expected] = []
    parts: list[tuple[str, list[str]]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        head = _HEAD.fullmatch(line)
        if head:
            parts.append((head["head"], []))
        elif parts:
            parts[-1][1].append(line)
        else:
            key, _, value = line.partition(": ")
            if key == "expect":
                expected.append(_expected(value))
            else:
                options[key] = value
    return LintTree(
        f"{path.parent.name}/{path.stem}",
        options,
        tuple(expected),
        tuple((head, tuple(lines)) for head, lines in parts),
    )


def _expected(text: str) -> Expected:
    place, severity, rule = text.split()
    file, line, *column = place.split(":")
    return Expected(file, int(line), int(column[0]) if column else 0, severity, rule)


def _write(path: Path, lines: tuple[str, ...]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _edit(path: Path, changes: list[tuple[int, int, tuple[str, ...]]]) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    for first, last, new in sorted(changes, reverse=True):
        lines[first - 1 : last] = new
    _write(path, tuple(lines))


def _unpack_manifests(folder: Path) -> None:
    """The manifests that the document names and leaves out: those of this repository."""
    base = Path("deploy", "kustomize", "base")
    (folder / base).mkdir(parents=True, exist_ok=True)
    for name in ("raycluster", "api-deploy", "api-svc", "serve-deploy", "serve-svc"):
        content = (Path(__file__).parents[2] / base / f"{name}.yaml").read_bytes()
        (folder / base / f"{name}.yaml").write_bytes(content)
