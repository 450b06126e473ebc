"""What to do about a proof that failed: that depends on who else reaches the head."""

import pytest

from seedcore_deploy.judge.verdict import judge
from tests.support import snapshots as s

REASONS = ("timeout", "refused", "dns", "wrong-port")


@pytest.mark.parametrize("reason", REASONS)
def test_head_that_another_client_reaches_is_not_to_be_replaced(reason: str) -> None:
    snapshot = s.with_pod(s.healthy(), s.API, probe=s.failed(reason))

    (finding,) = judge(snapshot).findings

    assert (finding.rule, str(finding.subject)) == ("SC401", f"pod/{s.API}")
    assert finding.fix.commands == ()
    assert f"pod/{s.SERVE} does" in finding.fix.text
    assert "networkpolicies" in finding.fix.text


def test_head_that_no_client_reaches_is_replaced() -> None:
    snapshot = s.healthy()
    for name in (s.API, s.SERVE):
        snapshot = s.with_pod(snapshot, name, probe=s.failed("timeout"))

    (finding,) = judge(snapshot).findings

    assert any(f"delete pod {s.HEAD}" in each for each in finding.fix.commands)


@pytest.mark.parametrize("reason", REASONS)
def test_address_of_a_secret_is_not_taken_for_the_heads(reason: str) -> None:
    """It may lead anywhere: that others reach the head, or none does, says nothing about it."""
    snapshot = s.with_pod(s.healthy(), s.API, probe=s.failed(reason, address=""))
    both = s.with_pod(snapshot, s.SERVE, probe=s.failed(reason, address=""))

    for each in (snapshot, both):
        for finding in judge(each).findings:
            assert (finding.rule, finding.subject.kind) == ("SC401", "Pod")
            assert "comes from a Secret" in finding.fix.text
            assert "Make it ray://seedcore-head-svc:10001 there" in finding.fix.text
            assert finding.fix.commands == ()
