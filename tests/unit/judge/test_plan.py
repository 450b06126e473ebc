"""Which pods an apply would restart, and what it would cost."""

from dataclasses import replace

import pytest

from seedcore_deploy.judge.plan import after, plan_of, plan_of_nothing
from seedcore_deploy.judge.preview import preview_of
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import Look, NotSeen, Seen
from seedcore_deploy.model.plan import Change, Fate, Intent, ObjectChange, Plan, Preview
from seedcore_deploy.model.ray_load import DetachedActor, RayLoad, RunningJob, ServeApplication
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.upgrade import ServiceChange, Upgrade
from seedcore_deploy.model.verdict import ExitCode
from tests.support import snapshots as s
from tests.support.snapshots import API, CLIENT, HEAD, SERVE, SHARED, WORKER, healthy

IDLE = Seen(RayLoad())
BUSY = Seen(RayLoad(jobs=(RunningJob("nightly", "RUNNING"),)))


def planned(snapshot: Snapshot, load: Look[RayLoad] | None = IDLE, **changed: str) -> Plan:
    """The plan for settings with these keys changed in the overlay."""
    shared = {**SHARED, **{name: raw for name, raw in changed.items() if name in SHARED}}
    client = {**CLIENT, **{name: raw for name, raw in changed.items() if name not in SHARED}}
    manifests = replace(
        s.manifests(),
        configmaps=(
            s.configmap("seedcore-env", shared),
            s.configmap("seedcore-client-env", client),
        ),
    )
    snapshot = replace(snapshot, manifests=Seen(manifests))
    exact = replace(preview_of(snapshot, manifests, (), recreates=False), not_compared=())
    return plan_of(snapshot, exact, load)


def fates(plan: Plan) -> dict[str, Fate]:
    return {each.pod: each.fate for each in plan.pods}


def why(plan: Plan, pod: str) -> str:
    return "; ".join(next(each for each in plan.pods if each.pod == pod).why)


def test_an_overlay_that_is_applied_already_changes_nothing() -> None:
    plan = planned(healthy())

    assert not plan.changes_something
    assert plan.pods == ()
    assert plan.load is None
    assert plan.exit_code is ExitCode.PROVEN


def test_a_client_key_restarts_the_clients_alone() -> None:
    plan = planned(healthy(), RAY_ENABLE_AUTO_CONNECT="1")

    assert fates(plan) == {API: Fate.RESTARTED, SERVE: Fate.RESTARTED}
    assert "RAY_ENABLE_AUTO_CONNECT (ConfigMap seedcore-client-env)" in why(plan, API)
    assert [str(each) for each in plan.changed[0].fields] == ["RAY_ENABLE_AUTO_CONNECT: 0 -> 1"]
    assert not plan.touches_ray
    assert plan.load is None
    assert plan.exit_code is ExitCode.FINDINGS


def test_a_shared_key_replaces_an_idle_head_and_its_worker_starts_anew_with_it() -> None:
    plan = planned(healthy(), RAY_HOST="another")

    assert fates(plan) == {
        HEAD: Fate.EVICTED,
        WORKER: Fate.WITH_HEAD,
        API: Fate.RESTARTED,
        SERVE: Fate.RESTARTED,
    }
    assert plan.load == IDLE
    assert any("Ray Client session" in note for note in plan.notes)


@pytest.mark.parametrize(
    "load",
    [
        BUSY,
        Seen(RayLoad(actors=(DetachedActor("counter"),))),
        Seen(RayLoad(applications=(ServeApplication("shop"),))),
        NotSeen("the dashboard is silent"),
        None,
    ],
)
def test_ready_ray_pods_are_left_where_somebodys_work_may_run(load: Look[RayLoad] | None) -> None:
    plan = planned(healthy(), load, RAY_HOST="another")

    assert fates(plan)[HEAD] is Fate.LEFT
    assert fates(plan)[WORKER] is Fate.LEFT
    assert "the Ray cluster" in why(plan, HEAD)
    assert "--restart-head" in next(each.mend for each in plan.pods if each.pod == HEAD)
    assert plan.load == load


def test_the_overlays_own_serve_application_keeps_no_head() -> None:
    load = Seen(RayLoad(applications=(ServeApplication("seedcore", own=True),)))

    assert fates(planned(healthy(), load, RAY_HOST="x"))[HEAD] is Fate.EVICTED


def test_a_busy_head_is_replaced_with_permission() -> None:
    snapshot = s.with_key(healthy(), "seedcore-env", RAY_HOST="x")

    plan = plan_of(snapshot, Preview(()), BUSY, Intent(busy_head=True))

    assert fates(plan)[HEAD] is Fate.EVICTED


def test_a_head_that_is_not_ready_needs_no_permission() -> None:
    snapshot = s.with_group_template(healthy(), Role.HEAD, image="localhost/seedcore-ray:0.2.0")

    plan = plan_of(s.with_pod(snapshot, HEAD, ready=False), Preview(()), BUSY)

    assert fates(plan) == {HEAD: Fate.EVICTED, WORKER: Fate.WITH_HEAD}


def test_a_worker_of_another_template_is_replaced_though_its_head_is_too() -> None:
    """It would start anew in its own pod, which stays as it was made."""
    snapshot = s.with_key(healthy(), "seedcore-env", RAY_HOST="x")
    snapshot = s.with_group_template(snapshot, Role.WORKER, image="localhost/seedcore-ray:0.2.0")

    assert fates(plan_of(snapshot, Preview(()), IDLE))[WORKER] is Fate.EVICTED


def test_a_worker_alone_is_replaced_without_its_head() -> None:
    snapshot = s.with_group_template(healthy(), Role.WORKER, image="localhost/seedcore-ray:0.2.0")

    assert fates(plan_of(snapshot, Preview(()), IDLE)) == {WORKER: Fate.EVICTED}


def test_pods_that_an_earlier_apply_left_behind_are_in_the_plan() -> None:
    snapshot = s.with_environment(healthy(), API, RAY_SERVE_ADDRESS="http://old:8000")

    plan = planned(snapshot)

    assert plan.changed == ()
    assert fates(plan) == {API: Fate.RESTARTED}
    assert plan.exit_code is ExitCode.FINDINGS


def test_a_template_that_changes_is_rolled_out_by_its_workload() -> None:
    subject = Subject("Deployment", "seedcore-api")
    template = s.with_container(s.client_template("api"), image="localhost/seedcore-client:0.2.0")
    workload = replace(s.deployment("api"), template=template)
    objects = (ObjectChange(subject, Change.CHANGED),)

    plan = plan_of(healthy(), Preview(objects, workloads=(workload,), rolling=(subject,)), IDLE)

    assert fates(plan) == {API: Fate.ROLLED_OUT}


def test_kuberay_deletes_the_pods_of_a_raycluster_that_is_recreated() -> None:
    plan = plan_of(healthy(), Preview((), recreated=("seedcore",)), BUSY)

    assert fates(plan) == {HEAD: Fate.RECREATED, WORKER: Fate.RECREATED}


def test_without_restarts_what_is_stale_is_left() -> None:
    snapshot = s.with_key(healthy(), "seedcore-client-env", RAY_SERVE_ADDRESS="http://new:8000")

    plan = plan_of(snapshot, Preview(()), IDLE, Intent(stale=False))

    assert fates(plan) == {API: Fate.LEFT, SERVE: Fate.LEFT}
    assert "--restart=none" in why(plan, API)


def test_every_pod_is_restarted_where_that_is_asked_for() -> None:
    plan = plan_of(healthy(), Preview(()), IDLE, Intent(every=True))

    assert fates(plan) == {
        HEAD: Fate.EVICTED,
        WORKER: Fate.WITH_HEAD,
        API: Fate.RESTARTED,
        SERVE: Fate.RESTARTED,
    }


def test_a_pod_that_could_not_be_looked_into_leaves_it_open() -> None:
    plan = planned(s.with_pod(healthy(), API, process=NotSeen("exec was refused")))

    assert fates(plan) == {API: Fate.UNKNOWN}
    assert not plan.changes_something
    assert plan.exit_code is ExitCode.INCONCLUSIVE


def test_what_was_not_compared_leaves_it_open() -> None:
    plan = plan_of(healthy(), Preview((), not_compared=("labels",)), None)

    assert plan.exit_code is ExitCode.INCONCLUSIVE
    assert plan_of(replace(healthy(), pods=NotSeen("forbidden")), Preview(())).not_compared


def test_a_key_that_is_not_about_ray_makes_its_readers_stale_too() -> None:
    plan = planned(healthy(), SEEDCORE_LOG_LEVEL="DEBUG")

    assert fates(plan)[API] is Fate.RESTARTED
    assert fates(plan)[HEAD] is Fate.EVICTED
    assert str(plan.changed[0].fields[0]) == "SEEDCORE_LOG_LEVEL changes (hidden)"


def test_a_namespace_that_is_not_there_is_made_with_all_that_is_in_it() -> None:
    plan = plan_of_nothing(Preview((ObjectChange(Subject("Service", "x"), Change.CREATED),)))

    assert plan.makes_namespace
    assert plan.exit_code is ExitCode.FINDINGS


def test_the_look_ahead_replaces_and_adds_objects() -> None:
    preview = Preview(
        (),
        configmaps=(s.configmap("seedcore-env", {"RAY_HOST": "x"}), s.configmap("new", {})),
        rayclusters=(replace(s.raycluster(), groups=()),),
    )

    seen = after(healthy(), preview)

    assert isinstance(seen.configmaps, Seen)
    assert [each.name for each in seen.configmaps.value] == [
        "seedcore-env",
        "seedcore-client-env",
        "new",
    ]
    assert isinstance(seen.rayclusters, Seen)
    assert seen.rayclusters.value[0].groups == ()
    assert seen.pods == healthy().pods


def upgraded(upgrade: Upgrade, load: Look[RayLoad] = IDLE) -> Plan:
    """The plan for a RayService that changes."""
    snapshot = s.made_by_a_rayservice(s.of_the_service("seedcore-aaaaa"), active="seedcore-aaaaa")
    change = ServiceChange("seedcore", upgrade, ("rayVersion",), 60)
    changed = ObjectChange(Subject("RayService", "seedcore"), Change.CHANGED)
    return plan_of(snapshot, Preview((changed,), upgrades=(change,)), load)


def test_a_changed_rayservice_gets_a_new_raycluster_in_the_place_of_the_one_that_runs() -> None:
    plan = upgraded(Upgrade.NEW_CLUSTER, BUSY)

    assert fates(plan) == {HEAD: Fate.SUPERSEDED, WORKER: Fate.SUPERSEDED}
    assert why(plan, HEAD) == "rayservice/seedcore changes: rayVersion"
    assert plan.load == BUSY
    assert "both need room" in plan.notes[0]
    assert any("Ray Client session" in note for note in plan.notes)


@pytest.mark.parametrize("upgrade", [Upgrade.IN_PLACE, Upgrade.NOT_TAKEN_OVER])
def test_a_changed_rayservice_whose_raycluster_stays_touches_no_pod(upgrade: Upgrade) -> None:
    plan = upgraded(upgrade)

    assert plan.pods == ()
    assert not plan.touches_ray
    assert plan.notes[0].startswith("rayservice/seedcore ")
