"""Pids and start times as the kernel writes them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from localcluster.processes import (
    Identity,
    first_child,
    identify,
    parse_stat,
    pid_inside,
    wait_until,
)

REST = "S 17 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 100 200"


@pytest.mark.parametrize("name", ["bash", "a b", "we) ird (name", "(", ")"])
def test_a_name_may_hold_blanks_and_brackets(name: str) -> None:
    stat = parse_stat(f"4711 ({name}) {REST}\n")
    assert (stat.pid, stat.name, stat.state) == (4711, name, "S")
    assert (stat.parent, stat.start_ticks) == (17, 987654)


def test_a_reused_pid_is_somebody_else() -> None:
    myself = identify(os.getpid())
    assert myself is not None
    assert myself.alive()
    before_me = Identity(myself.pid, myself.start_ticks - 1)
    assert not before_me.alive()
    before_me.kill()  # must not hit this very process


def test_the_ended_are_not_alive() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        identity = identify(child.pid)
        assert identity is not None
        assert first_child(os.getpid()) is not None
        identity.kill()
        assert wait_until(lambda: not identity.alive(), 10), "a zombie does not live"
    assert identify(child.pid) != identity


def test_the_innermost_pid_is_the_last() -> None:
    assert pid_inside("Name:\tx\nNSpid:\t4711\t12\nVmRSS:\t1 kB\n") == 12


def test_waiting_ends_when_time_is_up() -> None:
    assert not wait_until(lambda: False, 0.01, every=0.001)
