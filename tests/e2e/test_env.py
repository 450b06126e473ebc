"""What each pod has and where it comes from, on the real cluster."""

import json
from pathlib import Path
from typing import Any

import jsonschema

from tests.e2e.conftest import NAMESPACE
from tests.support.tool import REPOSITORY, Bench

SCHEMA = REPOSITORY / "docs" / "schema" / "env-v1.json"
ADDRESS = "ray://seedcore-head-svc:10001"


def env(bench: Bench, *words: str) -> Any:
    ended = bench.tool("env", NAMESPACE, "-o", "json", *words)
    assert ended.code == 0, str(ended)
    said = json.loads(ended.out)
    jsonschema.validate(said, json.loads(SCHEMA.read_text()))
    return said


def pods(said: Any, **what: str) -> list[Any]:
    """The serving pods whose fields are these."""
    found = [
        pod
        for pod in said["pods"]
        if pod["serving"] and all(pod[key] == value for key, value in what.items())
    ]
    assert found, said
    return found


def address(pod: Any) -> Any:
    (variable,) = (each for each in pod["variables"] if each["name"] == "RAY_ADDRESS")
    return variable


def test_head_and_api_show_their_addresses_with_the_right_origins(deployed: Bench) -> None:
    said = env(deployed)

    in_head = address(pods(said, role="head")[0])
    assert (in_head["value"], in_head["layer"]) == ("127.0.0.1:6379", "process")
    assert in_head["origin"]["kind"] == "KubeRay"
    for pod in pods(said, workload="api"):
        in_api = address(pod)
        assert (in_api["value"], in_api["layer"]) == (ADDRESS, "process")
        assert in_api["origin"]["kind"] == "ConfigMap"
        assert in_api["origin"]["name"] == "seedcore-client-env"
    assert said["differences"] == []


def test_table_has_whole_rows_for_grep(deployed: Bench) -> None:
    ended = deployed.shell(f"seedcore-deploy env {NAMESPACE} | grep ' RAY_ADDRESS '")

    rows = [line.split() for line in ended.out.splitlines()]
    assert ["RAY_ADDRESS", "127.0.0.1:6379", "process", "KubeRay"] in rows, str(ended)
    assert ["RAY_ADDRESS", ADDRESS, "process", "ConfigMap", "seedcore-client-env"] in rows


def test_lines_of_one_pod_can_be_sourced(deployed: Bench, tmp_path: Path) -> None:
    api = pods(env(deployed), workload="api")[0]["name"]
    ended = deployed.tool("env", NAMESPACE, "--pod", api, "-o", "env")
    assert ended.code == 0, str(ended)
    lines = tmp_path / "api.env"
    lines.write_text(ended.out)

    sourced = deployed.shell(f'unset RAY_ADDRESS; . {lines}; printf %s "$RAY_ADDRESS"')

    assert (sourced.code, sourced.out, sourced.err) == (0, ADDRESS, "")


def test_all_shows_other_variables_without_their_values(deployed: Bench) -> None:
    api = pods(env(deployed), workload="api")[0]["name"]

    (pod,) = env(deployed, "--pod", api, "--all")["pods"]

    shown = {each["name"]: each["value"] for each in pod["variables"]}
    assert shown["SEEDCORE_LOG_LEVEL"] == "(hidden)"
    assert shown["RAY_ADDRESS"] == ADDRESS


def test_mistyped_pod_is_answered_with_the_one_that_was_meant(deployed: Bench) -> None:
    api = pods(env(deployed), workload="api")[0]["name"]

    ended = deployed.tool("env", NAMESPACE, "--pod", f"{api}x")

    assert ended.code == 2, str(ended)
    assert f"did you mean {api}?" in ended.err


def test_lines_of_several_pods_are_refused(deployed: Bench) -> None:
    ended = deployed.tool("env", NAMESPACE, "-o", "env")

    assert ended.code == 2, str(ended)
    assert "choose it with --pod" in ended.err
