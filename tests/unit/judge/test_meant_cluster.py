"""Which RayCluster is meant, where a RayService makes them."""

from dataclasses import replace

from seedcore_deploy.judge.facts import gather
from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import PodFacts, RayClusterFacts, Snapshot
from seedcore_deploy.model.verdict import Outcome
from tests.support import snapshots as s


def of_the_service(name: str) -> RayClusterFacts:
    """A RayCluster that RayService seedcore makes; its head service is the RayService's."""
    return replace(s.raycluster(), name=name, service="seedcore")


def of_cluster(pod: PodFacts, name: str) -> PodFacts:
    """The pod as one of that RayCluster."""
    labels = {**pod.template.labels, "ray.io/cluster": name}
    return replace(pod, raycluster=name, template=replace(pod.template, labels=labels))


def made_by_a_rayservice(*clusters: RayClusterFacts, active: str) -> Snapshot:
    """The healthy pattern with a RayService above it, whose head service leads to `active`."""
    healthy = s.healthy()
    assert isinstance(healthy.pods, Seen)
    assert isinstance(healthy.services, Seen)
    pods = (of_cluster(pod, active) if pod.raycluster else pod for pod in healthy.pods.value)
    services = (
        replace(each, selector={**each.selector, "ray.io/cluster": active})
        if each.name == "seedcore-head-svc"
        else each
        for each in healthy.services.value
    )
    planned = replace(s.manifests(), rayclusters=(of_the_service("seedcore"),))
    return replace(
        healthy,
        rayclusters=Seen(clusters),
        pods=Seen(tuple(pods)),
        services=Seen(tuple(services)),
        manifests=Seen(planned),
    )


def test_of_a_rayservices_clusters_the_one_that_its_head_service_leads_to_is_meant() -> None:
    both = (of_the_service("seedcore-aaaaa"), of_the_service("seedcore-bbbbb"))

    facts = gather(made_by_a_rayservice(*both, active="seedcore-bbbbb"))

    assert facts.cluster is not None
    assert facts.cluster.name == "seedcore-bbbbb"


def test_a_rayservice_that_prepares_another_cluster_has_no_finding() -> None:
    both = (of_the_service("seedcore-aaaaa"), of_the_service("seedcore-bbbbb"))

    verdict = judge(made_by_a_rayservice(*both, active="seedcore-bbbbb"))

    assert not verdict.findings


def test_groups_of_a_rayservice_are_mended_in_the_rayservice() -> None:
    snapshot = made_by_a_rayservice(of_the_service("seedcore-aaaaa"), active="seedcore-aaaaa")
    facts = gather(snapshot)

    head = next(each for each in facts.carriers if each.group is not None)

    assert (head.subject.kind, head.subject.name) == ("RayService", "seedcore")
    assert head.path == "/spec/rayClusterConfig/headGroupSpec/template/spec"
    assert facts.made_by(head)
    assert judge(snapshot).outcome is Outcome.PROVEN
