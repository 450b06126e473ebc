"""The snapshot arranged: which cluster is meant."""

from dataclasses import replace

from seedcore_deploy.judge.facts import gather
from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import Snapshot
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
