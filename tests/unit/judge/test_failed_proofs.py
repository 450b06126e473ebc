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
