"""What is repeated, and what is not."""

import pytest

from seedcore_deploy.kube.errors import ApiError
from seedcore_deploy.kube.retry import ride_out


class Faulty:
    """Fails with the given errors in turn, then answers."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.faults:
            raise self.faults.pop(0)
        return "answer"


def test_what_heals_is_ridden_out() -> None:
    call = Faulty(ApiError("x", status=503, heals=True), ApiError("x", heals=True))

    assert ride_out(call, repeatable=True) == "answer"
    assert call.calls == 3


def test_what_stays_is_raised_at_once() -> None:
    fault = ApiError("x", status=403)
    call = Faulty(fault)

    with pytest.raises(ApiError) as raised:
        ride_out(call, repeatable=True)

    assert raised.value is fault
    assert call.calls == 1


def test_a_write_is_not_repeated_when_it_may_have_happened() -> None:
    call = Faulty(ApiError("x", status=503, heals=True))

    with pytest.raises(ApiError):
        ride_out(call, repeatable=False)

    assert call.calls == 1


def test_a_write_that_was_turned_away_unread_is_repeated() -> None:
    call = Faulty(ApiError("x", status=429, heals=True))

    assert ride_out(call, repeatable=False) == "answer"


def test_a_wait_beyond_the_budget_is_not_begun() -> None:
    fault = ApiError("x", status=429, heals=True, retry_after=60)
    call = Faulty(fault)

    with pytest.raises(ApiError) as raised:
        ride_out(call, repeatable=True, budget_s=5)

    assert raised.value is fault
    assert call.calls == 1


def test_a_bug_of_ours_is_not_repeated() -> None:
    call = Faulty(KeyError("x"))

    with pytest.raises(KeyError):
        ride_out(call, repeatable=True)

    assert call.calls == 1
