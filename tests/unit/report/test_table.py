"""The table for people."""

from dataclasses import replace

import pytest

from seedcore_deploy.model.finding import Fix
from seedcore_deploy.model.verdict import Outcome, Verdict
from seedcore_deploy.report.table import render
from tests.support.verdicts import ADDRESS, API, FINDING, GAP, PROVEN, SNAPSHOT, WRONG


def table(verdict: Verdict, *, width: int = 100, color: bool = False, verbose: bool = False) -> str:
    return render(verdict, SNAPSHOT, width=width, color=color, verbose=verbose)


def test_well_pods_take_one_line_each_and_the_last_line_says_proven() -> None:
    lines = table(PROVEN).splitlines()

    assert sum(line.startswith(("api-1", "head-1")) for line in lines) == 2
    assert lines[-1].startswith("PROVEN")


def test_problems_come_first_with_cause_and_mend() -> None:
    text = table(WRONG)

    assert text.startswith("SC203 error configmap/seedcore-client-env RAY_ADDRESS")
    assert "because:  someone changed the key" in text
    assert "\n    kubectl apply -k overlays/dev\n" in text
    assert text.index("SC203") < text.index("could not look") < text.index("POD")
    assert text.splitlines()[-1].startswith("WRONG: 1 finding to mend")


@pytest.mark.parametrize("outcome", [Outcome.SETTLING, Outcome.INCONCLUSIVE])
def test_what_is_not_proven_never_says_proven(outcome: Outcome) -> None:
    last = table(replace(PROVEN, outcome=outcome, gaps=(GAP,))).splitlines()[-1]

    assert not last.startswith("PROVEN")


def test_text_keeps_to_the_width_but_commands_stay_whole() -> None:
    command = "kubectl " + "x " * 80 + "end"
    long = replace(FINDING, because="word " * 60, fix=Fix("mend it", (command,)))

    lines = table(replace(WRONG, findings=(long,)), width=60).splitlines()

    assert f"    {command}" in lines
    assert all(len(line) <= 60 for line in lines if command not in line)


def test_color_only_when_asked_for() -> None:
    assert "\x1b[" not in table(WRONG)
    assert "\x1b[31m" in table(WRONG, color=True)


def test_control_characters_in_values_are_shown_and_not_obeyed() -> None:
    odd = replace(FINDING, actual="ray://\x1b[2Jx", summary="a\x1b]0;b\x07")

    assert "\x1b" not in table(replace(WRONG, findings=(odd,)))


def test_verbose_shows_each_variable_with_its_origin() -> None:
    assert "RAY_ADDRESS" not in table(PROVEN)

    text = table(replace(PROVEN, pods=(replace(API, variables=(ADDRESS,)),)), verbose=True)

    assert "ray://seedcore-head-svc:10001  [ConfigMap seedcore-client-env RAY_ADDRESS]" in text
