"""Apply restarts what is stale, and only that, and never under the feet of what runs there.

Mostly with tiny pods, of whose Ray nobody can tell what runs there: then it counts as busy.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.e2e.conftest import NAMESPACE, STAGE_NAMESPACE
from tests.e2e.faults.variants import add, folder_on_top
from tests.support.stage import HEAD, READY_S, WORKER, Stage
from tests.support.tiny import FIRST, POD, Patch, Tiny, container, on_api, on_head, shell
from tests.support.tiny import HEAD as HEAD_TEMPLATE
from tests.support.tool import Bench, Ended

SELECTORS = {"head": HEAD, "api": "app=seedcore-api", "serve": "app=seedcore-serve"}
CLIENTS = {"api", "serve"}
BOUNDS = ("--timeout", "60s", "--probe-timeout", "2s")
JOB = "nightly-report"
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
Containers = Mapping[str, tuple[Any, ...]]


@pytest.fixture(scope="module")
def tiny(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tiny]:
    """A namespace for the pattern with tiny pods, which is there and ready."""
    own = STAGE_NAMESPACE != NAMESPACE
    namespace = f"{STAGE_NAMESPACE}-tiny" if own else "seedcore-restart"
    made = Tiny(bench, namespace, tmp_path_factory.mktemp("tiny"))
    bench.run("kubectl", "create", "namespace", namespace)
    made.clear()
    made.apply_by_kubectl()
    yield made
    bench.kubectl("delete", "namespace", namespace, "--wait=true")


def _key(configmap: str, name: str, value: str) -> Patch:
    operation = {"op": "add", "path": f"/data/{name}", "value": value}
    target = {"kind": "ConfigMap", "name": configmap}
    return {"target": target, "patch": json.dumps([operation])}


def _containers(place: Tiny | Stage) -> Containers:
    """Each role's pod and container: both change with a new pod, one with a start in place."""
    return {role: _container_of(place, selector) for role, selector in SELECTORS.items()}


def _container_of(place: Tiny | Stage, selector: str) -> tuple[Any, ...]:
    pods = place.get("pod", "-l", selector)["items"]
    (pod,) = (each for each in pods if "deletionTimestamp" not in each["metadata"])
    (own,) = pod["status"]["containerStatuses"]
    return pod["metadata"]["uid"], own.get("containerID")


def _restarted(before: Containers, after: Containers) -> set[str]:
    return {role for role in before if before[role] != after[role]}


def _said(ended: Ended) -> Mapping[str, Any]:
    assert ended.out, str(ended)
    found: Mapping[str, Any] = json.loads(ended.out)
    return found


def _of_old_pods(ended: Ended) -> list[Mapping[str, Any]]:
    return [each for each in _said(ended)["findings"] if each["rule"] == "SC303"]


def _apply(tiny: Tiny, *patches: Patch, options: tuple[str, ...] = ()) -> Ended:
    """An apply that came to its verdict, which says at best that there is no Ray.

    Where something was restarted it waits for Ray to the end of its time.
    """
    words = ("apply", tiny.namespace, *tiny.overlay(*patches), *BOUNDS, "-o", "json")
    ended = tiny.bench.tool(*words, *options)
    assert ended.code in {1, 3}, str(ended)
    return ended


@pytest.mark.long  # tests/e2e/test_apply.py shows it on the whole pattern in every run
def test_apply_without_a_change_restarts_nothing(tiny: Tiny) -> None:
    before = _containers(tiny)

    ended = _apply(tiny)

    assert _containers(tiny) == before, str(ended)
    assert "restarting" not in ended.err
    assert "replacing" not in ended.err


def test_changed_keys_of_the_client_settings_restart_the_clients_alone(tiny: Tiny) -> None:
    """... whether they are about Ray or not."""
    names = ("RAY_BACKEND_LOG_LEVEL", "SEEDCORE_FEATURE")
    keys = [_key("seedcore-client-env", name, "warning") for name in names]
    before = _containers(tiny)

    ended = _apply(tiny, *keys)

    assert _restarted(before, _containers(tiny)) == CLIENTS, str(ended)
    assert all(f"{name} (ConfigMap seedcore-client-env)" in ended.err for name in names), str(ended)
    assert not _of_old_pods(ended)


@pytest.mark.long  # half a minute
def test_none_restarts_nothing_and_names_what_is_left(tiny: Tiny) -> None:
    key = _key("seedcore-client-env", "SEEDCORE_FEATURE", "left")
    before = _containers(tiny)

    ended = _apply(tiny, key, options=("--restart", "none"))

    assert _containers(tiny) == before, str(ended)
    assert {each["subject"]["name"].rsplit("-", 2)[0] for each in _of_old_pods(ended)} == {
        "seedcore-api",
        "seedcore-serve",
    }


@pytest.mark.long
def test_all_restarts_also_what_is_not_stale(tiny: Tiny) -> None:
    tiny.apply_by_kubectl()
    before = _containers(tiny)

    ended = _apply(tiny, options=("--restart", "all", "--restart-head"))

    assert _restarted(before, _containers(tiny)) == {"head", *CLIENTS}, str(ended)


@pytest.mark.long  # 3 to 4 minutes: five applies, each to the end of its time
def test_a_head_of_which_nobody_can_tell_what_runs_there_is_left_until_that_is_permitted(
    tiny: Tiny,
) -> None:
    """... and with --restart=none, or a budget that forbids it, in any case."""
    tiny.clear()  # what an earlier test changed would be taken back, and restart the clients
    tiny.apply_by_kubectl()
    before = _containers(tiny)
    flag = {"name": "SEEDCORE_FLAG", "value": "1"}
    head = on_head({"op": "add", "path": f"{HEAD_TEMPLATE}{FIRST}/env/-", "value": flag})

    none = _apply(tiny, head, options=("--restart=none",))
    busy = _apply(tiny, head)
    with _budget(tiny):
        kept = _apply(tiny, head, options=("--restart-head",))
    untouched = _containers(tiny)
    (finding,) = _of_old_pods(busy)
    (command,) = finding["fix"]["commands"]
    permitted = tiny.bench.shell(command)

    assert untouched == before
    assert none.code == busy.code == kept.code == 1
    assert ["--restart=none" in each["because"] for each in _of_old_pods(none)] == [True]
    assert "could not be told" in finding["because"]
    assert finding["subject"]["name"].startswith("seedcore-head-")
    assert ["PodDisruptionBudget" in each["because"] for each in _of_old_pods(kept)] == [True]
    assert command.endswith(" --restart-head")
    assert _restarted(before, _containers(tiny)) == {"head"}, str(permitted)
    assert "(head, ready): its template has changed: env SEEDCORE_FLAG" in permitted.err


@contextlib.contextmanager
def _budget(tiny: Tiny) -> Iterator[None]:
    """A PodDisruptionBudget that lets no Ray pod go, once its controller has counted.

    It cannot count by `maxUnavailable`: a RayCluster has no scale subresource (SyncFailed).
    """
    tiny.create(
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": "ray"},
            "spec": {
                "minAvailable": 1,
                "selector": {"matchLabels": {"ray.io/cluster": "seedcore"}},
            },
        }
    )
    counted = "--for=jsonpath={.status.observedGeneration}=1"
    tiny.kubectl("wait", "poddisruptionbudget/ray", counted, READY_S)
    try:
        yield
    finally:
        tiny.kubectl("delete", "poddisruptionbudget", "ray")


@pytest.mark.long  # 2 minutes: a head that crashes twice
def test_a_head_that_crashes_for_a_setting_that_was_mended_is_started_without_its_back_off(
    tiny: Tiny,
) -> None:
    """... whose environment nobody can read: that its ConfigMap is newer than its start tells."""
    command = shell('test "$SEEDCORE_LOG_LEVEL" = INFO && sleep 1d')
    particular = on_head(container(HEAD_TEMPLATE, "command", command))
    wrong = _key("seedcore-env", "SEEDCORE_LOG_LEVEL", "LOUD")
    tiny.kubectl("apply", *tiny.overlay(particular, wrong))
    tiny.kubectl("delete", "pod", "-l", HEAD, "--wait=true")
    tiny.kubectl("wait", "--for=create", "pod", "-l", HEAD, READY_S)
    waiting = "--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}"
    tiny.kubectl("wait", f"{waiting}=CrashLoopBackOff", "pod", "-l", HEAD, READY_S)

    mended = _apply(tiny, particular)

    assert "(head, not ready): it has not been started since configmap/seedcore-env" in mended.err
    ready = "--for=condition=Ready"
    tiny.kubectl("wait", ready, "pod", "-l", HEAD, "--timeout=1s")


@pytest.mark.long  # 4 minutes: the whole pattern, and a head that is replaced
def test_a_job_keeps_head_and_worker_until_the_printed_command_ends_it(stage: Stage) -> None:
    """... and the way back, with nothing on the cluster, needs no permission."""
    head = stage.pod(HEAD)["metadata"]["name"]
    stage.in_pod(head, "python", "-c", _SUBMIT, JOB, container="ray-head")
    before = {**_containers(stage), "worker": _container_of(stage, WORKER)}
    url = f"http://seedcore-head-svc.{stage.namespace}.svc:8000"  # another name of the same place
    with folder_on_top(
        stage, {"ConfigMap/seedcore-env": [add("/data/RAY_SERVE_URL", url)]}
    ) as on_top:
        words = ("apply", stage.namespace, "-k", str(on_top), "--timeout", "5m")
        busy = stage.bench.tool(*words, "-o", "json")
        left = {**_containers(stage), "worker": _container_of(stage, WORKER)}
        found = _said(busy)["findings"]
        (command,) = {line for each in found for line in each["fix"]["commands"]}
        permitted = stage.bench.shell(command)
    replaced = {**_containers(stage), "worker": _container_of(stage, WORKER)}
    idle = stage.bench.tool("apply", stage.namespace, *stage.overlay, "--timeout", "5m")

    assert busy.code == 1, str(busy)
    assert _restarted(before, left) == CLIENTS
    assert {each["rule"] for each in found} == {"SC303"}
    assert len(found) == 2
    assert all(JOB in each["because"] for each in found)
    assert permitted.code == 0, str(permitted)
    assert _restarted(left, replaced) == {"head", "worker"}
    assert idle.code == 0, str(idle)
    assert "replacing pod/seedcore-head-" in idle.err


@pytest.mark.long
def test_a_client_that_does_not_come_back_to_a_new_head_is_restarted(tiny: Tiny) -> None:
    """Its quick sibling is the judgement of the same facts (lost_clients)."""
    ready = {"exec": {"command": ["test", "-e", "/tmp/ready"]}, "periodSeconds": 1}
    faithful = on_api(
        container(POD, "command", shell("touch /tmp/ready; sleep 1d")),
        container(POD, "readinessProbe", ready),
    )
    tiny.apply_by_kubectl(faithful)
    tiny.kubectl("rollout", "status", "deployment/seedcore-api", READY_S)
    before = _containers(tiny)
    tiny.kubectl("exec", "deploy/seedcore-api", "--", "rm", "/tmp/ready")
    tiny.kubectl("delete", "pod", "-l", HEAD, "--wait=true")

    ended = tiny.apply(faithful)

    assert "restarting deployment/seedcore-api: it lost its connection" in ended.err
    assert _restarted(before, _containers(tiny)) == {"head", "api"}
