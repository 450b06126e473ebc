"""Foreseeing that a wait is in vain: the dooms since the wait began, and how they are told."""

from __future__ import annotations

from collections.abc import Sequence

from seedcore_deploy.act.patience import Foreseen
from seedcore_deploy.commands.target import Aim
from seedcore_deploy.judge.doom import Doom, dooms
from seedcore_deploy.kube.client import Connection
from seedcore_deploy.kube.errors import ApiError
from seedcore_deploy.kubectl import Kubectl
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.observe.post_mortem import doom_report


class Dooms:
    """The dooms of one wait, which begins as soon as this is made: right after the last write."""

    def __init__(self, aim: Aim, kubectl: Kubectl) -> None:
        self._aim = aim
        self._kubectl = kubectl
        self._begun = _server_time(aim.connection)

    def dooms(self, look: Snapshot) -> tuple[Doom, ...]:
        """What is doomed, or is about to be."""
        self._begun = self._begun or look.taken_at
        return dooms(look, self._begun)

    def told(self, dooms: Sequence[Foreseen], look: Snapshot) -> str:
        """Why, with last words and mends."""
        namespace = self._aim.target.namespace
        return doom_report(self._aim.connection, self._kubectl.logs, namespace, dooms, look)


def _server_time(connection: Connection) -> str:
    """The API server's clock; empty where it does not answer now: then the first look's counts."""
    try:
        connection.get("/version")
    except ApiError:
        return ""
    return connection.server_time
