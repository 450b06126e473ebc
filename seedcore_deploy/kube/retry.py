"""Riding out what heals by itself, and never hiding what stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_before_delay
from tenacity.wait import wait_exponential_jitter

from seedcore_deploy.kube.errors import ApiError

T = TypeVar("T")

BUDGET_S = 15.0
"""How long one request may be repeated; beyond it a fault counts as one that stays."""

_backoff = wait_exponential_jitter(multiplier=0.2, max=3.0, jitter=0.3)


def ride_out(call: Callable[[], T], *, repeatable: bool, budget_s: float = BUDGET_S) -> T:
    """The call's result, repeated while it fails with something that heals.

    `repeatable` False (writes): only a 429, which tells that nothing was done, is repeated.
    Raises the last error of the call, unchanged, when the next wait would exceed `budget_s`.
    """

    def worth_repeating(fault: BaseException) -> bool:
        return isinstance(fault, ApiError) and fault.heals and (repeatable or fault.status == 429)

    attempts = Retrying(
        retry=retry_if_exception(worth_repeating),
        wait=_wait,
        stop=stop_before_delay(budget_s),
        reraise=True,
    )
    return attempts(call)


def _wait(state: RetryCallState) -> float:
    """Seconds until the next attempt: exponential, and never sooner than the server asks."""
    fault = state.outcome.exception() if state.outcome else None
    asked = fault.retry_after if isinstance(fault, ApiError) else None
    return max(_backoff(state), asked or 0.0)
