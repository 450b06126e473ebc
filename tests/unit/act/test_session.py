from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from seedcore_deploy.act.session import with_heads_proven, workers_outside
from seedcore_deploy.model.contract import Contract, Role
from seedcore_deploy.model.look import Look, NotSeen, Seen
from seedcore_deploy.model.snapshot import (
    NodeFacts,
    PodFacts,
    PodTemplate,
    ProbeFacts,
    Snapshot,
    Target,
)

ALIVE, DEAD = NodeFacts("n2", "10.0.0.2", True, False), NodeFacts("n1", "10.0.0.2", False, False)


def pod(role: Role, ip: str, probe: Look[ProbeFacts] | None = None) -> PodFacts:
    return PodFacts(
        name=str(role),
        uid=str(role),
        role=role,
        workload=str(role),
        group=str(role),
        container="c",
        template=PodTemplate(()),
        phase="Running",
        ready=True,
        ip=ip,
        raycluster="seedcore",
        probe=probe,
    )


def snapshot(*pods: PodFacts) -> Snapshot:
    unseen = NotSeen("no")
    return Snapshot(
        Target("dev", "ns"), Contract(), "", unseen, unseen, unseen, unseen, unseen, Seen(pods)
    )


def head(nodes: Sequence[NodeFacts], *, ok: bool = True) -> PodFacts:
    probe = ProbeFacts(ok=ok, stage="done", address="auto", nodes=tuple(nodes))
    return pod(Role.HEAD, "10.0.0.1", Seen(probe))


WORKER = pod(Role.WORKER, "10.0.0.2")


def test_a_ready_worker_that_the_head_does_not_list_is_outside() -> None:
    assert [each.subject.name for each in workers_outside(snapshot(head([]), WORKER))] == ["worker"]


def test_a_worker_that_is_listed_as_dead_is_outside() -> None:
    assert workers_outside(snapshot(head([DEAD]), WORKER))


def test_a_worker_that_is_listed_once_dead_and_once_alive_is_inside() -> None:
    assert workers_outside(snapshot(head([DEAD, ALIVE]), WORKER)) == ()


def test_a_worker_that_joined_by_its_other_address_is_inside() -> None:
    both = replace(WORKER, ip="fd00::2", ips=("fd00::2", "10.0.0.2"))

    assert workers_outside(snapshot(head([ALIVE]), both)) == ()


def test_the_heads_own_node_is_no_worker_on_the_same_machine() -> None:
    own = NodeFacts("n0", "10.0.0.1", alive=True, head=True)

    assert workers_outside(snapshot(head([own]), replace(WORKER, ip="10.0.0.1")))


def test_a_worker_that_ends_is_not_waited_for() -> None:
    assert workers_outside(snapshot(head([]), replace(WORKER, terminating=True))) == ()


def test_a_head_that_could_not_be_proven_leaves_its_workers_to_verify() -> None:
    unread = pod(Role.HEAD, "10.0.0.1", NotSeen("exec is forbidden"))

    assert workers_outside(snapshot(unread, WORKER)) == ()
    assert workers_outside(snapshot(head([], ok=False), WORKER)) == ()


def test_only_heads_are_probed() -> None:
    asked: list[Snapshot] = []

    def prove(given: Snapshot) -> Snapshot:
        asked.append(given)
        return snapshot(head([ALIVE]))

    proven = with_heads_proven(snapshot(pod(Role.HEAD, "10.0.0.1"), WORKER), prove)

    assert asked[0].pods == Seen((pod(Role.HEAD, "10.0.0.1"),))
    assert proven.pods == Seen((head([ALIVE]), WORKER))
