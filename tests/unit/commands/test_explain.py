"""The verb `explain`: pages on stdout, and nothing heavy behind it."""

import pytest

from seedcore_deploy.commands import explain
from seedcore_deploy.errors import UsageError
from seedcore_deploy.judge.lint.registry import LINT_RULES
from seedcore_deploy.judge.registry import RULES
from seedcore_deploy.model.verdict import ExitCode
from seedcore_deploy.options import ExplainOptions
from seedcore_deploy.sources.rule_pages import page
from tests.support.fresh_process import HEAVY, ran


@pytest.mark.parametrize("word", ["SC203", "sc203"])
def test_the_page_of_a_rule_is_printed_as_it_is(
    word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = explain.run(ExplainOptions((word,)))

    assert code is ExitCode.PROVEN
    assert capsys.readouterr().out == page("SC203")


def test_several_rules_are_printed_in_the_order_asked_each_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    explain.run(ExplainOptions(("SC303", "SC101", "sc303")))

    assert capsys.readouterr().out == page("SC303") + "\n" + page("SC101")


def test_without_a_rule_all_are_listed_with_their_titles(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = explain.run(ExplainOptions())

    listed = capsys.readouterr().out.splitlines()
    assert code is ExitCode.PROVEN
    assert [line for line in listed if line.startswith("SC")] == sorted(
        {f"{rule.id}  {rule.title}" for rule in RULES}
        | {f"{rule.id}  {rule.title}" for rule in LINT_RULES}
    )


def test_mistyped_rule_is_answered_with_the_one_that_was_meant(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(UsageError, match="SC101, SC102") as caught:
        explain.run(ExplainOptions(("SC101", "SC1O1")))

    assert caught.value.mend == "did you mean `SC101`?"
    assert capsys.readouterr().out == ""


def test_what_is_no_rule_at_all_is_answered_with_the_list() -> None:
    with pytest.raises(UsageError) as caught:
        explain.run(ExplainOptions(("../README",)))

    assert "`seedcore-deploy explain`" in caught.value.mend


def test_it_needs_no_kubeconfig_and_no_heavy_library() -> None:
    done = ran("explain", "SC101")

    assert (done.code, done.out) == (0, page("SC101"))
    assert done.packages.isdisjoint(HEAVY)
