"""What KubeRay makes of a changed RayService."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from seedcore_deploy.model.finding import Subject


class Upgrade(StrEnum):
    """What becomes of the RayCluster that runs."""

    NEW_CLUSTER = "new-cluster"
    """KubeRay makes another beside it, switches over once that serves, and deletes it."""
    IN_PLACE = "in-place"
    """Worker groups are added to it, and its own numbers of workers are written anew."""
    NOT_TAKEN_OVER = "not-taken-over"
    """Nothing: the strategy is None."""


@dataclass(frozen=True, slots=True)
class ServiceChange:
    """A changed `rayClusterConfig`; `paths` tell where, the longest known way to each place.

    `deleted_after_s` is how long after the switch KubeRay deletes the former RayCluster, None
    where that was not looked at.
    """

    rayservice: str
    upgrade: Upgrade
    paths: tuple[str, ...]
    deleted_after_s: int | None = None

    @property
    def subject(self) -> Subject:
        """The RayService as kubectl names it."""
        return Subject("RayService", self.rayservice)
