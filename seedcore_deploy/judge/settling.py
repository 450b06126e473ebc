"""What may come right by itself, and until when that may be hoped for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from seedcore_deploy.judge.threat import Threat
from seedcore_deploy.judge.times import (
    LONGEST_BACK_OFF_S,
    LOST_READINESS_S,
    REFUSED_S,
    YOUNG_HEAD_S,
    YOUNG_POD_S,
    age,
    moment,
)
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.snapshot import PodFacts, WorkloadFacts


def pod_settling(
    now: str,
    pod: PodFacts,
    head: str,
    head_ready_since: str = "",
    threat: Threat | None = None,
) -> str:
    """Why a pod that is not ready may become so by itself; "" for a ready or a lasting case.

    `head` is what `head_unsettled` says, and `head_ready_since` what `heads_ready_since` does:
    workers and clients follow the head. `threat` is what stands in the pod's own way.
    """
    if pod.ready or (threat is not None and threat.counts(now)):
        return ""
    old, unready = age(now, pod.created_at), age(now, pod.ready_since)
    if old is not None and old < YOUNG_POD_S:
        return f"it was created {max(old, 0):.0f} s ago"
    if unready is not None and unready < LOST_READINESS_S:
        return f"it became unready {max(unready, 0):.0f} s ago"
    if pod.role is Role.HEAD:
        return ""
    return head or _not_tried_yet(now, pod, head_ready_since)


def _not_tried_yet(now: str, pod: PodFacts, head_ready_since: str) -> str:
    """Why a crash loop says nothing yet: no run that began beside the ready head has failed.

    After several heads in a row the kubelet waits for up to five minutes with the next try.
    """
    tried, ready = moment(pod.tried_at), moment(head_ready_since)
    if tried is None or ready is None or tried >= ready:
        return ""
    waited, runs = age(now, head_ready_since), age(now, pod.started_at)
    if runs is not None and runs < YOUNG_POD_S:
        return f"it started {max(runs, 0):.0f} s ago, the first time since the head is ready"
    if runs is None and waited is not None and waited < LONGEST_BACK_OFF_S:
        return "its container was not started again since the head is ready"
    return ""


def heads_ready_since(pods: Iterable[PodFacts]) -> str:
    """When the newest ready head became so; empty where none is ready."""
    return max((pod.ready_since for pod in pods if pod.role is Role.HEAD and pod.ready), default="")


def head_unsettled(
    now: str,
    pods: Iterable[PodFacts],
    leaving: Iterable[PodFacts],
    threats: Mapping[str, Threat | None] | None = None,
) -> str:
    """Why connections to the head may be missing for a moment; "" when it is long there.

    `threats` are those of the pods, by uid.
    """
    heads = [pod for pod in pods if pod.role is Role.HEAD]
    ending = any(pod.role is Role.HEAD for pod in leaving)
    if ending and not any(pod.ready for pod in heads):
        return "the head is being replaced"
    for pod in heads:
        started = [
            seconds
            for seconds in (age(now, pod.created_at), age(now, pod.started_at))
            if seconds is not None
        ]
        if started and min(started) < YOUNG_HEAD_S:
            return f"the head started {max(min(started), 0):.0f} s ago"
        if reason := pod_settling(now, pod, "", threat=(threats or {}).get(pod.uid)):
            return f"the head is not ready yet: {reason}"
    return ""


def refusal_counted(now: str, workload: WorkloadFacts) -> WorkloadFacts:
    """The workload, stuck where its pods have been refused for so long that it will go on."""
    since = age(now, workload.refused_since)
    if not workload.refused or workload.stuck or since is None or since < REFUSED_S:
        return workload
    return replace(workload, stuck=f"its pods are refused: {workload.refused}")


def newest_pod_counted(
    workload: WorkloadFacts, pods: Iterable[PodFacts], settling: Callable[[PodFacts], str]
) -> WorkloadFacts:
    """The workload, stuck where the newest pod of its newest revision will not become ready.

    Kubernetes itself gives such a rollout up after its progress deadline only, ten minutes as a
    rule. `settling` is why a pod may become ready by itself.
    """
    newest = max(pods, key=lambda pod: (pod.created_at, not pod.ready), default=None)
    known = workload.updated > 0 and workload.observed_generation >= workload.generation
    if newest is None or newest.ready or workload.stuck or not known or settling(newest):
        return workload
    return replace(workload, stuck=f"pod/{newest.name} does not become ready")


def rollout_unsettled(workload: WorkloadFacts) -> str:
    """Why a workload's rollout is not over and goes on by itself; "" when it is, or is stuck."""
    return "" if workload.stuck else _unfinished(workload)


def rollout_stuck(workload: WorkloadFacts) -> str:
    """Why a workload's rollout is not over and will not be by itself; "" otherwise."""
    unfinished = _unfinished(workload) if workload.stuck else ""
    return f"{unfinished}, and {workload.stuck}" if unfinished else ""


def _unfinished(workload: WorkloadFacts) -> str:
    if workload.observed_generation < workload.generation:
        return "its controller has not taken up the newest revision"
    if workload.updated < workload.replicas:
        return f"{workload.updated} of {workload.replicas} replicas are of the newest revision"
    if workload.current > workload.replicas:
        return f"{workload.current - workload.replicas} replica(s) too many are still there"
    return ""


def young_start(now: str, pod: PodFacts) -> str:
    """Why a pod's own connections may still be missing; "" for one that has run for a while."""
    started = age(now, pod.started_at or pod.created_at)
    if started is not None and started < YOUNG_HEAD_S:
        return f"it started {max(started, 0):.0f} s ago"
    return ""
