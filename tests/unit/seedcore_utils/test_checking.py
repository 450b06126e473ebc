"""The check: settings judged under the command line's rules, quickly, and proven when asked."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedcore.utils import ray_config
from seedcore.utils.ray_config import RayCheck, check_ray_config, check_settings, main
from seedcore_deploy.judge.registry import RULES
from tests.support.ray_addresses import SETTINGS, environment
from tests.unit.seedcore_utils.conftest import Install
from tests.unit.seedcore_utils.fake_ray import fails

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs" / "schema" / "check-v1.json").read_text(encoding="utf-8"))
LIMIT_S = 0.150
OTHERS = {
    "RAY_NAMESPACE": "seedcore-dev",
    "RAY_SERVE_ADDRESS": "http://seedcore-head-svc:8000",
    "RAY_DASHBOARD_ADDRESS": "http://seedcore-head-svc:8265",
    "RAY_ENABLE_AUTO_CONNECT": "0",
}
CLIENT = {"RAY_ADDRESS": "ray://seedcore-head-svc:10001", **OTHERS}


def rules(checked: RayCheck, severity: str = "error") -> list[str]:
    return [each.rule for each in checked.findings if each.severity == severity]


@pytest.mark.parametrize("case", SETTINGS, ids=lambda case: case["name"])
def test_rules_are_those_of_the_table(case: dict[str, Any]) -> None:
    # when
    checked = check_settings({**OTHERS, **environment(case)})
    # then
    assert rules(checked) == case["rules"]
    assert rules(checked, "hint") == []
    assert checked.exit_code == (1 if case["rules"] else 0)
    assert checked.role == case["role"]
    assert "geheim" not in str(checked)


def test_right_settings_have_no_finding_and_tell_the_target() -> None:
    checked = check_settings(CLIENT)
    assert (checked.outcome, checked.findings, checked.gaps) == ("right", (), ())
    assert checked.target is not None
    assert checked.target.address == CLIENT["RAY_ADDRESS"]
    assert checked.target.namespace == "seedcore-dev"


@pytest.mark.parametrize("name", ["RAY_NAMESPACE", "RAY_SERVE_ADDRESS", "RAY_DASHBOARD_ADDRESS"])
@pytest.mark.parametrize(("value", "rule"), [(None, "SC101"), ("", "SC101"), ("a\n", "SC102")])
def test_each_variable_of_clients_is_judged(name: str, value: str | None, rule: str) -> None:
    # given
    env = {key: text for key, text in CLIENT.items() if key != name}
    # when
    checked = check_settings(env if value is None else {**env, name: value})
    # then
    (finding,) = checked.findings
    assert (finding.rule, finding.variable) == (rule, name)
    assert finding.mend


def test_shared_addresses_do_not_stand_in_for_the_clients_own() -> None:
    env = {name: text for name, text in CLIENT.items() if name != "RAY_SERVE_ADDRESS"}
    assert rules(check_settings({**env, "RAY_SERVE_URL": "http://seedcore-head-svc:8000"})) == [
        "SC101"
    ]


@pytest.mark.parametrize("value", [None, "", "1", "false"])
def test_auto_connect_that_is_not_off_is_a_hint_and_decides_nothing(value: str | None) -> None:
    # given
    env = {name: text for name, text in CLIENT.items() if name != "RAY_ENABLE_AUTO_CONNECT"}
    # when
    checked = check_settings(env if value is None else {**env, "RAY_ENABLE_AUTO_CONNECT": value})
    # then
    assert rules(checked, "hint") == ["SC110"]
    assert (checked.outcome, checked.exit_code) == ("right", 0)


def test_ray_nodes_need_none_of_the_clients_settings() -> None:
    checked = check_settings({"RAY_NODE_TYPE_NAME": "headgroup"})
    assert (checked.outcome, checked.findings) == ("right", ())


def test_ray_on_one_machine_by_opt_in_needs_no_cluster_settings() -> None:
    env = {"RAY_ADDRESS": "local", "SEEDCORE_ALLOW_LOCAL_RAY": "1"}
    assert check_settings(env).findings == ()


def test_every_rule_is_one_that_the_command_line_explains() -> None:
    known = {rule.id for rule in RULES}
    errors = [each for each in vars(ray_config).values() if isinstance(each, type)]
    made = [
        each("reason", "mend", role=role)
        for each in errors
        if issubclass(each, ray_config.RayConfigError)
        for role in ("client", "head")
    ]
    assert {ray_config._rule_of(error) for error in made} | {"SC108", "SC110"} <= known


@given(st.dictionaries(st.sampled_from([*CLIENT, "RAY_HOST", "RAY_PORT"]), st.text(max_size=20)))
def test_any_environment_gets_an_answer(env: dict[str, str]) -> None:
    checked = check_settings(env)
    assert checked.exit_code in (0, 1)
    assert all(str(each).isprintable() for each in checked.findings)


# --- with a connection


def settle(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CLIENT.items():
        monkeypatch.setenv(name, value)


def test_connection_proves_right_settings_and_is_given_up_again(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    settle(monkeypatch)
    ray = install()
    # when
    checked = check_ray_config(connect=True)
    # then
    assert (checked.outcome, checked.session, checked.exit_code) == ("proven", "session_1", 0)
    assert ray.client is None


def test_connection_of_the_application_is_left_alone(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(monkeypatch)
    ray = install()
    ray_config.init_ray_with_smart_defaults()
    assert check_ray_config(connect=True).outcome == "proven"
    assert ray.client is not None


def test_wrong_settings_are_not_connected_with(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(monkeypatch)
    monkeypatch.setenv("RAY_ADDRESS", "local")
    ray = install()
    assert rules(check_ray_config(connect=True)) == ["SC104"]
    assert ray.inits == []


@pytest.mark.parametrize(
    ("error", "rule"),
    [
        (RuntimeError("Version mismatch: client 2.60.0, server 2.9.0"), "SC405"),
        (RuntimeError("AuthenticationError: no token found"), "SC407"),
        (RuntimeError("ray client connection timeout"), "SC401"),
    ],
)
def test_failed_connection_is_a_finding(
    install: Install, monkeypatch: pytest.MonkeyPatch, error: Exception, rule: str
) -> None:
    settle(monkeypatch)
    install(fails(error))
    checked = check_ray_config(connect=True)
    assert (rules(checked), checked.exit_code) == ([rule], 1)


def test_what_nobody_foresaw_is_no_finding_but_could_not_look(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(monkeypatch)
    install(fails(ValueError("a bug of ours")))
    checked = check_ray_config(connect=True)
    assert (checked.outcome, checked.exit_code) == ("inconclusive", 3)
    assert "a bug of ours" in checked.gaps[0]


def test_process_without_threads_left_could_not_look(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_thread(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    settle(monkeypatch)
    install()
    monkeypatch.setattr(threading.Thread, "start", no_thread)
    checked = check_ray_config(connect=True)
    assert (checked.outcome, checked.findings) == ("inconclusive", ())
    assert "can't start new thread" in checked.gaps[0]


# --- the command


def run(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "seedcore.utils.ray_config", *words]
    return subprocess.run(command, capture_output=True, text=True, env=env, cwd=ROOT / "src")


def cpu_seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_command_says_what_is_right() -> None:
    done = run(CLIENT, "check")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "RIGHT (not connected): client, ray://seedcore-head-svc:10001 from RAY_ADDRESS, "
        "namespace seedcore-dev\n"
    )


def test_command_names_the_rule_first_and_ends_with_1() -> None:
    done = run({**CLIENT, "RAY_ADDRESS": "http://seedcore-head-svc:8265"}, "check")
    assert done.returncode == 1
    assert done.stdout.startswith("error SC104 RAY_ADDRESS=http://seedcore-head-svc:8265 (client)")


@pytest.mark.parametrize(
    "words", [(), ("check", "--conect"), ("look",), ("check", "--timeout", "0")]
)
def test_bad_usage_ends_with_2(words: tuple[str, ...]) -> None:
    done = run(CLIENT, *words)
    assert (done.returncode, done.stdout) == (2, "")


def test_a_bug_of_the_check_is_no_finding(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ray_config, "check_settings", lambda _: 1 / 0)
    assert main(["check"]) == 3
    assert "could not look: ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize("close", ["| true", ">&-"])
@pytest.mark.parametrize(("address", "code"), [(CLIENT["RAY_ADDRESS"], 0), ("local", 1)])
def test_exit_code_tells_of_the_settings_though_nobody_reads_the_output(
    address: str, code: int, close: str
) -> None:
    program = f"'{sys.executable}' -m seedcore.utils.ray_config check --json"
    line = f"{{ sleep 0.1; {program}; echo $? >&3; }} {close}"
    done = subprocess.run(
        ["sh", "-c", f"exec 3>&1; {line}"],
        capture_output=True, text=True, env={**CLIENT, "RAY_ADDRESS": address}, cwd=ROOT / "src",
    )  # fmt: skip
    assert (done.stdout, done.stderr) == (f"{code}\n", "")


def test_exit_code_tells_of_the_settings_though_the_output_cannot_spell_them() -> None:
    done = run({**CLIENT, "RAY_NAMESPACE": "prüfung", "PYTHONIOENCODING": "ascii"}, "check")
    assert (done.returncode, done.stderr) == (0, "")
    assert "namespace pr\\xfcfung" in done.stdout


@pytest.mark.parametrize("close", ["2>/dev/full", "2>&-"])
def test_a_bug_is_no_finding_though_nobody_reads_of_it(close: str) -> None:
    code = "import sys; from seedcore.utils import ray_config as it; it.check_settings = None; "
    command = f"'{sys.executable}' -c \"{code} sys.exit(it.main(['check']))\" {close}"
    done = subprocess.run(["sh", "-c", command], env=CLIENT, cwd=ROOT / "src", check=False)
    assert done.returncode == 3


@pytest.mark.parametrize(
    "address", [CLIENT["RAY_ADDRESS"], "local", "ray://u:geheim@h:1", "ray://u:geheim%40h:1"]
)
def test_json_is_as_the_schema_says(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # given
    settle(monkeypatch)
    monkeypatch.setenv("RAY_ADDRESS", address)
    # when
    code = main(["check", "--json"])
    # then
    said = json.loads(capsys.readouterr().out)
    jsonschema.validate(said, SCHEMA)
    assert said["exit_code"] == code
    assert "geheim" not in json.dumps(said)


def test_command_without_connect_is_quick_and_imports_no_ray(tmp_path: Path) -> None:
    """By the CPU time that it took, the best of some runs: a busy machine makes all things slow."""
    # given a ray and a prometheus_client that must not be touched
    for name in ("ray", "prometheus_client"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('it was imported')")
    env = {**CLIENT, "PYTHONPATH": str(tmp_path)}
    # when
    took = []
    for _ in range(10):
        began = cpu_seconds_of_children()
        done = run(env, "check")
        took.append(cpu_seconds_of_children() - began)
        assert done.returncode == 0, done.stdout + done.stderr
    # then
    assert min(took) < LIMIT_S
