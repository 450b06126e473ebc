"""When the cluster first showed that something will not become ready: epoch seconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from seedcore_deploy.judge.missing_objects import SECRET_S
from seedcore_deploy.judge.operator import OPERATOR_S
from seedcore_deploy.judge.unschedulable import UNPLACED_S

from .tiny import Tiny

API, HEAD_POD = "app=seedcore-api", "ray.io/node-type=head"


def epoch(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def newest(tiny: Tiny, selector: str) -> Any:
    pods = tiny.get("pod", "-l", selector)["items"]
    return max(pods, key=lambda pod: str(pod["metadata"]["creationTimestamp"]))


def condition(thing: Any, kind: str) -> Any:
    (found,) = (each for each in thing["status"]["conditions"] if each["type"] == kind)
    return found


def first_event(tiny: Tiny, reason: str, name: str) -> float:
    selector = f"reason={reason},involvedObject.name={name}"
    events = tiny.get("event", "--field-selector", selector)["items"]
    return min(epoch(each["firstTimestamp"]) for each in events)


def failed_first(tiny: Tiny) -> float:
    """When the kubelet said for the first time that the API's container cannot be made."""
    return first_event(tiny, "Failed", newest(tiny, API)["metadata"]["name"])


def missing_for(patience_s: float) -> Callable[[Tiny], float]:
    def due(tiny: Tiny) -> float:
        begun = epoch(condition(newest(tiny, API), "Initialized")["lastTransitionTime"])
        return max(begun + patience_s, failed_first(tiny))

    return due


def not_mounted(tiny: Tiny) -> float:
    pod = newest(tiny, API)
    placed = epoch(condition(pod, "PodScheduled")["lastTransitionTime"])
    warned = first_event(tiny, "FailedMount", pod["metadata"]["name"])
    return max(placed + SECRET_S, warned)


def last_crash(selector: str) -> Callable[[Tiny], float]:
    def due(tiny: Tiny) -> float:
        (state,) = newest(tiny, selector)["status"]["containerStatuses"]
        return epoch(state["lastState"]["terminated"]["finishedAt"])

    return due


def unplaced(tiny: Tiny) -> float:
    return epoch(condition(newest(tiny, API), "PodScheduled")["lastTransitionTime"]) + UNPLACED_S


def refused(kind: str, reason: str, patience_s: float) -> Callable[[Tiny], float]:
    """The first try that failed after the patience; what makes pods tries ever more seldom."""

    def due(tiny: Tiny) -> float:
        selector = f"reason={reason},involvedObject.kind={kind}"
        events = tiny.get("event", "--field-selector", selector)["items"]
        newest = max(events, key=lambda each: str(each["lastTimestamp"]))
        name = newest["involvedObject"]["name"]
        mine = [each for each in events if each["involvedObject"]["name"] == name]
        first = min(epoch(each["firstTimestamp"]) for each in mine)
        return max(first + patience_s, epoch(newest["lastTimestamp"]))

    return due


def spec_refused(tiny: Tiny) -> float:
    return first_event(tiny, "InvalidRayClusterSpec", "seedcore")


def unnoticed(tiny: Tiny) -> float:
    return epoch(tiny.get("raycluster/seedcore")["metadata"]["creationTimestamp"]) + OPERATOR_S
