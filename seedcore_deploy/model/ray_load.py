"""What runs on a Ray cluster now, and is lost or cut short when its head is replaced."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunningJob:
    """A job that is not over: its submission id (else the driver's job id), and where it is."""

    name: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class DetachedActor:
    """A detached actor that is alive, by name and Ray namespace."""

    name: str
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class ServeApplication:
    """A Serve application that is deployed, with the status that Serve gives it.

    `own`: a pod of the overlay is there that deploys it anew on a new head, or KubeRay does, for
    the overlay's RayService.
    """

    name: str
    status: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class RayLoad:
    """Everything that a new head would not have. Ray Client sessions are not counted here.

    Of `applications`, those of others would be lost; the overlay's own come back by themselves.
    """

    jobs: tuple[RunningJob, ...] = ()
    actors: tuple[DetachedActor, ...] = ()
    applications: tuple[ServeApplication, ...] = ()

    @property
    def others_applications(self) -> tuple[ServeApplication, ...]:
        """The Serve applications that nothing of the overlay deploys."""
        return tuple(each for each in self.applications if not each.own)

    @property
    def idle(self) -> bool:
        """Whether nothing would be lost: the overlay's own Serve applications are no loss."""
        return not (self.jobs or self.actors or self.others_applications)
