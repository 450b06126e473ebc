"""The verdict as metrics: readable for Prometheus, counters that go on, and no guess."""

from __future__ import annotations

from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from seedcore.utils import ray_config
from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.look import NotSeen
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.report import metrics
from tests.support import snapshots as s

WHERE = {"context": "kind-seedcore", "namespace": s.NAMESPACE}


def text_of(snapshot: Snapshot, former: str = "") -> str:
    return metrics.render(judge(snapshot), snapshot, former)


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items() - WHERE.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(text: str, name: str, **labels: str) -> float | None:
    return samples(text).get((name, frozenset(labels.items())))


def connects(text: str, **labels: str) -> float | None:
    return value(text, metrics.CONNECTS, **labels)


def test_proven_cluster_is_told_as_such() -> None:
    text = text_of(s.healthy())

    assert connects(text, role="client", outcome="success", reason="") == 2
    assert connects(text, role="head", outcome="success", reason="") == 1
    assert value(text, metrics.CONNECTED, role="client", workload="api", pod=s.API) == 1
    assert value(text, metrics.CONNECTED, role="worker", workload="worker", pod=s.WORKER) == 1
    assert value(text, metrics.EXIT_CODE) == 0
    assert value(text, metrics.LAST_SUCCESS) == value(text, metrics.LOOKED_AT) == 1772366400


def test_failed_proof_is_counted_with_its_reason() -> None:
    text = text_of(s.with_pod(s.healthy(), s.API, probe=s.failed("refused")))

    assert connects(text, role="client", outcome="failure", reason="refused") == 1
    assert connects(text, role="client", outcome="success", reason="") == 1
    assert value(text, metrics.EXIT_CODE) == 1
    assert value(text, metrics.LAST_SUCCESS) == 0


def test_what_could_not_be_looked_at_has_no_sample() -> None:
    unseen = s.with_pod(s.healthy(), s.API, probe=NotSeen("no exec"), process=NotSeen("no exec"))

    text = text_of(unseen)

    assert f'pod="{s.API}"' not in text
    assert value(text, metrics.EXIT_CODE) == 3


def test_counters_go_on_from_the_look_before_and_gauges_do_not() -> None:
    before = text_of(s.with_pod(s.healthy(), s.API, probe=s.failed("refused")))

    text = text_of(s.healthy(), text_of(s.healthy(), before))

    assert connects(text, role="client", outcome="failure", reason="refused") == 1
    assert connects(text, role="client", outcome="success", reason="") == 5
    assert value(text, f"{metrics.SECONDS}_count") == 2 + 3 + 3
    assert value(text, f"{metrics.SECONDS}_sum") == 3.0 * 8
    assert value(text, metrics.EXIT_CODE) == 0


def test_last_success_outlives_a_failure() -> None:
    broken = s.with_pod(s.healthy(), s.API, probe=s.failed("refused"))
    later = replace(broken, taken_at="2026-03-01T13:00:00Z")

    text = text_of(later, text_of(s.healthy()))

    assert value(text, metrics.LAST_SUCCESS) == 1772366400
    assert value(text, metrics.LOOKED_AT) == 1772366400 + 3600


@pytest.mark.parametrize("former", ["", "garbage {", "\x00", 'seedcore_ray_connect_total{a="b"} x'])
def test_a_former_text_that_is_none_counts_from_0(former: str) -> None:
    assert text_of(s.healthy(), former) == text_of(s.healthy())


def test_counters_of_another_namespace_are_not_taken_over() -> None:
    target = replace(s.healthy().target, namespace="other")
    former = text_of(replace(s.healthy(), target=target))

    assert text_of(s.healthy(), former) == text_of(s.healthy())


def test_odd_names_cannot_break_the_text() -> None:
    target = replace(s.healthy().target, context='a"b\\c\nd')

    text = text_of(replace(s.healthy(), target=target))

    (family,) = (f for f in text_string_to_metric_families(text) if f.name == metrics.EXIT_CODE)
    assert family.samples[0].labels["context"] == 'a"b\\c\nd'


def test_buckets_are_those_of_the_library() -> None:
    assert metrics.BUCKETS_S == ray_config.CONNECT_BUCKETS_S
