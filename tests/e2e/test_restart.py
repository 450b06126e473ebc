"""Apply restarts what is stale, and only that, and never under the feet of what runs there."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.faults.variants import API, CLIENT_MAP, RAY, add, folder_on_top
from tests.support.stage import HEAD, HEAD_TEMPLATE, READY_S, WORKER, Stage
from tests.support.tool import Ended

SHARED_MAP = "ConfigMap/seedcore-env"
JOB = "nightly-report"
ALL_PODS = ("head", "worker", "api", "serve")
SELECTORS = {
    "head": HEAD,
    "worker": WORKER,
    "api": "app=seedcore-api",
    "serve": "app=seedcore-serve",
}
_SUBMIT = """\
import json, sys, time, urllib.request as u
jobs, name = "http://127.0.0.1:8265/api/jobs/", sys.argv[1]
body = {"entrypoint": "sleep 900", "submission_id": name}
u.urlopen(u.Request(jobs, json.dumps(body).encode(), {"Content-Type": "application/json"}))
ends = time.monotonic() + 60
while json.load(u.urlopen(jobs + name))["status"] != "RUNNING":
    assert time.monotonic() < ends, "the job does not start"
    time.sleep(0.2)
"""


def _serve_url(stage: Stage) -> str:
    """Another spelling of the same place."""
    return f"http://seedcore-head-svc.{stage.namespace}.svc:8000"


def _apply(stage: Stage, *options: str, overlay: tuple[str, ...] = ()) -> Ended:
    words = ("apply", stage.namespace, *(overlay or stage.overlay), "--timeout", "5m", *options)
    return stage.bench.tool(*words)


def _containers(stage: Stage) -> dict[str, tuple[Any, ...]]:
    """Each role's pod and container: both change with a new pod, one with a start in place."""
    found = {}
    for role, selector in SELECTORS.items():
        pod = stage.pod(selector)
        (own,) = pod["status"]["containerStatuses"]
        found[role] = (pod["metadata"]["uid"], own["containerID"])
    return found


def _restarted(before: dict[str, tuple[Any, ...]], after: dict[str, tuple[Any, ...]]) -> set[str]:
    return {role for role in before if before[role] != after[role]}


def _start_job(stage: Stage) -> None:
    head = stage.pod(HEAD)["metadata"]["name"]
    stage.in_pod(head, "python", "-c", _SUBMIT, JOB, container="ray-head")


@contextlib.contextmanager
def _budget_for_ray(stage: Stage) -> Iterator[None]:
    """A PodDisruptionBudget that lets no Ray pod go, once its controller has counted."""
    stage.create(
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": "ray"},
            "spec": {
                "maxUnavailable": 0,
                "selector": {"matchLabels": {"ray.io/cluster": "seedcore"}},
            },
        }
    )
    counted = "--for=jsonpath={.status.observedGeneration}=1"
    stage.kubectl("wait", "poddisruptionbudget/ray", counted, READY_S)
    try:
        yield
    finally:
        stage.delete("poddisruptionbudget", "ray")


def test_apply_without_a_change_restarts_nothing(stage: Stage) -> None:
    before = _containers(stage)

    ended = _apply(stage)

    assert ended.code == 0, str(ended)
    assert _containers(stage) == before
    assert "restarting" not in ended.err
    assert "replacing" not in ended.err


def test_a_changed_key_of_the_client_settings_restarts_the_clients_alone(stage: Stage) -> None:
    before = _containers(stage)
    patch = {CLIENT_MAP: [add("/data/RAY_SERVE_ADDRESS", _serve_url(stage))]}

    with folder_on_top(stage, patch) as folder:
        ended = _apply(stage, overlay=("-k", str(folder)))

    assert ended.code == 0, str(ended)
    assert _restarted(before, _containers(stage)) == {"api", "serve"}
    assert "RAY_SERVE_ADDRESS (ConfigMap seedcore-client-env)" in ended.err


def test_a_busy_head_is_left_and_its_job_named_until_the_printed_command_is_run(
    stage: Stage,
) -> None:
    """... and the job's end is what the person who runs that command has been told of."""
    stage.apply()
    _start_job(stage)
    before = _containers(stage)
    patch = {SHARED_MAP: [add("/data/RAY_SERVE_URL", _serve_url(stage))]}
    with folder_on_top(stage, patch) as folder:
        overlay = ("-k", str(folder))

        none = _apply(stage, "--restart=none", "-o", "json", overlay=overlay)
        untouched = _containers(stage)
        busy = _apply(stage, "-o", "json", overlay=overlay)
        left = _containers(stage)
        said = json.loads(busy.out)
        printed = {line for each in said["findings"] for line in each["fix"]["commands"]}
        again = stage.bench.shell(" && ".join(printed))

    assert none.code == 1, str(none)
    assert untouched == before
    assert none.err.count("left as it is: pod/") == len(ALL_PODS), str(none)

    assert busy.code == 1, str(busy)
    assert _restarted(before, left) == {"api", "serve"}
    assert {each["rule"] for each in said["findings"]} == {"SC303"}
    assert all(JOB in each["because"] for each in said["findings"])
    (command,) = printed
    assert command.startswith(f"seedcore-deploy apply {stage.namespace} --kustomize {folder}")
    assert command.endswith("--restart-head")

    assert again.code == 0, str(again)
    assert _restarted(left, _containers(stage)) >= {"head", "worker"}
    assert "replacing pod/seedcore-head-" in again.err


def test_a_budget_is_never_forced_and_an_idle_head_is_replaced_without_asking(
    stage: Stage,
) -> None:
    """... and a client that does not find the new head by itself is restarted."""
    dead_with_head = {
        SHARED_MAP: [add("/data/RAY_SERVE_URL", _serve_url(stage))],
        API: [add("/spec/template/spec/containers/0/env", [_no_reconnect()])],
    }
    stage.apply()
    with folder_on_top(stage, dead_with_head) as folder:
        overlay = ("-k", str(folder))
        with _budget_for_ray(stage):
            before = _containers(stage)
            kept = _apply(stage, overlay=overlay)
            after = _containers(stage)
        idle = _apply(stage, overlay=overlay)

    assert kept.code == 1, str(kept)
    assert _restarted(before, after) == {"api", "serve"}
    assert "PodDisruptionBudget forbids" in kept.out, str(kept)
    assert idle.code == 0, str(idle)
    assert _restarted(after, _containers(stage)) >= {"head", "worker"}
    assert "restarting deployment/seedcore-api: it lost its connection" in idle.err


def _no_reconnect() -> dict[str, str]:
    return {"name": "SEEDCORE_RECONNECT", "value": "0"}


@pytest.mark.parametrize("head", [{"nodeSelector": {"disk": "none-has-it"}}])
def test_a_head_that_waits_or_crashes_for_a_mistake_is_replaced_once_that_is_mended(
    stage: Stage, head: dict[str, Any]
) -> None:
    for_no_node = {RAY: [add(f"{HEAD_TEMPLATE}/spec/{key}", head[key]) for key in head]}
    with folder_on_top(stage, for_no_node) as folder:
        pending = _apply(stage, "--timeout", "20s", overlay=("-k", str(folder)))
        assert pending.code != 0, str(pending)
        assert stage.pod(HEAD)["status"]["phase"] == "Pending"

    unknown = {RAY: [add("/spec/headGroupSpec/rayStartParams/no-such-option", "1")]}
    with folder_on_top(stage, unknown) as folder:
        crashing = _apply(stage, "--timeout", "40s", overlay=("-k", str(folder)))
        assert crashing.code != 0, str(crashing)
        waiting = "--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}"
        stage.kubectl("wait", f"{waiting}=CrashLoopBackOff", "pod", "-l", HEAD, READY_S)

    mended = _apply(stage)

    assert mended.code == 0, str(mended)
    assert "raycluster/seedcore was changed" in mended.err
