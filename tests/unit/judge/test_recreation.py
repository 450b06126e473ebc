from __future__ import annotations

import pytest

from seedcore_deploy.judge.recreation import recreated
from seedcore_deploy.model.live import SpecChange

CHANGE = SpecChange("seedcore", recreates=True, paths=("rayVersion",), head_ready=True)


def test_ready_head_that_would_be_deleted_is_told() -> None:
    assert recreated([CHANGE]) == (CHANGE,)


@pytest.mark.parametrize(
    "change",
    [
        SpecChange("seedcore", recreates=False, paths=("rayVersion",), head_ready=True),
        SpecChange("seedcore", recreates=True, paths=(), head_ready=True),
        SpecChange("seedcore", recreates=True, paths=("rayVersion",), head_ready=False),
    ],
)
def test_no_strategy_no_change_or_no_ready_head_needs_no_permission(change: SpecChange) -> None:
    assert recreated([change]) == ()
