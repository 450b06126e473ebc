"""Proofs that did not come to an end because the pod or its node is slow: no one can say then.

Measured on a node with 45 runnable tasks on two cores: a client's probe was still connecting
after 45 s while another client's, asked next, passed, and the applications were well.
"""

from __future__ import annotations

from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.session import head_probe, reached_another
from seedcore_deploy.judge.times import age
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.probe_reason import ProbeReason

STARVED = 0.5
"""Above this share of its time without a CPU, that a probe did not end says nothing."""
SLOW_START_S = 300.0
"""A busy node may need this long until what has just started answers as it will."""


def too_slow_to_tell(facts: Facts, view: PodView) -> str:
    """Why a probe that met its deadline proves nothing, in a sentence's part; "" where it does.

    Where the head answers itself and Ray Client answers others, the way is well.
    """
    probe = view.probe
    if probe is None or probe.ok or probe.reason != ProbeReason.DEADLINE:
        return ""
    if probe.waited > STARVED * probe.seconds / probe.attempts:
        return f"the probe waited {probe.waited:.0f} s for a CPU: its node is busy"
    if view.pod.role is Role.HEAD or head_probe(facts) is None:
        return ""
    if (other := reaching(facts, view)) is not None:
        return f"pod/{other.pod.name} reached {probe.address} meanwhile: this pod is slow"
    if probe.pinged:
        return "Ray Client answers a bare call, and the head its own probe: one of them is slow"
    return ""


def still_starting(facts: Facts, view: PodView) -> str:
    """Why a slow proof may come right by itself: pod or head have just started."""
    for each in (view, *facts.heads):
        started = age(facts.snapshot.taken_at, each.pod.started_at or each.pod.created_at)
        if started is not None and started < SLOW_START_S:
            return f"pod/{each.pod.name} started {max(started, 0):.0f} s ago"
    return ""


def reaching(facts: Facts, failed: PodView) -> PodView | None:
    """Another client whose probe reached the head by the same address."""
    for view in facts.clients:
        mine, other = failed.probe, view.probe
        if view is failed or mine is None or other is None or not other.ok:
            continue
        if other.address == mine.address and not reached_another(facts, view, other):
            return view
    return None
