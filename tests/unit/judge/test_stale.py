"""Client workloads whose pods run with older settings than they would get now."""

from dataclasses import replace

from seedcore_deploy.judge.stale import stale_client_workloads
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import NotSeen, Seen
from tests.support import snapshots as s
from tests.support.snapshots import API, SERVE, healthy


def test_nothing_is_stale_in_a_healthy_deployment() -> None:
    assert stale_client_workloads(healthy()) == ()


def test_changed_key_makes_its_readers_stale() -> None:
    snapshot = s.with_key(healthy(), "seedcore-client-env", RAY_NAMESPACE="new")

    assert stale_client_workloads(snapshot) == (
        Subject("Deployment", "seedcore-api"),
        Subject("Deployment", "seedcore-serve"),
    )


def test_pod_that_was_restarted_since_is_not() -> None:
    snapshot = s.with_key(healthy(), "seedcore-client-env", RAY_NAMESPACE="new")
    snapshot = s.with_environment(snapshot, SERVE, RAY_NAMESPACE="new")

    assert stale_client_workloads(snapshot) == (Subject("Deployment", "seedcore-api"),)


def test_pod_that_could_not_be_read_is_not_called_stale() -> None:
    snapshot = s.with_key(healthy(), "seedcore-client-env", RAY_NAMESPACE="new")
    snapshot = s.with_pod(snapshot, SERVE, process=NotSeen("forbidden"))

    assert stale_client_workloads(snapshot) == (Subject("Deployment", "seedcore-api"),)


def test_deleted_configmap_that_is_required_makes_nobody_stale() -> None:
    """A restart would not start: it would make things worse."""
    assert stale_client_workloads(s.without_configmap(healthy(), "seedcore-client-env")) == ()


def test_clients_are_judged_alone() -> None:
    snapshot = s.with_key(healthy(), "seedcore-env", RAY_HOST="new")
    clients = replace(snapshot, pods=Seen((s.pod_of(snapshot, API),)))

    assert stale_client_workloads(clients) == (Subject("Deployment", "seedcore-api"),)
