"""The snapshot arranged: which cluster is meant, and pods that no template is known of."""

from dataclasses import replace

import pytest

from seedcore_deploy.judge.carriers import carriers
from seedcore_deploy.judge.facts import gather
from seedcore_deploy.judge.layers import Layer
from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.contract import Contract
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import PodFacts, Snapshot
from seedcore_deploy.model.variable import OriginKind
from seedcore_deploy.model.verdict import Outcome
from tests.support import snapshots as s


def two_clusters(**changes: str | None) -> Snapshot:
    """Two RayClusters, both in the overlay and both live; keys of the clients' settings changed."""
    both = (s.raycluster("older"), s.raycluster())
    snapshot = replace(s.healthy(), rayclusters=Seen(both))
    planned = replace(s.manifests(), rayclusters=both)
    return s.with_key(replace(snapshot, manifests=Seen(planned)), "seedcore-client-env", **changes)


def test_of_two_clusters_of_the_overlay_the_clients_address_names_the_one_that_is_meant() -> None:
    snapshot = two_clusters()

    facts = gather(snapshot)

    assert facts.cluster is not None
    assert facts.cluster.name == "seedcore"
    assert judge(snapshot).outcome is Outcome.PROVEN


def test_two_clusters_of_the_overlay_without_a_clue_are_not_said_to_be_absent() -> None:
    verdict = judge(two_clusters(RAY_ADDRESS=None))

    several = next(each for each in verdict.findings if each.rule == "SC305")
    assert "several" in several.summary


def test_missing_cluster_of_the_overlay_does_not_exist_though_another_one_does() -> None:
    snapshot = replace(s.healthy(), rayclusters=Seen((s.raycluster("other"),)))

    several = next(each for each in judge(snapshot).findings if each.rule == "SC305")

    assert several.summary == "it does not exist"


def stateful(pod: PodFacts) -> PodFacts:
    """The pod as one of a StatefulSet that could not be listed."""
    return replace(pod, group="ray-user", owner="statefulset/ray-user", workload="ray-user")


def with_unlisted_owner(snapshot: Snapshot) -> Snapshot:
    """One more client, made by something that is not among the workloads."""
    pod = replace(s.pod_of(snapshot, s.API), name="ray-user-0", uid="ray-user-0", ip="10.244.0.60")
    return s.with_added_pod(snapshot, stateful(pod))


def test_client_of_an_owner_that_was_not_listed_is_proven_when_all_is_right() -> None:
    assert judge(with_unlisted_owner(s.healthy())).outcome is Outcome.PROVEN


def test_client_of_an_owner_that_was_not_listed_has_the_layer_of_the_cluster() -> None:
    facts = gather(with_unlisted_owner(s.healthy()))

    (view,) = (each for each in facts.pods if each.carrier is None)
    assert Layer.CLUSTER in view.variables["RAY_ADDRESS"].cells
    assert view.variables["RAY_ADDRESS"].origin.kind is OriginKind.CONFIGMAP


def test_client_of_an_owner_that_was_not_listed_is_seen_to_be_stale() -> None:
    snapshot = s.with_environment(
        with_unlisted_owner(s.healthy()), "ray-user-0", RAY_HOST="seedcore-old-head-svc"
    )

    verdict = judge(snapshot)

    assert verdict.outcome is Outcome.FINDINGS
    assert [(x.rule, str(x.subject)) for x in verdict.findings] == [("SC303", "pod/ray-user-0")]


def test_wrong_address_of_a_pod_without_a_template_is_still_found() -> None:
    snapshot = with_unlisted_owner(s.healthy())
    entry = s.literal("RAY_ADDRESS", "ray://elsewhere:10001")
    template = s.with_container(s.pod_of(snapshot, "ray-user-0").template, env=(entry,))
    snapshot = s.with_pod(snapshot, "ray-user-0", template=template)
    snapshot = s.with_environment(snapshot, "ray-user-0", RAY_ADDRESS="ray://elsewhere:10001")

    verdict = judge(snapshot)

    assert [finding.rule for finding in verdict.findings] == ["SC203"]


@pytest.mark.parametrize("name", [s.HEAD, s.WORKER])
def test_ray_pod_without_a_group_has_nothing_stale(name: str) -> None:
    snapshot = s.with_pod(s.healthy(), name, group="unknown")

    (view,) = (each for each in gather(snapshot).pods if each.pod.name == name)

    assert view.carrier is None
    assert not [each for each in view.variables.values() if each.is_stale_against_cluster()]


def test_carriers_of_the_healthy_deployment_have_all_their_pods() -> None:
    snapshot = s.healthy()
    assert isinstance(snapshot.workloads, Seen)

    found = carriers(Contract(), [s.raycluster()], snapshot.workloads.value)

    assert len(found) == len(gather(snapshot).pods)
