"""Pods that run with settings older than what they would get now."""

from __future__ import annotations

from seedcore_deploy.judge.carriers import ROLLING_KINDS
from seedcore_deploy.judge.facts import PodView, gather
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.variable import LayerVerdict


def stale_variables(view: PodView) -> tuple[str, ...]:
    """The variables that the container was started with and would get differently now."""
    return tuple(
        name
        for name, variable in view.variables.items()
        if variable.verdict is LayerVerdict.STALE
        or (variable.verdict is LayerVerdict.NOT_APPLIED and variable.is_stale_against_cluster())
    )


def stale_client_workloads(snapshot: Snapshot) -> tuple[Subject, ...]:
    """The client workloads with a stale pod, each once, in the order of their pods.

    Needs what was read inside the pods; a pod that could not be read is not called stale.
    """
    found = (
        view.owner
        for view in gather(snapshot).pods
        if view.pod.role is Role.CLIENT
        and view.owner.kind in ROLLING_KINDS
        and stale_variables(view)
    )
    return tuple(dict.fromkeys(found))
