"""Foreseeing that a wait is in vain: the dooms since the wait began, and how they are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from seedcore_deploy.act.patience import Foreseen
from seedcore_deploy.commands.target import Aim
from seedcore_deploy.judge.doom import Doom, Wait, dooms
from seedcore_deploy.judge.next_cluster import of_next_cluster
from seedcore_deploy.kube.client import Connection
from seedcore_deploy.kube.errors import ApiError
from seedcore_deploy.kubectl import Kubectl
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.observe.post_mortem import doom_report


class Dooms:
    """The dooms of a run's waiting, which begins as soon as this is made: right after the apply."""

    def __init__(self, aim: Aim, kubectl: Kubectl) -> None:
        self._aim = aim
        self._kubectl = kubectl
        # The last answer before this was before the first write: kubectl makes its own requests.
        applied = aim.connection.server_time
        self._wait = Wait(_server_time(aim.connection), applied)

    def begin_anew(self) -> None:
        """Note that something was written a moment ago: what was met before may be mended."""
        self._wait = replace(self._wait, begun=_server_time(self._aim.connection))

    def dooms(self, look: Snapshot) -> tuple[Doom, ...]:
        """What is doomed, or is about to be."""
        if not self._wait.begun:
            self._wait = replace(self._wait, begun=look.taken_at)
        return dooms(look, self._wait)

    def told(self, dooms: Sequence[Foreseen], look: Snapshot) -> str:
        """Why, with last words and mends."""
        namespace = self._aim.target.namespace
        return doom_report(self._aim.connection, self._kubectl.logs, namespace, dooms, look)


@dataclass(frozen=True, slots=True)
class NextCluster:
    """The dooms of the RayCluster that a RayService is to switch over to: nothing else counts then.

    The mistakes of the one that still serves, and of its clients, the switch may well mend.
    """

    of: Dooms

    def dooms(self, look: Snapshot) -> tuple[Doom, ...]:
        """What is doomed of it, or is about to be."""
        following = of_next_cluster(look)
        return () if following is None else self.of.dooms(following)

    def told(self, dooms: Sequence[Foreseen], look: Snapshot) -> str:
        """Why, with last words and mends."""
        return self.of.told(dooms, look)


def _server_time(connection: Connection) -> str:
    """The API server's clock; empty where it does not answer now: then the first look's counts."""
    try:
        connection.get("/version")
    except ApiError:
        return ""
    return connection.server_time
