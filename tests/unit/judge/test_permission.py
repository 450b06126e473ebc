"""When a stale Ray pod may be replaced."""

from dataclasses import replace

import pytest

from seedcore_deploy.judge.permission import decide, needs_permission, running
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import Look, NotSeen, Seen
from seedcore_deploy.model.ray_load import DetachedActor, RayLoad, RunningJob, ServeApplication
from seedcore_deploy.model.stale import StalePod
from tests.support import snapshots as s

OWNER = Subject("RayCluster", "seedcore", "headgroup")
HEAD = StalePod(s.pod_of(s.healthy(), s.HEAD), OWNER, variables=("RAY_HOST",))
WORKER = StalePod(s.pod_of(s.healthy(), s.WORKER), OWNER, variables=("RAY_HOST",))
UNREADY = replace(HEAD, pod=replace(HEAD.pod, ready=False))
JOB = RunningJob("nightly", "RUNNING")
BUSY = Seen(RayLoad(jobs=(JOB,)))


def test_a_ready_head_is_replaced_while_nothing_runs_on_it() -> None:
    decision = decide([HEAD, WORKER], Seen(RayLoad()))

    assert decision.replace == (HEAD, WORKER)
    assert decision.left == ()


def test_the_overlays_own_serve_application_keeps_no_head() -> None:
    own = Seen(RayLoad(applications=(ServeApplication("seedcore", "RUNNING", own=True),)))

    assert decide([HEAD], own).replace == (HEAD,)


@pytest.mark.parametrize(
    "load",
    [
        BUSY,
        Seen(RayLoad(actors=(DetachedActor("cache", "prod"),))),
        Seen(RayLoad(applications=(ServeApplication("search", "RUNNING"),))),
        NotSeen("the dashboard does not answer"),
        None,
    ],
)
def test_a_ready_head_or_worker_is_left_while_anything_runs_or_nobody_can_tell(
    load: Look[RayLoad] | None,
) -> None:
    decision = decide([HEAD, WORKER], load)

    assert decision.replace == ()
    assert [each.stale for each in decision.left] == [HEAD, WORKER]
    assert {each.option for each in decision.left} == {"--restart-head"}


@pytest.mark.parametrize("load", [BUSY, NotSeen("forbidden"), None])
def test_a_head_that_is_not_ready_needs_no_permission(load: Look[RayLoad] | None) -> None:
    assert not needs_permission([UNREADY])
    assert decide([UNREADY], load).replace == (UNREADY,)


def test_of_a_busy_cluster_only_the_ready_pods_are_left() -> None:
    unready_worker = replace(WORKER, pod=replace(WORKER.pod, ready=False))

    decision = decide([HEAD, unready_worker], BUSY)

    assert decision.replace == (unready_worker,)
    assert [each.stale for each in decision.left] == [HEAD]


def test_permission_counts_also_where_nobody_can_tell_what_runs() -> None:
    assert decide([HEAD], NotSeen("forbidden"), permitted=True).replace == (HEAD,)


def test_what_runs_is_named() -> None:
    load = RayLoad(
        jobs=(JOB,),
        actors=(DetachedActor("cache", "prod"), DetachedActor("keeper")),
        applications=(
            ServeApplication("seedcore", "RUNNING", own=True),
            ServeApplication("search", "RUNNING"),
        ),
    )

    assert running(load) == (
        "job nightly (RUNNING), detached actors cache (namespace prod), keeper, "
        "Serve application search"
    )
    assert "runs job nightly (RUNNING)" in decide([HEAD], BUSY).left[0].why


def test_of_many_names_some_are_told_and_the_others_counted() -> None:
    load = RayLoad(jobs=tuple(RunningJob(f"j{number}") for number in range(8)))

    assert running(load) == "jobs j0, j1, j2, j3, j4 and 3 more"


def test_why_nobody_could_tell_is_said() -> None:
    (left,) = decide([HEAD], NotSeen("the dashboard does not answer")).left

    assert left.why.endswith("could not be told: the dashboard does not answer")
