"""Pods that run with older settings than they would get now, and in what."""

from dataclasses import replace
from typing import Any

import pytest

from seedcore_deploy.judge.stale import (
    clients,
    ray_pods,
    stale_clients,
    stale_pods,
    stale_ray_pods,
)
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.stale import StalePod
from tests.support import snapshots as s
from tests.support.snapshots import API, HEAD, SERVE, WORKER, healthy

STARTED, LATER = "2026-03-01T11:00:00Z", "2026-03-01T11:00:01Z"


def names(found: tuple[StalePod, ...]) -> list[str]:
    return [each.pod.name for each in found]


def test_nothing_is_stale_in_a_healthy_deployment() -> None:
    assert stale_pods(healthy()) == ()


def test_a_changed_key_of_the_client_settings_makes_the_clients_alone_stale() -> None:
    snapshot = s.with_key(healthy(), "seedcore-client-env", RAY_NAMESPACE="new")

    found = stale_clients(snapshot)

    assert [each.owner for each in found] == [
        Subject("Deployment", "seedcore-api"),
        Subject("Deployment", "seedcore-serve"),
    ]
    assert stale_ray_pods(snapshot) == ()
    assert found[0].cause == "it runs with an older RAY_NAMESPACE (ConfigMap seedcore-client-env)"


def test_a_changed_key_of_the_shared_settings_makes_all_pods_stale_the_head_first() -> None:
    snapshot = s.with_key(healthy(), "seedcore-env", RAY_HOST="new")

    assert names(stale_ray_pods(snapshot)) == [HEAD, WORKER]
    assert names(stale_clients(snapshot)) == [API, SERVE]


def test_a_changed_key_that_is_not_about_ray_makes_its_readers_stale() -> None:
    snapshot = s.with_key(healthy(), "seedcore-env", SEEDCORE_LOG_LEVEL="DEBUG")

    assert names(stale_pods(snapshot)) == [HEAD, WORKER, API, SERVE]
    assert stale_pods(snapshot)[0].variables == ("SEEDCORE_LOG_LEVEL (ConfigMap seedcore-env)",)


def test_a_key_that_is_not_about_ray_and_was_added_or_removed_counts_as_changed() -> None:
    removed = s.with_key(healthy(), "seedcore-env", SEEDCORE_LOG_LEVEL=None)
    lacks = s.with_process(
        healthy(), API, lambda facts: replace(facts, others={"SEEDCORE_LOG_LEVEL": None})
    )

    assert names(stale_pods(removed)) == [HEAD, WORKER, API, SERVE]
    assert names(stale_pods(lacks)) == [API]


def test_a_variable_that_nobody_could_read_is_not_called_stale() -> None:
    snapshot = s.with_key(healthy(), "seedcore-env", SEEDCORE_LOG_LEVEL="DEBUG")
    snapshot = s.with_process(snapshot, API, lambda facts: replace(facts, others={}))

    assert names(stale_pods(snapshot)) == [HEAD, WORKER, SERVE]


def test_what_kuberay_shadows_makes_no_ray_pod_stale() -> None:
    snapshot = s.with_key(healthy(), "seedcore-env", RAY_PORT="10002")

    assert stale_ray_pods(snapshot) == ()


def test_a_worker_that_was_started_in_place_since_is_not() -> None:
    snapshot = s.with_key(healthy(), "seedcore-env", RAY_HOST="new")
    snapshot = s.with_environment(snapshot, WORKER, RAY_HOST="new")

    assert names(stale_ray_pods(snapshot)) == [HEAD]


def test_a_changed_template_makes_the_pods_of_its_group_stale() -> None:
    snapshot = s.with_group_template(healthy(), Role.WORKER, image="localhost/seedcore-ray:2")

    (found,) = stale_ray_pods(snapshot)

    assert found.pod.name == WORKER
    assert found.outlasts
    assert found.cause.startswith("its template has changed: image localhost/seedcore-ray:0.1.0")


def test_a_pod_without_a_node_is_stale_where_it_would_go_elsewhere_now() -> None:
    template = replace(
        s.ray_pod_template(Role.HEAD, HEAD), scheduling={"nodeSelector": '{"disk":"none"}'}
    )
    running = s.with_pod(healthy(), HEAD, template=template)
    pending = s.with_pod(
        running, HEAD, phase="Pending", ready=False, ip="", started_at="", process=NotSeen("no")
    )

    assert stale_ray_pods(running) == ()
    assert [each.template for each in stale_ray_pods(pending)] == [("nodeSelector",)]


def test_pod_that_could_not_be_read_is_not_called_stale() -> None:
    snapshot = s.with_key(healthy(), "seedcore-client-env", RAY_NAMESPACE="new")
    snapshot = s.with_pod(snapshot, SERVE, process=NotSeen("forbidden"))

    assert names(stale_clients(snapshot)) == [API]


def test_deleted_configmap_that_is_required_makes_nobody_stale() -> None:
    """A restart would not start: it would make things worse."""
    assert stale_pods(s.without_configmap(healthy(), "seedcore-client-env")) == ()


def test_clients_are_judged_alone() -> None:
    snapshot = s.with_key(healthy(), "seedcore-env", RAY_HOST="new")
    alone = replace(snapshot, pods=Seen((s.pod_of(snapshot, API),)))

    assert names(stale_clients(alone)) == [API]


def changed(snapshot: Snapshot, configmap: str, at: str) -> Snapshot:
    assert isinstance(snapshot.configmaps, Seen)
    found = tuple(
        replace(each, changed_at=at) if each.name == configmap else each
        for each in snapshot.configmaps.value
    )
    return replace(snapshot, configmaps=Seen(found))


def crashing(name: str, **more: Any) -> Snapshot:
    """The kubelet waits before it starts the container once more."""
    given = {"created_at": STARTED, "tried_at": STARTED, **more}
    return s.with_pod(healthy(), name, ready=False, started_at="", process=NotSeen("no"), **given)


@pytest.mark.parametrize("name", [HEAD, WORKER, API])
def test_a_crashing_pod_whose_settings_were_mended_since_its_last_start_is_stale(name: str) -> None:
    (found,) = stale_pods(changed(crashing(name), "seedcore-env", LATER))

    assert found.pod.name == name
    assert found.cause == "it has not been started since configmap/seedcore-env was changed"


def test_a_crashing_pod_that_was_started_since_the_change_is_not_stale() -> None:
    assert stale_pods(changed(crashing(HEAD), "seedcore-env", STARTED)) == ()


def test_settings_that_a_crashing_pod_does_not_read_are_nothing_to_it() -> None:
    assert stale_pods(changed(crashing(HEAD), "seedcore-client-env", LATER)) == ()


def test_a_pod_that_has_not_been_started_yet_will_be_with_the_new_settings() -> None:
    assert stale_pods(changed(crashing(HEAD, tried_at=""), "seedcore-env", LATER)) == ()


def test_a_crashing_head_whose_raycluster_was_mended_is_stale_for_what_no_template_shows() -> None:
    """... as rayStartParams do not."""
    mended = replace(s.raycluster(), changed_at=LATER)

    (found,) = stale_pods(replace(crashing(HEAD), rayclusters=Seen((mended,))))

    assert found.settings == ("raycluster/seedcore",)


def test_a_ready_head_is_not_stale_for_a_change_of_the_raycluster_alone() -> None:
    scaled = replace(s.raycluster(), changed_at=s.NOW)

    assert stale_pods(replace(healthy(), rayclusters=Seen((scaled,)))) == ()


def test_all_that_can_be_replaced_when_that_is_asked_for() -> None:
    assert names(ray_pods(healthy())) == [HEAD, WORKER]
    assert names(clients(healthy())) == [API, SERVE]
    assert clients(healthy())[0].cause == "--restart=all asks for it"
