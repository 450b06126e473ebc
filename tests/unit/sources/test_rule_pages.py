"""The rules' pages: complete, of one form, and in the wheel."""

import re
from pathlib import Path

import pytest

from seedcore_deploy.errors import CouldNotLook
from seedcore_deploy.judge.lint.registry import LINT_RULES
from seedcore_deploy.judge.lint.rule import LintRule
from seedcore_deploy.judge.registry import RULES
from seedcore_deploy.sources import rule_pages
from seedcore_deploy.sources.rule_pages import page, rule_ids, title
from tests.unit.sources.conftest import Site

ROOT = Path(__file__).resolve().parents[3]
SECTIONS = ["What it says", "Why it matters", "What usually causes it", "How to mend it"]
EVERY = {rule.id: rule.title for rule in RULES} | {rule.id: rule.title for rule in LINT_RULES}
IDS = sorted(EVERY)


def test_every_rule_has_a_page_and_every_page_has_a_rule() -> None:
    assert list(rule_ids()) == IDS


@pytest.mark.parametrize("rule", IDS)
def test_page_has_the_title_of_its_rule(rule: str) -> None:
    assert page(rule).startswith(f"# {rule}: {EVERY[rule]}\n")
    assert title(rule) == EVERY[rule]


@pytest.mark.parametrize("rule", LINT_RULES, ids=lambda rule: rule.id)
def test_an_id_that_verify_and_lint_share_has_one_title(rule: LintRule) -> None:
    assert EVERY[rule.id] == rule.title
    assert {each.title for each in RULES if each.id == rule.id} <= {rule.title}


@pytest.mark.parametrize("rule", IDS)
def test_page_has_the_four_sections_each_with_content(rule: str) -> None:
    _, *parts = re.split(r"^## ", page(rule), flags=re.MULTILINE)

    named = [part.partition("\n")[0] for part in parts]

    assert named == SECTIONS
    assert all(part.partition("\n")[2].strip() for part in parts)


@pytest.mark.parametrize("rule", IDS)
def test_page_is_short_and_its_code_blocks_are_closed(rule: str) -> None:
    lines = page(rule).splitlines()

    assert 15 <= len(lines) <= 32
    assert max(map(len, lines)) <= 100
    assert sum(line.startswith("```") for line in lines) % 2 == 0


@pytest.mark.parametrize("rule", IDS)
def test_links_to_other_pages_lead_somewhere(rule: str) -> None:
    targets = re.findall(r"\((SC\d+)\.md\)", page(rule))

    assert set(targets) <= set(IDS) - {rule}


def test_the_table_of_all_rules_has_each_once_with_its_title() -> None:
    text = (ROOT / "docs" / "rules" / "README.md").read_text(encoding="utf-8")

    rows = re.findall(r"\| \[(SC\d+)\]\((SC\d+)\.md\) \| (.+) \|", text)

    assert rows == [(rule, rule, title(rule)) for rule in IDS]


def test_without_pages_it_is_said_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(rule_pages, "_INSTALLED", tmp_path / "none")
    monkeypatch.setattr(rule_pages, "_IN_A_CHECKOUT", tmp_path / "none")

    with pytest.raises(CouldNotLook, match="not installed") as caught:
        rule_ids()

    assert "install" in caught.value.mend


def test_the_installed_pages_are_found_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "SC101.md").write_text("# SC101: of the wheel\n")
    monkeypatch.setattr(rule_pages, "_INSTALLED", tmp_path)

    assert (rule_ids(), title("SC101")) == (("SC101",), "of the wheel")


def test_the_wheel_has_the_pages(site: Site) -> None:
    there = {path.stem for path in (site.folder / "seedcore_deploy" / "rule_pages").iterdir()}
    done = site.tool("explain", "SC101")

    assert there >= set(IDS)
    assert (done.returncode, done.stdout) == (0, page("SC101"))
