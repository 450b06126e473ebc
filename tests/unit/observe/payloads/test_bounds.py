"""Several looks share one budget, and none of them outlasts it."""

import time

import pytest

from seedcore_deploy.observe.payloads.bounds import Budget, within


def test_a_part_is_no_more_than_what_is_left() -> None:
    budget = Budget(1.0)

    assert budget.part(0.5) == 0.5
    assert budget.part(3.0) <= 1.0


def test_parts_are_stretched_where_the_processor_is_slow() -> None:
    assert Budget(40.0, pace=4.0).part(2.0) == 8.0


def test_a_spent_budget_leaves_a_moment_and_nothing_below_zero() -> None:
    budget = Budget(0.0)

    assert budget.left() == 0.0
    assert 0 < budget.part(3.0) < 0.1


def test_what_a_look_gives_or_raises_comes_back() -> None:
    assert within(5.0, lambda: "seen") == "seen"
    with pytest.raises(ZeroDivisionError):
        within(5.0, lambda: 1 / 0)


def test_a_look_that_hangs_is_left_behind() -> None:
    began = time.monotonic()

    with pytest.raises(TimeoutError):
        within(0.1, lambda: time.sleep(30))

    assert time.monotonic() - began < 5
