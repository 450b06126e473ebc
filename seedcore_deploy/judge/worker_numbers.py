"""Which live worker numbers an apply has to carry along, lest it resets them.

A RayCluster is a custom resource: `kubectl apply` replaces its list of worker groups as a whole,
also what the manifest leaves out (measured). What the autoscaler or a person changed live stays,
unless the overlay's own number is another one than at the last apply.
"""

from __future__ import annotations

from seedcore_deploy.model.live import (
    GroupNumbers,
    KeptNumber,
    LiveWorkers,
    Number,
    WorkerNumbers,
)

_DEFAULTS = {Number.REPLICAS: 0, Number.MIN: 0, Number.MAX: 2147483647}
"""What the API server fills in for a number that is left out (CRD of KubeRay 1.6.1)."""


def kept_numbers(overlay: WorkerNumbers, workers: LiveWorkers) -> tuple[KeptNumber, ...]:
    """Three ways: overlay, last apply, live. Says nothing of groups that are only in one of them.

    A group that the last apply did not have is the overlay's news, so the overlay's numbers win.
    """
    return tuple(
        kept
        for own in overlay.groups
        if (live := workers.live.group(own.group)) is not None
        for number in Number
        if (kept := _kept(overlay.raycluster, own, live, workers.applied, number)) is not None
    )


def _kept(
    raycluster: str,
    own: GroupNumbers,
    live: GroupNumbers,
    applied: WorkerNumbers | None,
    number: Number,
) -> KeptNumber | None:
    says = own.numbers.get(number)
    now = live.numbers.get(number, _DEFAULTS[number])
    if now == (_DEFAULTS[number] if says is None else says):
        return None
    if applied is not None:
        before = applied.group(own.group)
        if before is None or before.numbers.get(number) != says:
            return None
    return KeptNumber(raycluster, own.group, number, says, now, known=applied is not None)
