"""A process that has not connected yet, and a fake Ray for it."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from seedcore.utils import ray_config
from tests.unit.seedcore_utils.fake_ray import FakeRay

ADDRESS = "ray://seedcore-head-svc:10001"
Install = Callable[..., FakeRay]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """A process with the client's settings that has not connected yet, and a fake Ray."""
    for name in [name for name in os.environ if name.startswith(("RAY_", "KUBERAY_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RAY_ENABLE_AUTO_CONNECT", "")  # the library sets it, so that the test's
    monkeypatch.delenv("RAY_ENABLE_AUTO_CONNECT")  # end must take it away again
    monkeypatch.setenv("RAY_ADDRESS", ADDRESS)
    monkeypatch.setenv("RAY_NAMESPACE", "seedcore-dev")
    monkeypatch.setattr(ray_config, "RETRY_PAUSE_S", 0.01)
    for name in ("connection", "check", "pending"):
        monkeypatch.setattr(ray_config._State, name, None)
    monkeypatch.setattr(ray_config._State, "forked", False)

    def make(*script: Callable[[], object]) -> FakeRay:
        fake = FakeRay(*script)
        fake.install(monkeypatch)
        return fake

    return make
