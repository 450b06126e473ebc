"""The environment of each pod as it is shown, and where replicas of one workload disagree."""

from __future__ import annotations

from dataclasses import dataclass

from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.variable import VariableLine
from seedcore_deploy.model.verdict import ExitCode


@dataclass(frozen=True, slots=True)
class PodEnvironment:
    """One pod's variables. Not `looked_into`: they are what a new container would get.

    `serving` is False for a pod that is ending, has finished, or is another RayCluster's; `note`
    says so, or why something in the pod could not be read, with its `mend`. `differing` names the
    variables that another replica has otherwise.
    """

    pod: str
    role: Role
    workload: str
    ready: bool
    serving: bool
    looked_into: bool
    note: str = ""
    mend: str = ""
    variables: tuple[VariableLine, ...] = ()
    differing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Difference:
    """A variable that replicas of one workload have otherwise: (displayed value, its pods)."""

    workload: str
    variable: str
    values: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Environments:
    """The pods in the snapshot's order; `named` where one was asked for by its name."""

    pods: tuple[PodEnvironment, ...]
    differences: tuple[Difference, ...] = ()
    named: bool = False

    @property
    def exit_code(self) -> ExitCode:
        """3 when a pod could not be looked into that serves or was asked for."""
        unread = any(not pod.looked_into and (pod.serving or self.named) for pod in self.pods)
        return ExitCode.INCONCLUSIVE if unread else ExitCode.PROVEN
