"""docs/migration.md, followed to the letter on a copy of a repository of the old pattern."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tests.support.tool import REPOSITORY, Bench, Ended

DOCUMENT = REPOSITORY / "docs" / "migration.md"
EXAMPLE = REPOSITORY / "tests" / "data" / "old_pattern"
NAMESPACE = "seedcore-dev"
"""What document and example call the namespace."""
_SECTION = re.compile(r"^## (?P<title>.+)$\n(?P<body>(?:(?!^## ).*\n?)*)", re.MULTILINE)
_BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# file: (?P<path>\S+)")
_CODE = re.compile(r"# ends with (?P<code>\d+)")


@dataclass(frozen=True, slots=True)
class Block:
    """A code block of the document: commands, or the new content of a file."""

    section: str
    language: str
    text: str

    @property
    def file(self) -> str:
        """The file whose content it is; empty for commands."""
        found = _FILE.fullmatch(self.text.partition("\n")[0])
        return found["path"] if found else ""

    @property
    def content(self) -> str:
        """What the file is to hold: all but the line that names it."""
        return self.text.partition("\n")[2]

    @property
    def code(self) -> int:
        """What its last command ends with."""
        found = _CODE.search(self.text)
        return int(found["code"]) if found else 0


@dataclass(frozen=True, slots=True)
class Migration:
    """A copy of the example, a git repository of its own, and the shell in it."""

    bench: Bench
    namespace: str = NAMESPACE

    @property
    def tree(self) -> Path:
        """The root of the copy."""
        return self.bench.cwd

    def follow(self, *sections: str) -> list[Ended]:
        """Do what the sections say, block by block; each command must end as the document says."""
        return [ended for each in blocks(*sections) for ended in self._do(each)]

    def _do(self, block: Block) -> Iterator[Ended]:
        text = block.text.replace(NAMESPACE, self.namespace)
        if block.file:
            (self.tree / block.file).write_text(block.content.replace(NAMESPACE, self.namespace))
            return
        ended = self.bench.run("bash", "-euo", "pipefail", "-c", text)
        assert ended.code == block.code, f"{block.section}\n{text}\n{ended}"
        yield ended


def migration(bench: Bench, folder: Path, namespace: str = NAMESPACE) -> Migration:
    """The example, copied and committed as somebody's repository would be."""
    tree = folder / "repository"
    shutil.copytree(EXAMPLE, tree, symlinks=True)
    for path in tree.rglob("*"):
        if path.is_file():
            path.write_text(path.read_text().replace(NAMESPACE, namespace))
    made = Migration(replace(bench, cwd=tree), namespace)
    for words in (
        ("init", "--quiet"),
        ("add", "--all"),
        ("-c", "user.name=t", "-c", "user.email=t@t.invalid", "commit", "-qm", "As it was"),
    ):
        ended = made.bench.run("git", *words)
        assert ended.code == 0, str(ended)
    return made


def sections() -> tuple[str, ...]:
    """The titles of the document's sections, in order."""
    return tuple(found["title"] for found in _SECTION.finditer(DOCUMENT.read_text()))


def blocks(*wanted: str) -> tuple[Block, ...]:
    """The blocks of these sections, or of all."""
    return tuple(
        Block(section["title"], block["language"], block["text"])
        for section in _SECTION.finditer(DOCUMENT.read_text())
        if not wanted or section["title"] in wanted
        for block in _BLOCK.finditer(section["body"])
    )
