"""Which pods a rollout is about to replace."""

from __future__ import annotations

from dataclasses import replace

from seedcore_deploy.judge.revisions import superseded
from seedcore_deploy.model.snapshot import PodFacts
from tests.support import snapshots as s
from tests.support import waiting as w


def pod(name: str, revision: str, created: float, image: str = "") -> PodFacts:
    template = s.client_template("api")
    template = replace(template, labels={**template.labels, "pod-template-hash": revision})
    if image:
        template = s.with_container(template, image=image)
    made = s.client_pod(name, "api", s.API_IP)
    return replace(made, created_at=w.ago(created), template=template)


def test_pods_of_one_revision_are_all_wanted() -> None:
    pods = [pod("a", "one", 60), pod("b", "one", 50)]

    assert superseded([s.deployment("api", 2)], pods) == frozenset()


def test_older_revision_is_replaced() -> None:
    pods = [pod("old", "one", 60), pod("new", "two", 5)]

    assert superseded([s.deployment("api")], pods) == {"uid-old"}


def test_revision_that_was_taken_back_is_replaced_though_its_pods_are_younger() -> None:
    pods = [pod("good", "one", 600), pod("bad", "two", 60, image="localhost/nowhere:1")]

    assert superseded([s.deployment("api")], pods) == {"uid-bad"}


def test_nothing_counts_before_the_controller_has_taken_up_the_newest_revision() -> None:
    workload = replace(s.deployment("api"), generation=2)

    assert superseded([workload], [pod("old", "one", 60)]) == {"uid-old"}


def test_nothing_counts_while_the_newest_revision_has_no_pod() -> None:
    workload = replace(s.deployment("api"), updated=0)

    assert superseded([workload], [pod("old", "one", 60)]) == {"uid-old"}
