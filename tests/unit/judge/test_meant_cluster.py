"""Which RayCluster is meant, where a RayService makes them."""

from seedcore_deploy.judge.facts import gather
from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.verdict import Outcome
from tests.support import snapshots as s


def test_of_a_rayservices_clusters_the_one_that_its_head_service_leads_to_is_meant() -> None:
    both = (s.of_the_service("seedcore-aaaaa"), s.of_the_service("seedcore-bbbbb"))

    facts = gather(s.made_by_a_rayservice(*both, active="seedcore-bbbbb"))

    assert facts.cluster is not None
    assert facts.cluster.name == "seedcore-bbbbb"


def test_a_rayservice_that_prepares_another_cluster_has_no_finding() -> None:
    both = (s.of_the_service("seedcore-aaaaa"), s.of_the_service("seedcore-bbbbb"))

    verdict = judge(s.made_by_a_rayservice(*both, active="seedcore-bbbbb"))

    assert not verdict.findings


def test_groups_of_a_rayservice_are_mended_in_the_rayservice() -> None:
    snapshot = s.made_by_a_rayservice(s.of_the_service("seedcore-aaaaa"), active="seedcore-aaaaa")
    facts = gather(snapshot)

    head = next(each for each in facts.carriers if each.group is not None)

    assert (head.subject.kind, head.subject.name) == ("RayService", "seedcore")
    assert head.path == "/spec/rayClusterConfig/headGroupSpec/template/spec"
    assert facts.made_by(head)
    assert judge(snapshot).outcome is Outcome.PROVEN
