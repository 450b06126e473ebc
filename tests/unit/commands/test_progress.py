from __future__ import annotations

import sys

import pytest

from seedcore_deploy.commands.progress import LiveLines, PlainLines, waiting_lines
from seedcore_deploy.model.finding import Subject

HEAD = Subject("Pod", "head")


def test_pipe_gets_a_plain_line_for_each_change(capsys: pytest.CaptureFixture[str]) -> None:
    with waiting_lines() as lines:
        lines.report("waiting: pod/head: starting")
        lines.show({HEAD: "starting"})

    assert isinstance(lines, PlainLines)
    assert capsys.readouterr().err == "waiting: pod/head: starting\n"


def test_terminal_gets_one_line_for_each_thing_with_since_when_it_is_waited_for() -> None:
    from rich.console import Console

    now = 10.0
    lines = LiveLines(clock=lambda: now)
    lines.show({HEAD: "starting"})
    now = 22.0
    lines.show({HEAD: "its readiness probe has not passed"})
    console = Console(width=80, no_color=True)

    with console.capture() as shown:
        console.print(lines)

    assert shown.get().split() == "pod/head 12 s its readiness probe has not passed".split()


def test_long_reason_is_cut_to_the_width_of_the_terminal() -> None:
    from rich.console import Console

    lines = LiveLines(clock=lambda: 0.0)
    lines.show({HEAD: "x" * 500})
    console = Console(width=40)

    with console.capture() as shown:
        console.print(lines)

    assert len(shown.get().splitlines()) == 1


def test_terminal_keeps_a_line_of_what_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    lines = LiveLines()

    lines.report("waiting: pod/head: starting")
    lines.report("done:    pod/head")

    assert capsys.readouterr().err == "done:    pod/head\n"


def test_dumb_terminal_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")

    with waiting_lines() as lines:
        assert isinstance(lines, PlainLines)
