"""Waking up when something changed. The state itself is always read afresh by lists."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from seedcore_deploy.kube.client import Connection
from seedcore_deploy.kube.errors import ApiError

_SERVER_ENDS_AFTER_S = 60
_SILENCE_S = 75.0
"""A watch that is silent past its own end has lost its connection without a word."""
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 5.0


class Waker:
    """Watches list paths in background threads and tells when anything under them changed.

    Survives expired resource versions, dropped connections and restarts of the API server; after
    each of them it wakes once, since something may have been missed. It never raises for them:
    the fresh list that follows a wake-up will.
    """

    def __init__(self, connection: Connection, paths: Sequence[str]) -> None:
        self._changed = threading.Event()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(
                target=self._follow,
                args=(connection.copy(), path),
                name=f"watch {path}",
                daemon=True,
            )
            for path in paths
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # The threads sit in a read; they are daemons and end with the watch or the process.
        self._stop.set()

    def wait(self, timeout_s: float) -> bool:
        """True as soon as anything changed since the last wait; False after `timeout_s`."""
        changed = self._changed.wait(timeout_s)
        self._changed.clear()
        return changed

    def _follow(self, connection: Connection, path: str) -> None:
        version = ""
        pause = _FIRST_PAUSE_S
        while not self._stop.is_set():
            try:
                if not version:
                    version = _list_version(connection, path)
                    self._changed.set()
                version = self._watch(connection, path, version)
                pause = _FIRST_PAUSE_S
            except ApiError:
                version = ""
                self._stop.wait(pause + random.uniform(0, pause / 4))  # noqa: S311
                pause = min(pause * 2, _LONGEST_PAUSE_S)

    def _watch(self, connection: Connection, path: str, version: str) -> str:
        """The version to go on from. Raises ApiError when only a new list can tell."""
        query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": version,
            "timeoutSeconds": str(_SERVER_ENDS_AFTER_S),
        }
        for event in connection.lines(path, query, _SILENCE_S):
            if self._stop.is_set():
                break
            kind = event.get("type", "")
            if kind == "ERROR":
                raise ApiError("the watch was ended by the API server", reason="WatchEnded")
            if not kind:
                continue
            version = str(event["object"]["metadata"]["resourceVersion"])
            if kind != "BOOKMARK":
                self._changed.set()
        return version


def _list_version(connection: Connection, path: str) -> str:
    """The collection's version now; `limit` because only the version is wanted."""
    return str(connection.get(path, {"limit": "1"})["metadata"]["resourceVersion"])
