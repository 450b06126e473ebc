"""One apply at a time in a namespace, and a Lease that never outlives its run for long."""

from __future__ import annotations

import json
import signal
import time

import pytest

from tests.e2e.conftest import STAGE_NAMESPACE
from tests.support.apiproxy import ApiProxy
from tests.support.cuts import REACHED_S, cut_at, is_lease, nth
from tests.support.light import Light, is_whole
from tests.support.tool import Bench, Ended

NAMESPACE = f"{STAGE_NAMESPACE}-lease"
LEASE_S = 30
REFUSED = "somebody@elsewhere (pid 1) is applying"
pytestmark = pytest.mark.usefixtures("calm")


@pytest.mark.parametrize(
    "after",
    [pytest.param(False, id="before", marks=pytest.mark.long), pytest.param(True, id="after")],
)
@pytest.mark.parametrize(
    "method",
    [pytest.param("POST", id="first"), pytest.param("PUT", id="later", marks=pytest.mark.long)],
)
def test_killed_while_it_takes_the_lease_a_repeated_apply_takes_it(
    cut: Light, through: tuple[Bench, ApiProxy], method: str, after: bool
) -> None:
    cut.applied()
    if method == "POST":
        cut.kubectl("delete", "lease", "seedcore-deploy")

    cut_at(
        through,
        cut,
        lambda request: is_lease(request) and request.method == method,
        signal.SIGKILL,
        after=after,
    )

    assert is_whole(cut.apply())


def test_run_after_a_killed_one_says_that_it_goes_on_from_there(
    cut: Light, through: tuple[Bench, ApiProxy]
) -> None:
    cut_at(through, cut, nth(2), signal.SIGKILL)

    again = cut.applied()

    assert "was cut short; going on from what is there" in again.err


def test_second_apply_says_who_is_at_work_and_until_when(
    cut: Light, through: tuple[Bench, ApiProxy]
) -> None:
    bench, proxy = through
    gate = proxy.hold(nth(2))
    with bench.started("seedcore-deploy", *cut.words) as first:
        assert gate.reached.wait(REACHED_S)

        second = cut.apply()

        gate.release()
        out, err = first.communicate(timeout=REACHED_S)
    assert second.code == 1, str(second)
    assert f"(pid {first.pid}) is applying to namespace {NAMESPACE}" in second.err
    assert "its Lease ends at 20" in second.err
    assert "mend: " in second.err
    assert "  applied:" not in second.err
    assert is_whole(Ended(first.returncode, out, err)), err


def test_run_whose_lease_was_taken_over_writes_nothing_more(
    cut: Light, through: tuple[Bench, ApiProxy]
) -> None:
    bench, proxy = through
    gate = proxy.hold(nth(1), after=True)
    with bench.started("seedcore-deploy", *cut.words) as first:
        assert gate.reached.wait(REACHED_S)
        other = {"spec": {"holderIdentity": "somebody@elsewhere/1/x/y"}}
        cut.kubectl("patch", "lease", "seedcore-deploy", "--type=merge", "-p", json.dumps(other))
        proxy.requests.clear()

        gate.release()
        _, err = first.communicate(timeout=REACHED_S)
    cut.kubectl("delete", "lease", "seedcore-deploy")

    assert first.returncode == 1, err
    assert "was taken over while it stood still: somebody@elsewhere (pid 1) has it" in err
    assert proxy.mutating == []


@pytest.mark.long
def test_lease_of_a_run_that_died_elsewhere_ends_by_itself(cut: Light) -> None:
    cut.applied()
    now = cut.bench.run("date", "-u", "+%Y-%m-%dT%H:%M:%S.000000Z").out.strip()
    dead = {
        "holderIdentity": "somebody@elsewhere/1/x/y",
        "leaseDurationSeconds": LEASE_S,
        "acquireTime": now,
        "renewTime": now,
    }
    patch = json.dumps({"spec": dead})
    cut.kubectl("patch", "lease", "seedcore-deploy", "--type=merge", "-p", patch)

    first = later = cut.apply()
    ends = time.monotonic() + LEASE_S + REACHED_S
    while REFUSED in later.err and time.monotonic() < ends:
        later = cut.apply()

    assert first.code == 1, str(first)
    assert REFUSED in first.err
    assert is_whole(later), str(later)


@pytest.mark.parametrize("status", [403, pytest.param(404, marks=pytest.mark.long)])
def test_cluster_that_gives_no_lease_gets_a_warning(
    cut: Light, through: tuple[Bench, ApiProxy], status: int
) -> None:
    bench, proxy = through
    proxy.fault(is_lease, status=status)

    ended = cut.apply(bench=bench)

    assert is_whole(ended), str(ended)
    assert "warning: this cluster gives us no Lease" in ended.err


def test_dry_run_takes_no_lease_and_changes_nothing(
    cut: Light, through: tuple[Bench, ApiProxy]
) -> None:
    bench, proxy = through
    cut.applied()
    before = cut.lease()["renewTime"]

    ended = cut.apply("--dry-run=server", bench=bench)

    assert ended.code == 0, str(ended)
    assert proxy.mutating == []
    assert cut.lease()["renewTime"] == before
