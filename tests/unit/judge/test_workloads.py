"""Pods that are missing or do not come up: what is said, and what mends it."""

from __future__ import annotations

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.finding import Finding
from seedcore_deploy.model.snapshot import Snapshot
from tests.support import snapshots as s
from tests.support.faults import not_ready
from tests.support.snapshots import API


def finding(snapshot: Snapshot) -> Finding:
    (found,) = judge(snapshot).findings
    return found


def with_another_command(snapshot: Snapshot) -> Snapshot:
    return s.with_client_container(snapshot, "api", command=("uvicorn", "nowhere:app"))


def test_crash_of_what_differs_from_the_overlay_is_mended_by_applying_it() -> None:
    found = finding(with_another_command(not_ready()))

    apply, status = found.fix.commands
    assert apply.endswith(f"apply -k {s.OVERLAY}")
    assert "rollout status deployment/seedcore-api" in status
    assert "command" in found.because
    assert "by hand" in found.because


def test_crash_of_what_the_overlay_has_as_well_needs_a_change_there() -> None:
    found = finding(not_ready())

    assert "in the overlay" in found.fix.text
    assert "restart" in found.fix.commands[-2]


def test_crash_without_a_known_overlay_says_where_to_read_why() -> None:
    found = finding(s.without_manifests(not_ready()))

    assert f"kubectl logs {API}" in found.fix.text
