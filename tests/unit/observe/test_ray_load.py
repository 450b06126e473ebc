"""Whose a Serve application is, and which head is asked."""

from dataclasses import replace
from typing import Any, cast

import pytest

from seedcore_deploy.kube.client import Connection
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.ray_load import DetachedActor, RunningJob, ServeApplication
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.observe import ray_load
from seedcore_deploy.observe.delivery import Place
from tests.support import snapshots as s
from tests.support.snapshots import HEAD, SERVE, healthy

NOBODY = cast("Connection", None)
NOTHING: dict[str, Any] = {"jobs": [], "actors": [], "applications": []}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What each pod answers; a pod that is not in it must not be asked."""
    answers: dict[str, Any] = {}

    def deliver(_: object, place: Place, *__: object, **___: object) -> Any:
        return answers[place.pod]

    monkeypatch.setattr(ray_load, "deliver", deliver)
    return answers


def applications(asked: dict[str, Any], snapshot: Snapshot, *names: str) -> list[ServeApplication]:
    rows = [{"name": name, "status": "RUNNING"} for name in names]
    asked[HEAD] = {**NOTHING, "applications": rows}
    look = ray_load.ray_load(NOBODY, snapshot)
    assert isinstance(look, Seen)
    return list(look.value.applications)


def test_the_overlays_own_application_is_no_loss(asked: dict[str, Any]) -> None:
    own, other = applications(asked, healthy(), "seedcore", "shop")

    assert own.own
    assert not other.own


def test_an_application_that_nobody_would_deploy_again_is_a_loss(asked: dict[str, Any]) -> None:
    (own,) = applications(asked, s.without_pods(healthy(), SERVE), "seedcore")

    assert not own.own


def test_the_contract_names_the_own_applications(asked: dict[str, Any]) -> None:
    snapshot = healthy()
    workloads = tuple(
        replace(each, applications=("shop",) if each.name == "serve" else ())
        for each in snapshot.contract.workloads
    )
    contract = replace(snapshot.contract, workloads=workloads)

    own = applications(asked, replace(snapshot, contract=contract), "seedcore", "shop")

    assert [each.own for each in own] == [False, True]


def test_all_that_runs_is_told(asked: dict[str, Any]) -> None:
    asked[HEAD] = {
        **NOTHING,
        "jobs": [{"name": "nightly", "status": "RUNNING"}],
        "actors": [{"name": "counter token=abcdefgh", "namespace": "team"}],
    }

    look = ray_load.ray_load(NOBODY, healthy())

    assert isinstance(look, Seen)
    assert look.value.jobs == (RunningJob("nightly", "RUNNING"),)
    assert look.value.actors == (DetachedActor("counter token=***", "team"),)
    assert not look.value.idle


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"could_not_look": "the dashboard is silent"}, "the dashboard is silent"),
        (NotSeen("exec was refused"), "exec was refused"),
    ],
)
def test_a_head_that_does_not_tell_is_not_seen(
    asked: dict[str, Any], answer: Any, why: str
) -> None:
    asked[HEAD] = answer

    look = ray_load.ray_load(NOBODY, healthy())

    assert isinstance(look, NotSeen)
    assert why in look.why


def test_a_head_that_is_not_ready_is_not_asked(asked: dict[str, Any]) -> None:
    look = ray_load.ray_load(NOBODY, s.with_pod(healthy(), HEAD, ready=False))

    assert isinstance(look, NotSeen)


def test_pods_that_were_not_seen_are_not_asked(asked: dict[str, Any]) -> None:
    look = ray_load.ray_load(NOBODY, replace(healthy(), pods=NotSeen("forbidden")))

    assert isinstance(look, NotSeen)
    assert "forbidden" in look.why


def test_the_head_of_another_raycluster_is_not_asked(asked: dict[str, Any]) -> None:
    look = ray_load.ray_load(NOBODY, s.with_pod(healthy(), HEAD, raycluster="another"))

    assert isinstance(look, NotSeen)


def test_head_of_a_rayservice_is_asked_whatever_its_raycluster_is_called(
    asked: dict[str, Any],
) -> None:
    snapshot = s.made_by_a_rayservice(s.of_the_service("seedcore-aaaaa"), active="seedcore-aaaaa")
    assert isinstance(snapshot.manifests, Seen)
    (planned,) = snapshot.manifests.value.rayclusters
    serving = replace(planned, serves=("hello",))
    manifests = replace(snapshot.manifests.value, rayclusters=(serving,))

    own, other = applications(asked, replace(snapshot, manifests=Seen(manifests)), "hello", "shop")

    assert own.own  # KubeRay deploys it anew
    assert not other.own
