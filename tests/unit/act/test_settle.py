from __future__ import annotations

from dataclasses import dataclass, replace

from seedcore_deploy.act.settle import Outdated, RayPods, current_clients, refused
from seedcore_deploy.model.contract import Contract, Role
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import PodFacts, PodTemplate, Snapshot, Target, WorkloadFacts

KUBECTL = ("kubectl", "--context", "dev", "--namespace", "seedcore-dev")


@dataclass(frozen=True)
class Differs:
    pod: PodFacts
    differences: tuple[str, ...] = ("image",)


def pod(name: str, role: Role = Role.HEAD, *, ready: bool = True, revision: str = "") -> PodFacts:
    labels = {"pod-template-hash": revision} if revision else {}
    return PodFacts(
        name=name,
        uid=f"uid-of-{name}",
        role=role,
        workload=str(role),
        group="api" if role is Role.CLIENT else "headgroup",
        container="c",
        template=PodTemplate((), labels=labels),
        phase="Running",
        ready=ready,
        owner="deployment/api" if role is Role.CLIENT else "raycluster/seedcore",
    )


def snapshot(*pods: PodFacts, workload: WorkloadFacts | None = None) -> Snapshot:
    return Snapshot(
        target=Target("dev", "seedcore-dev", kubectl=KUBECTL),
        contract=Contract(),
        taken_at="2026-01-01T00:00:00Z",
        manifests=NotSeen("no"),
        configmaps=NotSeen("no"),
        services=NotSeen("no"),
        rayclusters=NotSeen("no"),
        workloads=Seen((workload,) if workload else ()),
        pods=Seen(pods),
    )


def outdated(*pods: PodFacts) -> RayPods:
    found: tuple[Outdated, ...] = tuple(Differs(each) for each in pods)
    return RayPods(lambda _: found)


def deployment(*, observed: int = 2, updated: int = 1) -> WorkloadFacts:
    return WorkloadFacts(
        "Deployment",
        "api",
        PodTemplate(()),
        generation=2,
        observed_generation=observed,
        updated=updated,
    )


def test_an_outdated_head_that_is_not_ready_is_evicted() -> None:
    head = pod("head", ready=False)

    decision = outdated(head).decide(snapshot(head))

    assert [each.pod for each in decision.evict] == [head]
    assert decision.refuse == ()


def test_a_pod_that_is_outdated_in_two_ways_is_evicted_once() -> None:
    head = pod("head", ready=False)

    assert len(outdated(head, head).decide(snapshot(head)).evict) == 1


def test_an_outdated_head_that_is_ready_is_refused() -> None:
    head = pod("head")

    decision = outdated(head).decide(snapshot(head))

    assert decision.evict == ()
    assert [each.pod for each in decision.refuse] == [head]


def test_what_the_operator_replaces_by_itself_is_left_to_it() -> None:
    head = pod("head")

    ray_pods = RayPods(lambda _: (Differs(head),), operator_replaces=True)

    assert ray_pods.decide(snapshot(head)).refuse == ()


def test_an_outdated_pod_that_is_terminating_is_left_alone() -> None:
    head = replace(pod("head", ready=False), terminating=True)

    decision = outdated(head).decide(snapshot(head))

    assert decision.evict == ()


def test_a_pod_that_came_after_the_first_look_is_never_replaced() -> None:
    new = pod("new-head", ready=False)
    ray_pods = outdated(new)

    ray_pods.decide(snapshot(pod("old-head")))

    assert ray_pods.decide(snapshot(new)).evict == ()


def test_the_refusal_says_which_pod_differs_in_what_and_how_to_replace_it() -> None:
    worker, head = pod("w", Role.WORKER), pod("h")

    error = refused([Differs(worker, ("env RAY_X",)), Differs(head)], KUBECTL)

    assert "pod/h (head) differs in image; pod/w (worker) differs in env RAY_X" in error.what
    command = "kubectl --context dev --namespace seedcore-dev delete pod h w"
    assert error.mend.endswith(command)


def test_of_a_rollout_only_the_newest_revision_is_looked_at() -> None:
    old = replace(pod("old", Role.CLIENT, revision="1"), created_at="2026-01-01T00:00:00Z")
    new = replace(pod("new", Role.CLIENT, revision="2"), created_at="2026-01-01T00:01:00Z")

    assert current_clients(snapshot(old, new, workload=deployment())) == (new,)


def test_a_rollout_that_has_only_begun_is_left_alone() -> None:
    old = pod("old", Role.CLIENT, revision="1")

    unseen = snapshot(old, workload=deployment(observed=1))
    no_pods_yet = snapshot(old, workload=deployment(updated=0))

    assert current_clients(unseen) == ()
    assert current_clients(no_pods_yet) == ()


def test_a_rollout_that_is_stuck_is_looked_at() -> None:
    stuck = pod("stuck", Role.CLIENT, ready=False, revision="2")

    assert current_clients(snapshot(stuck, workload=deployment())) == (stuck,)


def test_pods_that_end_or_have_ended_are_no_current_clients() -> None:
    ending = replace(pod("a", Role.CLIENT), terminating=True)
    ended = replace(pod("b", Role.CLIENT), finished=True)

    assert current_clients(snapshot(ending, ended)) == ()
