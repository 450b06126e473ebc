"""The environment of pods: as a table, as JSON against its schema, and for a shell."""

import json
import subprocess
from dataclasses import replace

import jsonschema
import pytest

from seedcore_deploy.judge.replicas import environments
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.environment import PodEnvironment
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.variable import LayerVerdict, Origin, OriginKind, VariableLine
from seedcore_deploy.report import environment_json, environment_lines
from seedcore_deploy.report.environment import render
from tests.support import snapshots as s
from tests.support.faults.catalogue import FAULTS, Fault
from tests.support.faults.objects import stale_client
from tests.support.faults.settings import replicas_differ
from tests.support.tool import REPOSITORY

KNOWN = json.loads((REPOSITORY / "docs" / "schema" / "env-v1.json").read_text())
PRINTED = "".join(
    f"{name}={raw}\n" for name, raw in sorted(s.connection_environment(s.SHARED, s.CLIENT).items())
)


def table(snapshot: Snapshot, *, width: int = 160, every: bool = False, color: bool = False) -> str:
    shown = environments(snapshot, every=every)
    return render(shown, snapshot, width=width, color=color)


def lines(*variables: VariableLine) -> str:
    return environment_lines.render(
        PodEnvironment("p", Role.CLIENT, "api", True, True, True, variables=variables)
    )


def variable(name: str, value: str, layer: str = "process") -> VariableLine:
    origin = Origin(OriginKind.IMAGE)
    return VariableLine(name, value, origin, LayerVerdict.AGREED, ((layer, value),))


def unread() -> Snapshot:
    return s.with_pod(s.healthy(), s.API, process=NotSeen("exec is forbidden", "bind the Role"))


def test_each_value_has_its_origin_and_its_layer() -> None:
    head, worker, api, _serve = table(s.healthy()).split("\nPOD ")[1:]

    assert head.startswith(f"{s.HEAD} (head)\n")
    (address,) = (line.split() for line in head.splitlines() if " RAY_ADDRESS " in line)
    assert address == ["RAY_ADDRESS", "127.0.0.1:6379", "process", "KubeRay"]
    assert " RAY_IP " in worker
    (address,) = (line.split() for line in api.splitlines() if " RAY_ADDRESS " in line)
    assert address[1:] == [s.CLIENT["RAY_ADDRESS"], "process", "ConfigMap", "seedcore-client-env"]


def test_nothing_stands_out_where_all_is_well() -> None:
    text = table(s.healthy())

    assert "!" not in text
    assert "DIFFERS" not in text


def test_replicas_that_differ_come_first_and_are_marked_in_their_pods() -> None:
    text = table(replicas_differ())

    assert text.index("DIFFERS: RAY_NAMESPACE between the pods of deployment/") < text.index("POD ")
    assert f"  older  in {s.API}2\n" in text
    assert text.count("\n! RAY_NAMESPACE ") == 2
    assert text.count("\n! ") == 2


def test_a_pods_own_name_is_no_difference() -> None:
    twin = s.ray_pod(Role.WORKER, s.WORKER + "2", "10.244.0.21")
    snapshot = s.with_added_pod(s.healthy(), twin)

    shown = environments(snapshot)

    assert shown.differences == ()
    names = {each.value for pod in shown.pods for each in pod.variables if "INSTANCE" in each.name}
    assert {s.WORKER, s.WORKER + "2"} <= names


def test_hidden_values_that_differ_are_told_apart_and_stay_hidden() -> None:
    twin = replace(s.client_pod(s.API + "2", "api", "10.244.0.22"))
    snapshot = s.with_added_pod(s.healthy(), twin)
    snapshot = s.with_environment(snapshot, s.API, RAY_TOKEN="tulip")
    snapshot = s.with_environment(snapshot, twin.name, RAY_TOKEN="daffodil")

    text = table(snapshot)

    assert f"  (hidden) 1  in {s.API}\n  (hidden) 2  in {twin.name}\n" in text
    assert "tulip" not in text
    assert "daffodil" not in text


def test_a_variable_that_one_replica_lacks_is_a_difference() -> None:
    twin = s.client_pod(s.API + "2", "api", "10.244.0.22")
    snapshot = s.with_environment(s.with_added_pod(s.healthy(), twin), twin.name, RAY_HOST=None)

    (difference,) = environments(snapshot).differences

    assert difference.values == (("seedcore-head-svc", (s.API,)), ("(unset)", (twin.name,)))


def test_layers_that_disagree_stand_out_with_the_cause() -> None:
    text = table(stale_client())

    assert "\n! RAY_HOST " in text
    assert "    pod stale: manifest seedcore-head-svc, cluster seedcore-head-svc, container" in text


def test_pod_that_could_not_be_looked_into_says_why_and_shows_what_there_is() -> None:
    snapshot = unread()

    api = table(snapshot).split("\nPOD ")[3]

    assert api.startswith(f"{s.API} (client api): could not look into it: exec is forbidden\n")
    assert "  mend: bind the Role\n" in api
    assert s.CLIENT["RAY_ADDRESS"] + "  cluster  ConfigMap" in api
    assert table(snapshot).endswith("COULD NOT LOOK into 1 pod\n")
    assert environments(snapshot).exit_code == 3
    assert environments(s.healthy()).exit_code == 0


def test_process_that_could_not_be_read_is_a_note_and_the_container_is_shown() -> None:
    snapshot = s.with_process(
        s.healthy(), s.API, lambda facts: replace(facts, process=NotSeen("permission denied"))
    )

    api = table(snapshot).split("\nPOD ")[3]

    assert "the live process could not be read: permission denied\n" in api
    assert s.CLIENT["RAY_ADDRESS"] + "  container  ConfigMap" in api
    assert environments(snapshot).exit_code == 0


def test_finished_pod_was_not_looked_into_and_decides_nothing_unless_it_was_asked_for() -> None:
    finished = NotSeen("the pod has finished")
    snapshot = s.with_pod(
        s.healthy(), s.API, finished=True, phase="Succeeded", ready=False, process=finished
    )

    assert f"POD {s.API} (client api), not ready: finished (Succeeded)\n" in table(snapshot)
    assert environments(snapshot).exit_code == 0
    assert environments(snapshot, pod=s.API).exit_code == 3


def test_one_pod_is_shown_alone() -> None:
    shown = environments(s.healthy(), pod=s.API)

    assert [pod.pod for pod in shown.pods] == [s.API]


def test_all_adds_other_variables_by_name_and_origin_only() -> None:
    assert "SEEDCORE_LOG_LEVEL" not in table(s.healthy())

    rows = [line.split() for line in table(s.healthy(), every=True).splitlines()]

    shown = ["SEEDCORE_LOG_LEVEL", "(hidden)", "cluster", "ConfigMap", "seedcore-env"]
    assert rows.count(shown) == 4


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_text_keeps_to_the_width_and_loses_nothing(width: int) -> None:
    text = table(s.healthy(), width=width)

    assert all(len(line) <= width for line in text.splitlines())
    if width == 100:
        assert ".svc.cluster.local:6379" in text


def test_color_only_when_asked_for() -> None:
    assert "\x1b[" not in table(replicas_differ())
    assert "\x1b[" in table(replicas_differ(), color=True)


def test_control_characters_are_shown_and_not_obeyed() -> None:
    snapshot = s.with_environment(s.healthy(), s.API, RAY_HOST="a\x1b]0;b\u202e")

    assert "a\\x1b]0;b\\u202e" in table(snapshot)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_is_valid_against_the_schema(fault: Fault) -> None:
    snapshot = fault.make()

    shown = environments(snapshot, every=True)
    said = json.loads(environment_json.render(shown, snapshot))

    jsonschema.validate(said, KNOWN)
    pods = snapshot.pods.value if isinstance(snapshot.pods, Seen) else ()
    assert [pod["name"] for pod in said["pods"]] == [pod.name for pod in pods]
    assert table(snapshot)


@pytest.mark.parametrize("snapshot", [unread(), replicas_differ()])
def test_json_keeps_what_stands_out(snapshot: Snapshot) -> None:
    shown = environments(snapshot)

    said = json.loads(environment_json.render(shown, snapshot))

    jsonschema.validate(said, KNOWN)
    assert said["exit_code"] == shown.exit_code
    looked = [pod["name"] for pod in said["pods"] if pod["looked_into"]]
    assert (s.API in looked) == (said["exit_code"] == 0)
    differing = [
        each["name"] for pod in said["pods"] for each in pod["variables"] if each["differs"]
    ]
    assert len(differing) == 2 * len(said["differences"])


def test_schema_itself_is_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(KNOWN)


def test_lines_are_what_the_process_has() -> None:
    (pod,) = environments(s.healthy(), pod=s.API).pods

    assert environment_lines.render(pod) == f"# pod {s.API}\n{PRINTED}"


@pytest.mark.parametrize("raw", ["", "a b", "it's", '$(touch /x) `id` "$HOME" \\', "#", "é"])
def test_lines_give_a_shell_just_the_value(raw: str) -> None:
    script = lines(variable("RAY_HOST", raw)) + 'printf "<%s>" "$RAY_HOST"'

    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == f"<{raw}>"


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        (variable("RAY_TOKEN", "(hidden)"), "RAY_TOKEN: (hidden)"),
        (variable("RAY_HOST", "(unset)"), "RAY_HOST: (unset)"),
        (
            variable("RAY_HOST", "a", "cluster"),
            "RAY_HOST: a (what the cluster says; not read in the pod)",
        ),
        (variable("RAY_HOST", "http://***@b"), "RAY_HOST: http://***@b (not the whole value)"),
        (variable("RAY_HOST", "a\\x1bb"), "RAY_HOST: a\\x1bb (not the whole value)"),
        (variable("RAY_\nid", "a"), "RAY_\\x0aid: a (no name that a shell can set)"),
    ],
)
def test_what_a_line_cannot_say_truly_is_a_comment(shown: VariableLine, why: str) -> None:
    assert lines(shown) == f"# pod p\n# {why}\n"


def test_lines_of_a_pod_that_could_not_be_looked_into_set_nothing() -> None:
    (pod,) = environments(unread(), pod=s.API).pods

    printed = environment_lines.render(pod).splitlines()

    assert printed[0] == f"# pod {s.API}: could not look into it: exec is forbidden"
    assert all(line.startswith("# ") for line in printed)
