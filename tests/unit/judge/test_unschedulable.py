"""Pods without a node; the messages are the scheduler's, of 1.34 and before."""

from __future__ import annotations

import pytest

from seedcore_deploy.model.pod_state import Placement
from seedcore_deploy.model.snapshot import Snapshot
from tests.support import snapshots as s
from tests.support import waiting as w

PREEMPTION = (
    " no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not "
    "helpful for scheduling."
)
SELECTOR = "3 node(s) didn't match Pod's node affinity/selector."
CONTROL_PLANE = "1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }"
LASTING = [
    f"0/3 nodes are available: {SELECTOR}{PREEMPTION}",
    f"0/3 nodes are available: {CONTROL_PLANE}, 2{SELECTOR[1:]}{PREEMPTION}",
    f"0/3 nodes are available: {SELECTOR} preemption: 0/3 nodes are available: 3 Preemption is.",
]
PASSING = [
    f"0/3 nodes are available: 3 Insufficient cpu.{PREEMPTION}",
    f"0/3 nodes are available: 2 Insufficient memory, {CONTROL_PLANE}.{PREEMPTION}",
    "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }.",
    "0/1 nodes are available: 1 node(s) had untolerated taint(s).",
    "0/1 nodes are available: 1 node(s) were unschedulable.",
    "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.",
    "no nodes available to schedule pods",
]


def unplaced(message: str, since: float, **more: object) -> Snapshot:
    placement = Placement(message, w.ago(since), **more)  # type: ignore[arg-type]
    return w.held_up(created=since, placement=placement)


@pytest.mark.parametrize("message", LASTING)
def test_selector_that_no_node_has_is_doomed_after_half_a_minute(message: str) -> None:
    assert w.reasons(unplaced(message, 29)) == []
    assert w.reasons(unplaced(message, 30)) == [f"Unschedulable: {message}"]


@pytest.mark.parametrize("message", PASSING)
def test_room_that_may_come_by_itself_is_waited_for_longer(message: str) -> None:
    assert w.reasons(unplaced(message, 59)) == []
    assert w.reasons(unplaced(message, 60))


def test_pod_is_not_doomed_while_others_end() -> None:
    crowded = unplaced(PASSING[0], 300)

    assert w.reasons(s.with_pod(crowded, s.SERVE, terminating=True, ready=False)) == []


def test_pod_is_not_doomed_while_others_are_removed_for_it() -> None:
    assert w.reasons(unplaced(PASSING[0], 300, nominated=True)) == []


@pytest.mark.parametrize("reason", ["TriggeredScaleUp", "Nominated"])
def test_pod_is_not_doomed_while_an_autoscaler_acts(reason: str) -> None:
    acted = w.event(reason, "pod triggered scale-up: [{pool 1->2 (max: 4)}]", last=200)

    assert w.reasons(w.with_events(unplaced(LASTING[0], 300), acted)) == []


def test_scale_up_that_never_ended_is_not_waited_for_without_end() -> None:
    acted = w.event("TriggeredScaleUp", "pod triggered scale-up", last=1300)

    assert w.reasons(w.with_events(unplaced(LASTING[0], 1400), acted))


def test_autoscaler_that_will_not_help_shortens_the_wait() -> None:
    declined = w.event("NotTriggerScaleUp", "pod didn't trigger scale-up", last=3)

    assert w.reasons(w.with_events(unplaced(LASTING[0], 16), declined))


def test_autoscaler_that_changed_its_mind_is_waited_for() -> None:
    declined = w.event("NotTriggerScaleUp", "pod didn't trigger scale-up", last=90)
    acted = w.event("TriggeredScaleUp", "pod triggered scale-up", last=60)

    assert w.reasons(w.with_events(unplaced(LASTING[0], 120), declined, acted)) == []
