"""Ends an apply by a signal at a request that the test chooses."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable

from tests.support.apiproxy import ApiProxy, Request
from tests.support.light import Light
from tests.support.tool import Bench, Ended

REACHED_S = 120.0


def nth(number: int) -> Callable[[Request], bool]:
    """Picks a mutating request; those on the Lease do not count: its renewals depend on time."""
    seen = 0

    def picks(request: Request) -> bool:
        nonlocal seen
        if not request.mutates or is_lease(request):
            return False
        seen += 1
        return seen == number

    return picks


def is_lease(request: Request) -> bool:
    return "/leases" in request.path


def changes(what: str) -> Callable[[Request], bool]:
    return lambda request: request.mutates and f"/{what}" in request.resource


def cut_at(
    through: tuple[Bench, ApiProxy],
    cut: Light,
    picks: Callable[[Request], bool],
    how: signal.Signals,
    *,
    after: bool = False,
) -> Ended:
    """Start an apply, end it by a signal while the request is held, and drop that then."""
    bench, proxy = through
    gate = proxy.hold(picks, after=after)
    with bench.started("seedcore-deploy", *cut.words) as program:
        assert gate.reached.wait(REACHED_S), "the request never came"
        program.send_signal(how)
        try:
            out, err = program.communicate(timeout=REACHED_S)
        except subprocess.TimeoutExpired:
            raise AssertionError("it did not end on the signal") from None
        finally:
            gate.drop()
    return Ended(program.returncode, out, err)
