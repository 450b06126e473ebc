"""Where the head service leads: to the head, to others too, or past it."""

from dataclasses import replace

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import ServiceFacts, Snapshot
from seedcore_deploy.model.verdict import Outcome
from tests.support import snapshots as s

SERVICE = "seedcore-head-svc"
STRANGER = "10.244.0.77"


def with_stranger() -> Snapshot:
    """Another address stands behind the head service; this time all probes met the head."""
    return s.with_service(s.healthy(), SERVICE, endpoints=(s.HEAD_IP, STRANGER))


def test_address_beside_the_head_is_found_though_every_probe_met_the_head() -> None:
    (finding,) = judge(with_stranger()).findings

    assert (finding.rule, str(finding.subject)) == ("SC402", f"service/{SERVICE}")
    assert STRANGER in finding.because


def test_hand_made_slice_is_deleted_and_the_clients_restarted() -> None:
    (finding,) = judge(with_stranger()).findings

    deletion, endpoint, restart, *_ = finding.fix.commands
    assert "delete endpointslices" in deletion
    assert "managed-by!=endpointslice-controller.k8s.io" in deletion
    assert s.HEAD_IP in endpoint
    assert "rollout restart deployment/seedcore-api deployment/seedcore-serve" in restart


def test_client_that_fails_at_the_stranger_stands_under_the_same_finding() -> None:
    snapshot = s.with_pod(with_stranger(), s.SERVE, probe=s.failed("refused"))
    other = {"session": "session_other", "head_node_id": "cc" * 28, "head_ip": STRANGER}
    snapshot = s.with_probe(snapshot, s.API, **other)

    (finding,) = judge(snapshot).findings

    assert finding.rule == "SC402"


def test_address_of_a_head_that_is_ending_is_no_stranger() -> None:
    former = replace(
        s.pod_of(s.healthy(), s.HEAD),
        name="seedcore-head-former",
        uid="former",
        ip=STRANGER,
        ips=(STRANGER,),
        terminating=True,
    )
    snapshot = s.with_added_pod(with_stranger(), former)

    assert judge(snapshot).outcome is Outcome.PROVEN


def test_no_address_is_a_stranger_while_the_head_settles() -> None:
    snapshot = s.with_pod(with_stranger(), s.HEAD, created_at=s.A_MOMENT_AGO)

    assert not judge(snapshot).findings


def test_pod_alone_is_odd_where_another_client_reaches_the_head_by_the_same_name() -> None:
    other = {"session": "session_other", "head_node_id": "cc" * 28, "head_ip": STRANGER}
    snapshot = s.with_probe(s.healthy(), s.SERVE, **other)

    (finding,) = judge(snapshot).findings

    assert (finding.rule, str(finding.subject)) == ("SC402", f"pod/{s.SERVE}")


def test_too_wide_a_selector_is_narrowed_as_well() -> None:
    wide = {"ray.io/node-type": "head"}
    snapshot = s.with_service(with_stranger(), SERVICE, selector=wide)

    (finding,) = judge(snapshot).findings

    assert "/spec/selector" in finding.fix.commands[0]


def with_alias(endpoints: tuple[str, ...]) -> Snapshot:
    """The clients go through a Service of somebody's own that selects every head."""
    alias = ServiceFacts(
        "ray-head", (10001, 8265, 8000), {"ray.io/node-type": "head"}, endpoints
    )  # fmt: skip
    address = "ray://ray-head:10001"
    made = s.without_manifests(s.healthy())
    assert isinstance(made.services, Seen)
    made = replace(made, services=Seen((*made.services.value, alias)))
    made = s.with_key(made, "seedcore-client-env", RAY_ADDRESS=address)
    for name in (s.API, s.SERVE):
        made = s.with_environment(made, name, RAY_ADDRESS=address)
        made = s.with_probe(made, name, address=address)
    return made


def test_alias_of_the_head_service_is_as_good() -> None:
    assert judge(with_alias((s.HEAD_IP,))).outcome is Outcome.PROVEN


def test_alias_that_only_the_cluster_has_serves_the_overlay_as_well() -> None:
    """The overlay names it and does not make it: another team's manifests do."""
    live = with_alias((s.HEAD_IP,))
    assert isinstance(live.configmaps, Seen)
    planned = replace(s.manifests(), configmaps=live.configmaps.value)

    verdict = judge(replace(live, manifests=Seen(planned)))

    assert verdict.findings == ()
    assert verdict.outcome is Outcome.PROVEN


def test_client_port_that_the_live_head_service_has_serves_the_overlay_as_well() -> None:
    address = "ray://seedcore-head-svc:10002"
    live = s.with_service(s.healthy(), SERVICE, ports=(10002, 8265, 8000, 6379))
    live = s.with_key(live, "seedcore-client-env", RAY_ADDRESS=address)
    for name in (s.API, s.SERVE):
        live = s.with_environment(live, name, RAY_ADDRESS=address)
        live = s.with_process(
            live, name, lambda facts: replace(facts, connections=Seen((f"{s.HEAD_IP}:10002",)))
        )
        live = s.with_probe(live, name, address=address)
    assert isinstance(live.configmaps, Seen)
    planned = replace(s.manifests(), configmaps=live.configmaps.value)

    assert judge(replace(live, manifests=Seen(planned))).findings == ()


def test_alias_with_a_stranger_behind_it_is_not_the_head_service() -> None:
    (finding,) = judge(with_alias((s.HEAD_IP, "10.244.0.99"))).findings

    assert (finding.rule, finding.subject.detail) == ("SC203", "RAY_ADDRESS")
