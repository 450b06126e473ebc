"""Just enough of the module ``ray`` to connect, to hang, to fail and to die."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest


class ClientContext:
    """What ray.init() returns for ray:// addresses."""


class RayContext:
    """What ray.init() returns for everything else."""


class FakeRay:
    """One cluster, and one process's connection to it. *script* acts at each ray.init()."""

    def __init__(self, *script: Callable[[], object]) -> None:
        self.script = list(script)
        self.inits: list[dict[str, Any]] = []
        self.shutdowns = 0
        self.alive = True
        self.answers: Callable[[], object] = lambda: None
        self.context: type[ClientContext | RayContext] = ClientContext
        self.client: SimpleNamespace | None = None
        self.namespace = ""

    def init(self, **options: Any) -> object:
        self.inits.append(options)
        if self.script:
            self.script.pop(0)()
        address = options["address"].removeprefix("ray://")
        self.client = SimpleNamespace(_conn_str=address, is_connected=lambda: self.alive)
        self.namespace = options["namespace"]
        return self.context()

    def shutdown(self) -> None:
        self.shutdowns += 1
        self.client = None

    def nodes(self) -> list[dict[str, Any]]:
        self.answers()
        return [{"NodeID": "n1", "Alive": True, "Resources": {"node:__internal_head__": 1.0}}]

    def remote(self, _: object) -> SimpleNamespace:
        task = SimpleNamespace(remote=lambda: None)
        return SimpleNamespace(options=lambda **_: task)

    def get(self, _: object, timeout: float) -> str:
        assert timeout > 0
        self.answers()
        return "n1"

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put this in the place of ``ray`` for the rest of the test."""
        runtime = SimpleNamespace(get_session_name=lambda: "session_1")
        ray = ModuleType("ray")
        client = ModuleType("ray.util.client")
        client.__dict__["ray"] = SimpleNamespace(
            get_context=lambda: SimpleNamespace(client_worker=self.client), nodes=self.nodes
        )
        ray.__dict__.update(
            init=self.init,
            shutdown=self.shutdown,
            nodes=self.nodes,
            remote=self.remote,
            get=self.get,
            is_initialized=lambda: self.client is not None,
            get_runtime_context=lambda: SimpleNamespace(namespace=self.namespace, **vars(runtime)),
            util=SimpleNamespace(client=client),
        )
        monkeypatch.setitem(sys.modules, "ray", ray)
        monkeypatch.setitem(sys.modules, "ray.util", ModuleType("ray.util"))
        monkeypatch.setitem(sys.modules, "ray.util.client", client)
        monkeypatch.setitem(
            sys.modules, "ray.util.client.worker", ModuleType("ray.util.client.worker")
        )


def fails(error: Exception) -> Callable[[], object]:
    """A step that raises *error*."""

    def step() -> object:
        raise error

    return step


class Hang:
    """A step that waits until it is released."""

    def __init__(self) -> None:
        self.release = threading.Event()

    def __call__(self) -> object:
        return self.release.wait(10)
