"""Pods that run with older settings than they would get now, and those of them that were left."""

from __future__ import annotations

from dataclasses import dataclass

from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.snapshot import PodFacts


@dataclass(frozen=True, slots=True)
class StalePod:
    """A pod that would be made or started otherwise now, and in what.

    `template` are the parts of its template that differ, `variables` those that its container was
    started with and would get otherwise now, each with its origin, and `settings` the objects that
    were changed since a container that does not run was last started: what that one had, nobody
    can read. None of them: the pod is replaced because that was asked for.
    """

    pod: PodFacts
    owner: Subject
    template: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()

    @property
    def outlasts(self) -> bool:
        """Whether a start of its container in place would leave it stale, or does not come soon."""
        return bool(self.template or self.settings)

    @property
    def cause(self) -> str:
        """In what it is older, for a person."""
        parts = []
        if self.template:
            parts.append(f"its template has changed: {', '.join(self.template)}")
        if self.variables:
            parts.append(f"it runs with an older {', '.join(self.variables)}")
        if self.settings:
            parts.append(f"it has not been started since {', '.join(self.settings)} was changed")
        return "; ".join(parts) or "--restart=all asks for it"


@dataclass(frozen=True, slots=True)
class LeftPod:
    """A stale pod that was not replaced: why, and what a person can do about it.

    `option` is the option of `apply` that would have it replaced; empty where none would.
    """

    stale: StalePod
    why: str
    mend: str
    option: str = ""
