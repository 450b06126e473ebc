"""What the shell script of before checked, and why it proves nothing."""

from __future__ import annotations

import pytest

from tests.support.stage import CONTAINER, READY_S, Stage


@pytest.mark.long  # 2 minutes, for what the check of before does; verify has its rows in the matrix
def test_old_check_passes_where_the_client_settings_are_missing(stage: Stage) -> None:
    reference = {"configMapRef": {"name": "seedcore-client-env", "optional": True}}
    stage.delete("configmap", "seedcore-client-env")
    stage.patch(
        "deployment/seedcore-api",
        {"op": "replace", "path": f"{CONTAINER}/envFrom/1", "value": reference},
        # Room for the private Ray that the next lines start.
        {"op": "replace", "path": f"{CONTAINER}/resources/limits/memory", "value": "4Gi"},
    )
    stage.kubectl("rollout", "status", "deployment/seedcore-api", READY_S)

    # What the old script ran passes: it starts a Ray of its own inside the API's pod. (HOME is
    # where our images cannot write; Ray wants to keep a token there, and most images let it.)
    old_check = "import ray; ray.init(); print('Ray connection successful', ray.nodes())"
    in_api = ("env", "HOME=/tmp", "python", "-c", old_check)
    assert "Ray connection successful" in stage.in_pod("deploy/seedcore-api", *in_api)

    stage.apply()
