"""Pods that no node takes: until when somebody may still make room for them."""

from __future__ import annotations

import re

from seedcore_deploy.judge.threat import Around, Threat
from seedcore_deploy.judge.times import age, later
from seedcore_deploy.model.snapshot import PodFacts

UNPLACED_S = 30.0
"""An autoscaler looks about every ten seconds (cluster-autoscaler's --scan-interval)."""
CROWDED_S = 60.0
"""Room may come by itself: other pods end, a node becomes ready, a volume is made."""
DECLINED_S = 15.0
"""Once an autoscaler has said that it will not help."""
SCALING_S = 1200.0
"""A new node may take this long (cluster-autoscaler's --max-node-provision-time is 15 min)."""

_SCALES = ("TriggeredScaleUp", "Nominated")
_LASTING = re.compile(
    r"\d+ node\(s\) (?:didn't match Pod's node affinity/selector"
    r"|had untolerated taint \{(?!node\.(?:kubernetes|cloudprovider)\.)[^}]*\})"
)
_COUNT = re.compile(r"^\d+/\d+ nodes? (?:is|are) available: *")


def unschedulable_threat(pod: PodFacts, around: Around) -> Threat | None:
    """The threat of a pod without a node; None while somebody is making room for it."""
    placement = pod.placement
    if not placement.refused or placement.nominated or around.leaving or _scales(pod, around):
        return None
    patience = UNPLACED_S if _is_lasting(placement.refused) else CROWDED_S
    if _declined(pod, around):
        patience = DECLINED_S
    return Threat(
        f"Unschedulable: {placement.refused}",
        "mend its nodeSelector, tolerations or requests, or give the cluster a node that fits",
        placement.refused_since,
        patience,
    )


def _is_lasting(said: str) -> bool:
    """Whether every reason in the scheduler's words is one that only a change removes."""
    # What follows the first full stop tells of preemption.
    reasons = _COUNT.sub("", said).split(". ", maxsplit=1)[0]
    return bool(reasons) and not _LASTING.sub("", reasons).strip(" ,.")


def _scales(pod: PodFacts, around: Around) -> bool:
    """Whether an autoscaler is at work for the pod, and has not said otherwise since."""
    acted = _last(pod, around, *_SCALES)
    recent = age(around.now, acted)
    if recent is None or recent > SCALING_S:
        return False
    declined = _last(pod, around, "NotTriggerScaleUp")
    return not declined or later(acted, declined)


def _declined(pod: PodFacts, around: Around) -> bool:
    return bool(_last(pod, around, "NotTriggerScaleUp"))


def _last(pod: PodFacts, around: Around, *reasons: str) -> str:
    moments = [event.last_at for reason in reasons for event in around.events_of(pod.name, reason)]
    return max(moments, default="")
