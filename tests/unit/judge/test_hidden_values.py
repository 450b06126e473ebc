"""Values that come from a Secret: nobody reads them, and what hangs on them is still judged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import EnvEntry, EnvSource, ProcessFacts, Snapshot
from seedcore_deploy.model.verdict import Outcome
from tests.support import snapshots as s


def with_secret(name: str, raw: str) -> Snapshot:
    """The API has a variable from a Secret, by its template; judged without the overlay."""
    entry = EnvEntry(name, EnvSource.SECRET_KEY, None, "ray", "key")
    made = s.with_client_container(s.without_manifests(s.healthy()), "api", env=(entry,))
    hidden = s.value(raw, name).hidden()

    def given(facts: ProcessFacts) -> ProcessFacts:
        container = {**facts.container, name: hidden}
        return replace(facts, container=container, process=Seen(container))

    return s.with_process(made, s.API, given)


def test_ray_namespace_that_is_not_the_other_clients_is_a_finding() -> None:
    broken = s.with_probe(with_secret("RAY_NAMESPACE", "elsewhere"), s.API, namespace="")

    (finding,) = judge(broken).findings

    assert (finding.rule, finding.subject.name) == ("SC107", "seedcore-api")
    assert "elsewhere" not in repr(finding)


def test_ray_namespace_that_is_the_other_clients_is_fine() -> None:
    same = s.CLIENT["RAY_NAMESPACE"]
    fine = s.with_probe(with_secret("RAY_NAMESPACE", same), s.API, namespace="")

    assert judge(fine).findings == ()


@pytest.mark.parametrize(
    ("name", "raw", "part"),
    [
        ("RAY_DASHBOARD_ADDRESS", "seedcore-head-svc:8265", "dashboard"),
        ("RAY_SERVE_ADDRESS", "", "serve"),
    ],
)
def test_address_that_could_not_be_asked_is_not_proven(name: str, raw: str, part: str) -> None:
    verdict = judge(s.with_probe(with_secret(name, raw), s.API, **{part: None}))

    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert any(name in gap.why for gap in verdict.gaps)
