"""The plan: for a person, in short, and as JSON against its schema."""

import json
from dataclasses import replace

import jsonschema
import pytest

from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.plan import Change, Fate, FieldChange, ObjectChange, Plan, PodPlan
from seedcore_deploy.model.ray_load import DetachedActor, RayLoad, RunningJob, ServeApplication
from seedcore_deploy.report import plan_json
from seedcore_deploy.report.plan import render, short, summary
from tests.support.snapshots import API, HEAD, healthy
from tests.support.tool import REPOSITORY

SCHEMA = json.loads((REPOSITORY / "docs" / "schema" / "plan-v1.json").read_text())
TARGET = healthy().target
SAME = ObjectChange(Subject("Service", "seedcore-api"), Change.UNCHANGED)
KEYS = ObjectChange(
    Subject("ConfigMap", "seedcore-env"),
    Change.CHANGED,
    (
        FieldChange("RAY_HOST", "a", "b", is_key=True),
        FieldChange("RAY_PORT", "1", None, sure=False, is_key=True),
    ),
)
MADE = ObjectChange(
    Subject("ConfigMap", "new"), Change.CREATED, (FieldChange("RAY_HOST", None, "b", is_key=True),)
)
LOAD = RayLoad(
    jobs=(RunningJob("nightly", "RUNNING"),),
    actors=(DetachedActor("counter", "team"),),
    applications=(
        ServeApplication("seedcore", "RUNNING", own=True),
        ServeApplication("shop", "RUNNING"),
    ),
)
CLIENT = PodPlan(
    API, Role.CLIENT, Subject("Deployment", "seedcore-api"), Fate.RESTARTED, ("older RAY_HOST",)
)
BUSY_HEAD = PodPlan(
    HEAD,
    Role.HEAD,
    Subject("RayCluster", "seedcore", "headgroup"),
    Fate.LEFT,
    ("it runs with an older RAY_HOST", "the Ray cluster runs job nightly (RUNNING)"),
    "apply again when that is over",
)
NOTHING = Plan((SAME,))
MUCH = Plan(
    (KEYS, MADE, SAME),
    (CLIENT, BUSY_HEAD),
    Seen(LOAD),
    ("raycluster/seedcore group workers: replicas stays 3",),
    ("a new head ends every Ray Client session",),
    ("labels",),
)
EVERY = (
    NOTHING,
    MUCH,
    replace(MUCH, load=NotSeen("the dashboard is silent")),
    replace(MUCH, load=None),
    Plan((MADE,), makes_namespace=True),
    replace(NOTHING, not_compared=("labels",)),
    replace(NOTHING, pods=(replace(CLIENT, fate=Fate.UNKNOWN),)),
)


def text(plan: Plan, *, width: int = 120, color: bool = False) -> str:
    return render(plan, TARGET, width=width, color=color)


def test_where_nothing_would_change_that_is_the_last_line() -> None:
    assert text(NOTHING).splitlines()[-1] == (
        "PLAN: nothing would change (seedcore-dev in kind-seedcore)"
    )


@pytest.mark.parametrize("plan", EVERY[-2:])
def test_nothing_is_not_claimed_where_not_all_was_looked_at(plan: Plan) -> None:
    assert summary(plan) == "nothing would change, as far as could be looked at"


def test_a_person_reads_what_changes_whom_it_restarts_and_what_that_costs() -> None:
    lines = text(MUCH).splitlines()

    assert "changed configmap/seedcore-env" in lines
    assert "  RAY_HOST: a -> b" in lines
    assert "  RAY_PORT is removed (it was 1), if an earlier apply made it" in lines
    assert "created configmap/new" in lines
    assert "unchanged, as far as was compared: 1 object" in lines
    assert (
        f"pod/{API} (client of deployment/seedcore-api): its workload is rolled out anew" in lines
    )
    assert f"pod/{HEAD} (head): it is left as it is" in lines
    assert "  mend: apply again when that is over" in lines
    assert "on Ray now: job nightly (RUNNING): lost with the head" in lines
    assert "on Ray now: detached actor counter (namespace team): lost with the head" in lines
    assert any("others shop (RUNNING): lost" in line for line in lines)
    assert any("application seedcore, which the overlay deploys anew" in x for x in lines)
    assert "not compared: labels" in lines
    assert lines[-1].startswith(
        "PLAN: 1 object created, 1 object changed, 1 pod restarted, 1 pod left with older settings"
    )


def test_an_idle_ray_costs_nothing() -> None:
    assert "no job, no detached actor" in text(replace(MUCH, load=Seen(RayLoad())))


def test_what_runs_on_ray_and_could_not_be_told_is_said() -> None:
    assert "could not be told: the dashboard is silent" in text(EVERY[2])


def test_the_namespace_is_created_too() -> None:
    assert "created namespace/seedcore-dev" in text(EVERY[4])
    assert summary(EVERY[4]) == "the namespace created, 1 object created"


def test_in_short_each_thing_is_one_line() -> None:
    lines = short(replace(MUCH, notes=("a new head ends every session",)))

    assert "changed configmap/seedcore-env (RAY_HOST, RAY_PORT)" in lines
    assert f"pod/{HEAD} (head): it is left as it is" in lines
    assert "note: a new head ends every session" in lines
    assert lines[-1] == summary(MUCH)
    assert short(NOTHING) == ("nothing would change",)


@pytest.mark.parametrize("plan", EVERY)
@pytest.mark.parametrize("width", [20, 60, 200])
def test_lines_keep_to_the_width_but_for_the_last(plan: Plan, width: int) -> None:
    *lines, last = text(plan, width=width).splitlines()

    assert max(map(len, lines)) <= max(width, 60)
    assert last.startswith("PLAN: ")


@pytest.mark.parametrize("plan", EVERY)
def test_json_is_as_the_schema_says(plan: Plan) -> None:
    said = json.loads(plan_json.render(plan, TARGET, "seedcore-deploy 0"))

    jsonschema.validate(said, SCHEMA)
    assert said["exit_code"] == plan.exit_code


def test_json_has_what_the_text_has() -> None:
    said = json.loads(plan_json.render(MUCH, TARGET, "seedcore-deploy 0"))

    assert said["objects"][0]["fields"][1] == {
        "path": "RAY_PORT",
        "key": True,
        "change": "removed",
        "before": "1",
        "after": "",
        "sure": False,
    }
    assert [each["fate"] for each in said["pods"]] == ["restarted", "left"]
    assert [each["own"] for each in said["ray"]["applications"]] == [True, False]


def test_color_changes_no_word() -> None:
    colored = text(MUCH, color=True)

    assert "\x1b[" in colored
    assert "RAY_HOST: a -> b" in colored


def test_schema_knows_every_fate() -> None:
    assert set(SCHEMA["$defs"]["pod"]["properties"]["fate"]["enum"]) == {*Fate}
