"""What is doomed of the RayCluster that a RayService is to switch over to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from seedcore_deploy.judge.doom import dooms
from seedcore_deploy.judge.next_cluster import of_next_cluster
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.pod_state import Placement
from seedcore_deploy.model.snapshot import PodFacts, RayServiceFacts, Snapshot
from tests.support import snapshots as s
from tests.support import waiting as w

OLD, NEW = "seedcore-aaaaa", "seedcore-bbbbb"
NO_NODE = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."


def unplaced_head(of: str) -> PodFacts:
    """A head of that RayCluster, which no node takes."""
    pod = s.of_cluster(s.ray_pod(Role.HEAD, f"{of}-head-x", ""), of)
    return replace(
        pod,
        uid=pod.name,
        phase="Pending",
        ready=False,
        created_at=w.ago(60),
        placement=Placement(refused=NO_NODE, refused_since=w.ago(60)),
    )


def upgrade(head_of: str, **facts: Any) -> Snapshot:
    """The pattern with an upgrade under way, and one more head that no node takes."""
    made = (s.of_the_service(name) for name in (OLD, NEW))
    snapshot = s.made_by_a_rayservice(*made, active=OLD)
    service = RayServiceFacts("seedcore", **{"active": OLD, "pending": NEW, **facts})
    snapshot = replace(snapshot, rayservices=Seen((service,)))
    return s.with_added_pod(snapshot, unplaced_head(head_of))


def doomed(snapshot: Snapshot) -> list[str]:
    following = of_next_cluster(snapshot)
    return [] if following is None else [str(each.subject) for each in dooms(following)]


def test_head_of_the_one_that_is_to_follow_is_doomed_while_the_former_serves() -> None:
    snapshot = upgrade(NEW)

    assert doomed(snapshot) == [f"pod/{NEW}-head-x"]
    assert dooms(snapshot) == ()


def test_what_the_switch_takes_away_is_not_doomed_meanwhile() -> None:
    assert doomed(upgrade(OLD)) == []


def test_nothing_is_doomed_before_kuberay_has_taken_up_the_last_change() -> None:
    """It may give up the one that it prepares, and make another."""
    assert doomed(upgrade(NEW, generation=3, observed_generation=2)) == []
    assert doomed(upgrade(NEW, generation=3, observed_generation=3)) != []


def test_without_one_to_follow_nothing_is_looked_at() -> None:
    assert of_next_cluster(upgrade(NEW, pending="")) is None
    assert of_next_cluster(replace(upgrade(NEW), rayservices=NotSeen("forbidden"))) is None
    assert of_next_cluster(replace(upgrade(NEW), pods=NotSeen("answered 429"))) is None
