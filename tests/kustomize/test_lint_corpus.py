"""lint over the corpus of small trees: just the findings that were written down by hand."""

from __future__ import annotations

import contextlib
import functools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from seedcore_deploy.commands.lint import lint, look, scope_of
from seedcore_deploy.commands.lint_fix import Mended, mended
from seedcore_deploy.judge.lint.registry import LINT_RULES
from seedcore_deploy.judge.lint.report import findings_of, report_of
from seedcore_deploy.judge.registry import RULES
from seedcore_deploy.model.lint import LintFacts, LintReport, SourceFinding
from seedcore_deploy.sources.exemptions import exemptions
from seedcore_deploy.sources.workspace import Workspace
from tests.support.lint_trees import LintTree, trees

TREES = trees()
FAULTY = tuple(tree for tree in TREES if tree.expected)
CLEAN = tuple(tree for tree in TREES if tree.name.startswith("clean/"))
IDS = sorted({rule.id for rule in RULES if rule.offline} | {rule.id for rule in LINT_RULES})
CONTINUED = b" \\\r\n"

each_tree = pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)


@contextlib.contextmanager
def unpacked(tree: LintTree) -> Iterator[Path]:
    """The tree on disk, and the working directory in it."""
    with tempfile.TemporaryDirectory(prefix="lint-") as name, contextlib.chdir(name):
        tree.unpack(Path(name))
        yield Path(name)


@functools.cache
def seen(tree: LintTree) -> tuple[LintFacts, LintReport]:
    with unpacked(tree):
        workspace = Workspace()
        facts = look(scope_of(tree.paths), workspace)
        found = findings_of(facts)
        return facts, report_of(facts, found, exemptions(found, workspace))


@functools.cache
def fixed(tree: LintTree) -> tuple[Mended, dict[str, bytes], dict[str, bytes]]:
    """What --fix makes of the tree; all files before, and after."""
    with unpacked(tree) as folder:
        scope = scope_of(tree.paths)
        before = contents(folder)
        if not any(each.changes for each in seen(tree)[1].findings):
            report = seen(tree)[1]
            return Mended(Workspace(), report, report), before, before
        result = mended(functools.partial(lint, scope), scope.holds)
        for path, source in result.workspace.changed.items():
            path.write_bytes(source.to_bytes())
        again = mended(functools.partial(lint, scope), scope.holds)
        assert again.workspace.changed == {}
        assert places(again.before.findings) == places(result.after.findings)
        return result, before, contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and ".git" not in path.parts
    }


def places(findings: tuple[SourceFinding, ...]) -> list[str]:
    return sorted(
        f"{each.at.file}:{each.at.line} {each.finding.severity} {each.finding.rule}"
        for each in findings
    )


@each_tree
def test_tree_has_just_the_findings_that_are_written_down(tree: LintTree) -> None:
    _, report = seen(tree)

    assert places(report.findings) == sorted(map(str, tree.expected))
    assert report.gaps == ()


@pytest.mark.parametrize("tree", FAULTY, ids=lambda tree: tree.name)
def test_columns_are_those_that_are_written_down(tree: LintTree) -> None:
    _, report = seen(tree)

    columns = {(each.at.file, each.at.line, each.finding.rule): each.at.column
               for each in report.findings}  # fmt: skip
    wanted = {(each.file, each.line, each.rule): each.column
              for each in tree.expected if each.column}  # fmt: skip
    assert {place: columns.get(place) for place in wanted} == wanted


@pytest.mark.parametrize("rule", IDS)
def test_without_a_rule_some_tree_is_misjudged(rule: str) -> None:
    rules = tuple(each for each in RULES if each.id != rule)
    lint_rules = tuple(each for each in LINT_RULES if each.id != rule)
    speaking = [tree for tree in TREES if any(each.rule == rule for each in tree.expected)]

    assert speaking
    for tree in speaking:
        without = findings_of(seen(tree)[0], rules, lint_rules)
        assert places(without) != sorted(map(str, tree.expected))


@pytest.mark.parametrize("rule", LINT_RULES, ids=lambda rule: f"{rule.id}-{rule.check.__name__}")
def test_without_one_row_of_the_registry_some_tree_is_misjudged(rule: object) -> None:
    others = tuple(each for each in LINT_RULES if each is not rule)

    assert any(
        places(findings_of(seen(tree)[0], RULES, others)) != places(findings_of(seen(tree)[0]))
        for tree in FAULTY
    )


@each_tree
def test_fix_leaves_nothing_that_it_could_mend_and_makes_nothing_worse(tree: LintTree) -> None:
    result, _, _ = fixed(tree)

    before = {(each.finding.rule, str(each.finding.subject)) for each in result.before.findings}
    after = {(each.finding.rule, str(each.finding.subject)) for each in result.after.findings}
    assert after <= before or not any(each.is_error for each in result.after.findings)
    assert [each for each in result.after.findings if each.changes] == []


@each_tree
def test_fix_changes_no_other_line(tree: LintTree) -> None:
    result, before, after = fixed(tree)

    changed = {str(path) for path in result.workspace.changed}
    assert set(before) == set(after)
    for name, content in before.items():
        if not any(each.endswith(f"/{name}") for each in changed):
            assert after[name] == content
    mentioned = (
        b"RAY_ADDRESS",
        b"ray",
        b"init",
        b"env",
        b"configMap",
        b"name",
        b"seedcore",
        b"literals",
        b"r.",
    )
    for name, content in before.items():
        gone = set(content.splitlines(keepends=True)) - set(after[name].splitlines(keepends=True))
        # What continued a line goes with the last of what it was continued by.
        kept = {line.rstrip(CONTINUED) for line in after[name].splitlines()}
        gone = {line for line in gone if line.rstrip(CONTINUED) not in kept}
        assert all(any(word in line for word in mentioned) for line in gone), gone


def test_corpus_is_large_enough() -> None:
    assert len(FAULTY) >= 60
    assert len(CLEAN) >= 15
    assert not any(tree.expected for tree in CLEAN)
