from __future__ import annotations

from collections.abc import Mapping

import pytest

from seedcore_deploy.judge.worker_numbers import kept_numbers
from seedcore_deploy.model.live import GroupNumbers, KeptNumber, LiveWorkers, Number, WorkerNumbers

R, MIN, MAX = Number.REPLICAS, Number.MIN, Number.MAX
DEFAULTS = {R: 0, MIN: 0, MAX: 2147483647}


def workers(numbers: Mapping[Number, int], group: str = "w") -> WorkerNumbers:
    return WorkerNumbers("seedcore", (GroupNumbers(group, numbers),))


def kept(
    overlay: Mapping[Number, int],
    applied: Mapping[Number, int] | None,
    live: Mapping[Number, int],
) -> dict[Number, int]:
    before = None if applied is None else workers(applied)
    found = kept_numbers(workers(overlay), LiveWorkers(workers({**DEFAULTS, **live}), before))
    return {each.number: each.live for each in found}


@pytest.mark.parametrize(
    ("overlay", "applied", "live", "stays"),
    [
        ({R: 1}, {R: 1}, {R: 3}, {R: 3}),
        ({}, {}, {R: 3}, {R: 3}),
        ({R: 1, MIN: 1, MAX: 4}, {R: 1, MIN: 1, MAX: 4}, {R: 6, MIN: 1, MAX: 8}, {R: 6, MAX: 8}),
        ({R: 1, MIN: 1}, {R: 1, MIN: 1}, {R: 1, MIN: 0}, {MIN: 0}),
        ({R: 1}, {R: 1}, {R: 0}, {R: 0}),
    ],
)
def test_number_that_was_changed_live_stays(
    overlay: Mapping[Number, int],
    applied: Mapping[Number, int],
    live: Mapping[Number, int],
    stays: Mapping[Number, int],
) -> None:
    assert kept(overlay, applied, live) == stays


@pytest.mark.parametrize(
    ("overlay", "applied", "live"),
    [
        ({R: 2}, {R: 1}, {R: 3}),
        ({}, {R: 1}, {R: 3}),
        ({R: 2}, {}, {R: 3}),
    ],
)
def test_overlay_whose_own_number_changed_wins(
    overlay: Mapping[Number, int], applied: Mapping[Number, int], live: Mapping[Number, int]
) -> None:
    assert kept(overlay, applied, live) == {}


@pytest.mark.parametrize(
    ("overlay", "live"),
    [({R: 1}, {R: 1}), ({}, {}), ({R: 1, MIN: 1, MAX: 4}, {R: 1, MIN: 1, MAX: 4})],
)
def test_nothing_is_kept_where_live_is_what_the_overlay_says(
    overlay: Mapping[Number, int], live: Mapping[Number, int]
) -> None:
    assert kept(overlay, overlay, live) == {}
    assert kept(overlay, None, live) == {}


def test_number_stays_and_is_told_apart_where_no_earlier_apply_is_known() -> None:
    live = LiveWorkers(workers({**DEFAULTS, R: 3}), None)

    assert kept_numbers(workers({R: 1}), live) == (
        KeptNumber("seedcore", "w", R, 1, 3, known=False),
    )
    assert "no earlier apply is known" in str(kept_numbers(workers({R: 1}), live)[0])


def test_group_that_the_overlay_has_only_now_is_the_overlays() -> None:
    live = LiveWorkers(workers({**DEFAULTS, R: 3}), workers({R: 1}, group="other"))

    assert kept_numbers(workers({R: 1}), live) == ()


def test_group_that_is_not_there_yet_has_nothing_to_keep() -> None:
    live = LiveWorkers(workers({**DEFAULTS, R: 3}, group="other"), workers({R: 1}))

    assert kept_numbers(workers({R: 1}), live) == ()


def test_kept_number_says_both_numbers() -> None:
    (found,) = kept_numbers(
        workers({R: 1}), LiveWorkers(workers({**DEFAULTS, R: 3}), workers({R: 1}))
    )

    assert str(found) == (
        "raycluster/seedcore group w: replicas stays 3 (changed on the cluster; the overlay says 1)"
    )
