"""What counts as the head's own address where a pod has one of each family."""

from dataclasses import replace

import pytest

from seedcore_deploy.judge.facts import gather
from seedcore_deploy.judge.session import has_own_connection, is_member, reached_another
from seedcore_deploy.judge.values import head_place
from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import NodeFacts, Snapshot
from seedcore_deploy.model.verdict import Outcome
from tests.support import snapshots as s

HEAD_IP6, SERVICE_IP6 = "fd00:10:244::5", "fd00:10:96::9"
SERVICE = "seedcore-head-svc"


def dual_stack() -> Snapshot:
    """The head's Service leads to both of the head's addresses; the API came by IPv6."""
    snapshot = s.with_pod(s.healthy(), s.HEAD, ips=(s.HEAD_IP, HEAD_IP6))
    assert isinstance(snapshot.services, Seen)
    services = tuple(
        replace(each, endpoints=(s.HEAD_IP, HEAD_IP6), cluster_ips=(SERVICE_IP6,))
        for each in snapshot.services.value
        if each.name == SERVICE
    )
    assert services
    return replace(snapshot, services=Seen(services))


@pytest.mark.parametrize("address", [HEAD_IP6, SERVICE_IP6])
def test_a_connection_to_the_heads_other_family_is_one_to_the_head(address: str) -> None:
    snapshot = s.with_process(
        dual_stack(), s.API, lambda facts: replace(facts, connections=Seen((f"[{address}]:10001",)))
    )
    facts = gather(snapshot)

    (api,) = (view for view in facts.clients if view.pod.name == s.API)

    assert has_own_connection(facts, api) is True


def test_a_service_that_leads_to_both_addresses_of_the_head_is_a_name_of_the_head() -> None:
    place = head_place(gather(dual_stack()))

    assert place is not None
    assert SERVICE in place.aliases


def test_a_probe_that_met_the_heads_other_address_reached_the_same_head() -> None:
    facts = gather(dual_stack())
    (api,) = (view for view in facts.clients if view.pod.name == s.API)

    assert reached_another(facts, api, replace(s.proof(), head_ip=HEAD_IP6)) == ""


def test_a_worker_that_joined_by_its_other_address_is_a_member() -> None:
    snapshot = s.with_pod(dual_stack(), s.WORKER, ip="fd00:10:244::6", ips=("fd00::6", s.WORKER_IP))
    facts = gather(snapshot)

    (worker,) = facts.workers

    assert is_member(facts, worker) is True


def by_service_address(snapshot: Snapshot) -> Snapshot:
    """The applications hold their connections to the head service's own address."""
    for name in (s.API, s.SERVE):
        snapshot = s.with_process(
            snapshot, name, lambda facts: replace(facts, connections=Seen(("10.96.0.5:10001",)))
        )
    return snapshot


@pytest.mark.parametrize("known", [True, False])
def test_connection_to_an_address_that_may_be_the_services_is_no_dead_one(known: bool) -> None:
    made = s.with_service(s.healthy(), SERVICE, cluster_ips=("10.96.0.5",), endpoints=())
    looked = by_service_address(
        made if known else replace(made, services=NotSeen("forbidden", "ask for list services"))
    )

    verdict = judge(looked)

    assert verdict.findings == ()
    assert verdict.outcome is Outcome.INCONCLUSIVE


def on_one_machine(*nodes: NodeFacts, workers: int = 1) -> Snapshot:
    """Head and workers on the network of one machine: all of them have its address."""
    snapshot = s.with_pod(s.healthy(), s.WORKER, ip=s.HEAD_IP)
    for number in range(1, workers):
        name = f"{s.WORKER}-{number}"
        more = replace(s.pod_of(snapshot, s.WORKER), name=name, uid=name)
        snapshot = s.with_added_pod(snapshot, more)
    return s.with_probe(snapshot, s.HEAD, nodes=nodes)


THE_HEAD = NodeFacts(s.NODE, s.HEAD_IP, alive=True, head=True)
ONE, TWO = (NodeFacts(each * 28, s.HEAD_IP, alive=True, head=False) for each in ("bb", "cc"))


@pytest.mark.parametrize(
    ("nodes", "workers", "member"),
    [
        ((THE_HEAD,), 1, False),
        ((THE_HEAD, ONE), 1, True),
        ((THE_HEAD, ONE), 2, None),
        ((THE_HEAD, ONE, TWO), 2, True),
        ((THE_HEAD, replace(ONE, alive=False)), 2, False),
    ],
)
def test_workers_that_share_an_address_need_a_node_each(
    nodes: tuple[NodeFacts, ...], workers: int, member: bool | None
) -> None:
    facts = gather(on_one_machine(*nodes, workers=workers))

    assert {is_member(facts, view) for view in facts.workers} == {member}


def test_workers_of_which_one_is_missing_are_not_proven() -> None:
    shared = "shares its address"

    assert any(shared in gap.why for gap in judge(on_one_machine(THE_HEAD, ONE, workers=2)).gaps)
    both = judge(on_one_machine(THE_HEAD, ONE, TWO, workers=2))
    assert not any(shared in gap.why for gap in both.gaps)
