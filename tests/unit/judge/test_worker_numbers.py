from __future__ import annotations

from collections.abc import Mapping

import pytest

from seedcore_deploy.judge.worker_numbers import kept_numbers, waiting_numbers
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.live import GroupNumbers, KeptNumber, LiveWorkers, Number, WorkerNumbers

SEEDCORE = Subject("RayCluster", "seedcore")
SERVICE = Subject("RayService", "seedcore")
R, MIN, MAX = Number.REPLICAS, Number.MIN, Number.MAX
DEFAULTS = {R: 0, MIN: 0, MAX: 2147483647}


def workers(
    numbers: Mapping[Number, int], group: str = "w", owner: Subject = SEEDCORE
) -> WorkerNumbers:
    return WorkerNumbers(owner, (GroupNumbers(group, numbers),))


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

    assert kept_numbers(workers({R: 1}), live) == (KeptNumber(SEEDCORE, "w", R, 1, 3, known=False),)
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


def of_the_service(
    live: Mapping[Number, int], given: Mapping[Number, int], running: str = "seedcore-abcde"
) -> LiveWorkers:
    """Numbers of the RayCluster that a RayService has, and of the apply that it has them of."""
    there = workers({**DEFAULTS, **live}, owner=SERVICE)
    return LiveWorkers(there, workers(given, owner=SERVICE), running)


def serving(numbers: Mapping[Number, int]) -> WorkerNumbers:
    """The overlay's numbers of the RayService."""
    return workers(numbers, owner=SERVICE)


def test_number_of_a_rayservice_waits_for_the_next_raycluster() -> None:
    found = of_the_service({R: 1}, given={R: 1})

    (waiting,) = waiting_numbers(serving({R: 4}), found)

    assert kept_numbers(serving({R: 4}), found) == ()
    assert str(waiting) == (
        "rayservice/seedcore group w: replicas 4 is for the next RayCluster that KubeRay makes; "
        "raycluster/seedcore-abcde has 1"
    )
    assert waiting.operation == {
        "op": "add",
        "path": "/spec/workerGroupSpecs/0/replicas",
        "value": 4,
    }


def test_number_that_is_kept_waits_for_nothing() -> None:
    found = of_the_service({R: 5}, given={R: 1})

    assert [each.live for each in kept_numbers(serving({R: 1}), found)] == [5]
    assert waiting_numbers(serving({R: 1}), found) == ()


def test_number_of_a_raycluster_that_people_write_waits_for_nothing() -> None:
    found = of_the_service({R: 1}, given={R: 1}, running="")

    assert waiting_numbers(serving({R: 4}), found) == ()
