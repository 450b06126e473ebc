"""The start-up check stops a rollout before it replaces good pods, and its reason is told."""

from __future__ import annotations

import contextlib
import json
import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.faults.variants import API, CLIENT_MAP, CLIENTS, Operation, add, folder_on_top
from tests.support.cluster_connection import forwarded
from tests.support.inside_pods import eventually
from tests.support.stage import Stage
from tests.support.tool import REPOSITORY

CHECK = "ray-startup-check"
COMPONENT = REPOSITORY / "deploy" / "kustomize" / "components" / CHECK
TWICE_S = 120.0
"""The check fails at once, and a second time after 10 s; the rest is a busy machine."""


@contextlib.contextmanager
def with_check(stage: Stage, patches: dict[str, list[Operation]]) -> Iterator[Path]:
    """An overlay over the stage's with the component, and patches on top of that."""
    with folder_on_top(stage, {}) as checked:
        file = checked / "kustomization.yaml"
        said = json.loads(file.read_text())
        said["components"] = [os.path.relpath(COMPONENT, checked.resolve())]
        file.write_text(json.dumps(said))
        above = Stage(stage.bench, stage.namespace, stage.overlay, checked.resolve())
        with folder_on_top(above, patches) as folder:
            yield folder


@pytest.fixture
def checked(stage: Stage) -> Iterator[Stage]:
    """The stage; its own overlay, without the component, is back after the test."""
    yield stage
    stage.kubectl("apply", "-k", str(stage.folder))
    stage.rolled_out(*CLIENTS)


def pods_of(stage: Stage) -> dict[str, Any]:
    """The API's pods by uid, without those that are ending."""
    items = stage.get("pod", "-l", "app=seedcore-api")["items"]
    return {
        each["metadata"]["uid"]: each
        for each in items
        if "deletionTimestamp" not in each["metadata"]
    }


def is_ready(pod: Any) -> bool:
    conditions = {each["type"]: each["status"] for each in pod["status"].get("conditions", ())}
    return conditions.get("Ready") == "True"


def last_words(pod: Any) -> str:
    """What the check's last run that is over left; empty before it has failed twice."""
    for each in pod["status"].get("initContainerStatuses", ()):
        if each["name"] == CHECK and each["restartCount"] >= 1:
            ended = each["lastState"].get("terminated") or {}
            return str(ended.get("message", ""))
    return ""


@pytest.mark.long  # a minute; the check that fails is in every run
def test_right_settings_pass_the_check_and_the_rollout_ends(checked: Stage) -> None:
    with with_check(checked, {}) as folder:
        checked.kubectl("apply", "-k", str(folder))
        checked.rolled_out(*CLIENTS)

        (status,) = checked.client("api")["status"]["initContainerStatuses"]
        report = checked.bench.report("verify", checked.namespace, "-k", str(folder))

    assert report.code == 0, str(report)
    assert status["name"] == CHECK
    assert status["state"]["terminated"]["exitCode"] == 0


def test_wrong_setting_stops_the_rollout_and_the_pod_of_before_serves_on(checked: Stage) -> None:
    before = pods_of(checked)
    (good,) = before.values()
    wrong = {CLIENT_MAP: [add("/data/RAY_ADDRESS", "local")]}

    with with_check(checked, wrong) as folder:
        checked.kubectl("apply", "-k", str(folder))
        now = eventually(
            lambda: pods_of(checked), lambda pods: any(map(last_words, pods.values())), TWICE_S
        )
        report = checked.bench.report("verify", checked.namespace, "-k", str(folder))

    (new,) = (pod for uid, pod in now.items() if uid not in before)
    assert last_words(new).startswith("error SC104 RAY_ADDRESS=local (client)")
    assert not is_ready(new)
    after = pods_of(checked)
    assert is_ready(after[good["metadata"]["uid"]])
    assert report.code == 1
    assert "SC104" in report.rules, str(report)
    with forwarded(checked.bench, checked.namespace, good["metadata"]["name"], 8080) as address:
        body = json.dumps({"numbers": [1, 2, 3]}).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"http://{address}/tasks/sum", body, headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert json.load(answer)["sum"] == 6


@pytest.mark.long
def test_apply_and_verify_tell_the_last_words_of_the_check(checked: Stage) -> None:
    """Of a fault that lint cannot know of: it is in the check's own environment alone."""
    own = [{"name": "RAY_ADDRESS", "value": "ray://h"}]
    wrong = add("/spec/template/spec/initContainers/0/env", own)
    with with_check(checked, {API: [wrong]}) as folder:
        words = (checked.namespace, "-k", str(folder))
        applied = checked.bench.tool("apply", *words, "--timeout", "5m")
        report = checked.bench.report("verify", *words)

    said = " ".join(applied.err.split())
    assert applied.code == 1, str(applied)
    assert "this will not become ready by itself" in said
    assert f"init container {CHECK}: CrashLoopBackOff" in said
    assert "error SC104 RAY_ADDRESS=ray://h (client): it has no port" in said
    assert "seedcore-deploy explain SC104" in said
    assert report.rules == ["SC302"], str(report)
    assert "error SC104 RAY_ADDRESS=ray://h" in report.finding("SC302")["because"]
