"""Which live worker numbers an apply has to carry along, lest it or KubeRay resets them.

A RayCluster is a custom resource: `kubectl apply` replaces its list of worker groups as a whole,
also what the manifest leaves out (measured). What the autoscaler or a person changed live stays,
unless the overlay's own number is another one than at the last apply.

A RayService's numbers reach a RayCluster when KubeRay makes it, or adds worker groups to it, and
never else: a new one without the live numbers would begin with fewer workers than its
predecessor had in the end. "The last apply" is then the one that the RayCluster has its numbers
of (KubeRay copies the RayService's annotations onto it): a later one did not reach it, so that
nobody changed them since.
"""

from __future__ import annotations

from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.live import (
    GroupNumbers,
    KeptNumber,
    LiveWorkers,
    Number,
    WaitingNumber,
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
        if (kept := _kept(overlay.owner, own, live, workers.applied, number)) is not None
    )


def _kept(
    owner: Subject,
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
    return KeptNumber(owner, own.group, number, says, now, known=applied is not None)


def waiting_numbers(overlay: WorkerNumbers, workers: LiveWorkers) -> tuple[WaitingNumber, ...]:
    """The overlay's numbers of a RayService that its RayCluster gets from no apply.

    Nothing of numbers that are kept, for those it has, nor of a RayCluster that people write.
    """
    if not workers.running:
        return ()
    kept = {(each.group, each.number) for each in kept_numbers(overlay, workers)}
    return tuple(
        WaitingNumber(overlay.owner, workers.running, index, own.group, number, says, now)
        for own in overlay.groups
        for index, live in enumerate(workers.live.groups)
        if live.group == own.group
        for number in Number
        if (own.group, number) not in kept
        and (says := own.numbers.get(number, _DEFAULTS[number]))
        != (now := live.numbers.get(number, _DEFAULTS[number]))
    )
