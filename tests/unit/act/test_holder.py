from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from seedcore_deploy.act.holder import holder_of, is_dead, own_identity


def lease(**spec: Any) -> dict[str, Any]:
    annotations = {"seedcore.dev/applies": "deploy/kustomize/overlays/dev"}
    return {"metadata": {"annotations": annotations}, "spec": spec}


def test_holder_is_told_with_its_overlay_and_until_when() -> None:
    holder = holder_of(
        lease(
            holderIdentity="ops@laptop/4711/abc/def",
            acquireTime="2026-11-25T22:00:00.000000Z",
            renewTime="2026-11-25T22:00:20.500000Z",
            leaseDurationSeconds=30,
        )
    )

    assert holder is not None
    assert str(holder) == "ops@laptop (pid 4711)"
    assert holder.overlay == "deploy/kustomize/overlays/dev"
    assert holder.since == "2026-11-25T22:00:00Z"
    assert holder.until == datetime(2026, 11, 25, 22, 0, 50, 500000, UTC)


def test_holder_of_another_tools_making_is_told_as_it_calls_itself() -> None:
    holder = holder_of(lease(holderIdentity="somebody", renewTime="2026-11-25T22:00:00Z"))

    assert str(holder) == "somebody"


@pytest.mark.parametrize("spec", [{}, {"holderIdentity": ""}, {"holderIdentity": None}])
def test_released_lease_has_no_holder(spec: dict[str, Any]) -> None:
    assert holder_of(lease(**spec)) is None
    assert holder_of({"metadata": {}}) is None


def test_two_runs_never_have_one_identity() -> None:
    assert own_identity() != own_identity()


def test_own_process_and_its_siblings_are_alive_until_they_end() -> None:
    who, _, space, token = own_identity().split("/")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as sibling:
        identity = "/".join((who, str(sibling.pid), space, token))
        alive = is_dead(identity)

    assert not is_dead(own_identity())
    assert not alive
    assert is_dead(identity)


@pytest.mark.parametrize("change", ["host", "space", "pid", "foreign"])
def test_process_whose_pid_means_nothing_here_is_never_taken_for_dead(change: str) -> None:
    who, _, space, token = own_identity().split("/")
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pid = str(ended.pid)
    identities = {
        "host": f"root@elsewhere/{pid}/{space}/{token}",
        "space": f"{who}/{pid}/00000000/{token}",
        "pid": f"{who}/{os.getppid()}/{space}/{token}",
        "foreign": "somebody",
    }

    assert not is_dead(identities[change])
