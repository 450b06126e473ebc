"""The table for people."""

import subprocess
import sys
from dataclasses import replace

import pytest

from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Fix
from seedcore_deploy.model.verdict import Mark, Outcome, Verdict
from seedcore_deploy.report.table import render
from tests.support.verdicts import ADDRESS, API, FINDING, GAP, PROVEN, SNAPSHOT, WRONG


def table(verdict: Verdict, *, width: int = 100, color: bool = False, verbose: bool = False) -> str:
    return render(verdict, SNAPSHOT, width=width, color=color, verbose=verbose)


def test_well_pods_take_one_line_each_and_the_last_line_says_what_it_rests_on() -> None:
    lines = table(PROVEN).splitlines()

    assert sum(line.startswith(("api-1", "head-1")) for line in lines) == 2
    assert lines[-1].startswith("PROVEN: settings of 2 pods right (manifests not compared)")
    assert "head and 1 client proven in one session" in lines[-1]


def test_context_and_namespace_are_always_shown() -> None:
    assert table(PROVEN).startswith("context prod, namespace seedcore-dev, overlay overlays/dev")


def test_problems_come_first_with_cause_and_mend() -> None:
    text = table(WRONG)

    assert "error SC203 configmap/seedcore-client-env RAY_ADDRESS: the host is not" in text
    assert "because:  someone changed the key" in text
    assert "so:       the proof from api-1 failed" in text
    assert "\n    kubectl apply -k overlays/dev\n" in text
    assert text.index("SC203") < text.index("could not look") < text.index("POD")
    assert text.splitlines()[-1].startswith("WRONG: 1 finding to mend (SC203)")
    assert "1 thing not shown" in text.splitlines()[-1]


@pytest.mark.parametrize("outcome", [Outcome.SETTLING, Outcome.INCONCLUSIVE])
def test_what_is_not_proven_never_says_proven(outcome: Outcome) -> None:
    last = table(replace(PROVEN, outcome=outcome, gaps=(GAP,))).splitlines()[-1]

    assert not last.startswith("PROVEN")


def test_text_keeps_to_the_width_but_commands_stay_whole() -> None:
    command = "kubectl " + "x " * 80 + "end"
    long = replace(FINDING, because="word " * 60, fix=Fix("mend it", (command,)))
    pod = replace(API, pod="seedcore-api-" + "x" * 60, note="note " * 30)

    lines = table(replace(WRONG, findings=(long,), pods=(pod,)), width=80).splitlines()

    assert f"    {command}" in lines
    assert all(len(line) <= 80 for line in lines[:-1] if command not in line)


def test_color_only_when_asked_for() -> None:
    assert "\x1b[" not in table(WRONG)
    assert "\x1b[" in table(WRONG, color=True)


def test_rich_is_not_imported_without_color() -> None:
    program = (
        "import sys; from tests.support.verdicts import WRONG, SNAPSHOT;"
        "from seedcore_deploy.report.table import render;"
        "render(WRONG, SNAPSHOT, width=80, color=False, verbose=True);"
        "print('rich' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.stdout.strip() == "False", done.stderr


@pytest.mark.parametrize("color", [False, True])
def test_control_characters_in_values_are_shown_and_not_obeyed(*, color: bool) -> None:
    odd = replace(FINDING, actual="ray://\x1b[2Jx\u202e", summary="a\x1b]0;b\x07")
    pod = replace(API, pod="api\x1b[31m", note="[red]x[/red]")

    text = table(replace(WRONG, findings=(odd,), pods=(pod,)), color=color)

    assert "\x1b[2J" not in text
    assert "\x1b]0" not in text
    assert "\u202e" not in text
    assert "[red]x[/red]" in text


def test_verbose_shows_each_variable_with_its_origin() -> None:
    assert "RAY_ADDRESS" not in table(PROVEN)

    text = table(replace(PROVEN, pods=(replace(API, variables=(ADDRESS,)),)), verbose=True)

    assert "RAY_ADDRESS=ray://seedcore-head-svc:10001" in text
    assert "[ConfigMap seedcore-client-env" in text


def test_report_with_findings_names_the_pages_that_say_more_of_each_rule_once() -> None:
    other = replace(FINDING, rule="SC303")

    lines = table(replace(WRONG, findings=(FINDING, other, FINDING))).splitlines()

    assert "more: seedcore-deploy explain SC203 SC303" in lines
    assert "explain" not in table(PROVEN)


def test_proven_counts_what_was_proven_and_not_who_has_the_role() -> None:
    """A client without client settings by contract has a worker's role, and is no node."""
    no_node = replace(API, pod="serve", role=Role.WORKER, proof=Mark.NOT_APPLICABLE)
    node = replace(API, pod="worker", role=Role.WORKER, proof=Mark.OK)

    last = table(replace(PROVEN, pods=(API, no_node, node))).splitlines()[-1]

    assert "1 client proven" in last
    assert "1 worker alive" in last
