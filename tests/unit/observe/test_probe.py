"""Which pods are asked, in which order, and for how long."""

from dataclasses import replace

import pytest

from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.snapshot import PodFacts, PodTemplate
from seedcore_deploy.observe.probe import chosen, slowness

READY = PodFacts(
    name="p",
    uid="u",
    role=Role.CLIENT,
    workload="api",
    group="api",
    container="c",
    template=PodTemplate(()),
    phase="Running",
    ready=True,
    created_at="2026-01-01T00:00:00Z",
    started_at="2026-01-01T00:00:01Z",
)
HEAD = replace(READY, name="head", role=Role.HEAD, workload="head")


def names(*pods: PodFacts, all_pods: bool = False) -> list[str]:
    return [pod.name for pod in chosen(pods, all_pods=all_pods)]


def test_the_head_is_asked_first_and_workers_never() -> None:
    worker = replace(READY, name="worker", role=Role.WORKER, workload="worker")
    serve = replace(READY, name="serve", workload="serve")

    assert names(serve, worker, READY, HEAD) == ["head", "p", "serve"]


def test_of_a_workload_the_newest_ready_pod_is_asked() -> None:
    newer = replace(READY, name="newer", created_at="2026-01-02T00:00:00Z")
    older = replace(READY, name="older", created_at="2025-01-03T00:00:00Z", ready=False)

    assert names(READY, older, newer) == ["newer"]
    assert names(READY, older, newer, all_pods=True) == ["newer", "older", "p"]


def test_the_newest_pod_is_asked_as_well_where_it_is_not_ready_beside_one_of_before() -> None:
    newest = replace(READY, name="new", created_at="2026-01-03T00:00:00Z", ready=False)

    assert names(READY, newest) == ["new", "p"]


def test_where_none_is_ready_one_that_runs_is_asked() -> None:
    assert names(replace(READY, ready=False)) == ["p"]


@pytest.mark.parametrize(
    "pod",
    [
        replace(READY, terminating=True),
        replace(READY, finished=True),
        replace(READY, ready=False, started_at=""),
    ],
)
def test_what_does_not_run_is_not_asked(pod: PodFacts) -> None:
    assert names(pod, all_pods=True) == []


def test_two_deployments_of_one_contract_are_both_asked() -> None:
    blue = replace(READY, name="blue", owner="deployment/blue")
    green = replace(READY, name="green", owner="deployment/green")

    assert names(blue, green) == ["blue", "green"]


@pytest.mark.parametrize(
    ("limit", "factor"), [(None, 1), (2.0, 1), (1.0, 1), (0.5, 2), (0.25, 2), (0.1, 4)]
)
def test_less_processor_gets_more_time(limit: float | None, factor: float) -> None:
    assert slowness(limit) == factor
