"""What a changed RayService costs."""

from __future__ import annotations

import pytest

from seedcore_deploy.judge.upgrades import costs, told
from seedcore_deploy.model.look import Look, NotSeen, Seen
from seedcore_deploy.model.ray_load import RayLoad, RunningJob, ServeApplication
from seedcore_deploy.model.upgrade import ServiceChange, Upgrade

PATHS = ("rayVersion",)
CHANGE = ServiceChange("seedcore", Upgrade.NEW_CLUSTER, PATHS, 60)
BUSY = Seen(RayLoad(jobs=(RunningJob("nightly", "RUNNING"),)))
OWN = Seen(RayLoad(applications=(ServeApplication("hello", own=True),)))


@pytest.mark.parametrize(
    ("load", "cost"),
    [
        (BUSY, "job nightly"),
        (NotSeen("exec was refused"), "exec was refused"),
        (Seen(RayLoad(applications=(ServeApplication("shop"),))), "Serve application shop"),
    ],
)
def test_what_runs_there_would_be_lost_with_the_former_raycluster(
    load: Look[RayLoad], cost: str
) -> None:
    assert cost in costs(CHANGE, load)


def test_idle_raycluster_and_its_own_applications_cost_nothing() -> None:
    assert costs(CHANGE, Seen(RayLoad())) == ""
    assert costs(CHANGE, OWN) == ""


@pytest.mark.parametrize("upgrade", [Upgrade.IN_PLACE, Upgrade.NOT_TAKEN_OVER])
def test_raycluster_that_stays_costs_nothing(upgrade: Upgrade) -> None:
    assert costs(ServiceChange("seedcore", upgrade, PATHS), BUSY) == ""


def test_new_raycluster_is_told_with_its_room_and_the_end_of_the_former() -> None:
    said = told(CHANGE)

    assert said.startswith("rayservice/seedcore changes, so KubeRay makes a new RayCluster")
    assert "both need room" in said
    assert said.endswith("deletes the former 60 s later")
    assert told(ServiceChange("seedcore", Upgrade.NEW_CLUSTER, PATHS)).endswith("former later")


def test_change_that_reaches_no_pod_is_told() -> None:
    assert "takes nothing of that over" in told(
        ServiceChange("seedcore", Upgrade.NOT_TAKEN_OVER, PATHS)
    )
    assert "adds them" in told(ServiceChange("seedcore", Upgrade.IN_PLACE, PATHS))
