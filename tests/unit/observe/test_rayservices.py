"""A RayService's status."""

from __future__ import annotations

from seedcore_deploy.model.snapshot import RayServiceFacts
from seedcore_deploy.observe.rayservices import rayservice


def test_rayservice_in_the_middle_of_an_upgrade() -> None:
    document = {
        "metadata": {"name": "seedcore", "generation": 3},
        "spec": {"rayClusterDeletionDelaySeconds": 5},
        "status": {
            "conditions": [{"type": "UpgradeInProgress", "observedGeneration": 2}],
            "activeServiceStatus": {"rayClusterName": "seedcore-aaaaa"},
            "pendingServiceStatus": {"rayClusterName": "seedcore-bbbbb"},
        },
    }

    assert rayservice(document) == RayServiceFacts(
        "seedcore", 3, 2, "seedcore-aaaaa", "seedcore-bbbbb", deleted_after_s=5
    )


def test_rayservice_that_nothing_serves_yet() -> None:
    assert rayservice({"metadata": {"name": "seedcore"}}) == RayServiceFacts("seedcore")
