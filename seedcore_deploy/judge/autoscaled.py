"""Which live numbers of pods an apply has to carry along, lest it undoes what an autoscaler did.

`kubectl apply` sets `replicas` to what the manifest says, whoever changed it meanwhile, and to 1
where the manifest no longer says it: it takes the field away, and the API server's default is 1.
"""

from __future__ import annotations

from seedcore_deploy.model.look import Look, NotSeen
from seedcore_deploy.model.replicas import Autoscaler, KeptReplicas, LiveReplicas

_DEFAULT = 1
"""What the API server fills in for a number that is left out (apps/v1)."""


def kept_replicas(
    overlay: int | None, found: LiveReplicas, autoscalers: Look[tuple[Autoscaler, ...]]
) -> KeptReplicas | None:
    """Three ways: overlay, last apply, live; None where the overlay's own number is to be sent.

    A number that no HorizontalPodAutoscaler looks after is the overlay's. One that the overlay
    leaves out is nobody's to reset. Where autoscalers could not be seen, the number counts as
    theirs: to leave one more pod than asked for ends nobody's work.
    """
    wanted = _DEFAULT if overlay is None else overlay
    if found.live == wanted or (overlay is None and found.sent is None):
        return None
    if overlay is not None and found.known and found.own != overlay:
        return None
    scaler = _scaler(found, autoscalers)
    if scaler is None:
        return None
    return KeptReplicas(found.workload, overlay, found.live, scaler, known=found.known)


def _scaler(found: LiveReplicas, autoscalers: Look[tuple[Autoscaler, ...]]) -> str | None:
    """The autoscaler's name; empty where it could not be seen, None where there is none.

    Source: Kubernetes' podautoscaler does nothing about a target that was scaled to zero, unless
    it may do that itself (minReplicas 0): such a zero is a person's.
    """
    if isinstance(autoscalers, NotSeen):
        return "" if found.live else None
    return next(
        (
            each.name
            for each in autoscalers.value
            if each.target == found.workload and (found.live or each.from_zero)
        ),
        None,
    )
