"""The library inside real pods: every role lands in one session, and never in a Ray of its own."""

from __future__ import annotations

import json

from tests.support.cluster_connection import run_in, said_in
from tests.support.stage import HEAD, READY_S, Stage
from tests.support.tool import REPOSITORY

JOB = "seedcore-example"
_SESSION = "say(init_ray_with_smart_defaults(timeout=90, **QUIET).session)"
_IN_A_TASK = """
import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

ours = init_ray_with_smart_defaults(timeout=90, **QUIET)
worker = next(each["NodeID"] for each in ray.nodes()
              if each["Alive"] and "node:__internal_head__" not in each["Resources"])

def task():
    import ray
    from seedcore.utils.ray_config import init_ray_with_smart_defaults
    return init_ray_with_smart_defaults().session, ray.get_runtime_context().get_node_id()

there = NodeAffinitySchedulingStrategy(worker, soft=False)
asked = ray.remote(task).options(num_cpus=0, scheduling_strategy=there).remote()
session, node = ray.get(asked, timeout=90)
assert node == worker, (node, worker)
say(session)
"""
_AND_COUNT = """
ours = init_ray_with_smart_defaults(timeout=90, **QUIET)
say({"session": ours.session, "address": ours.target.address, "raylets": raylets()})
"""
_REFUSED = """
try:
    init_ray_with_smart_defaults()
except ray_config.RayConfigError as error:
    failed = type(error).__name__
import ray

def work():
    return 1

try:
    ray.get(ray.remote(work).remote(), timeout=20)
    worked = True
except Exception:
    worked = False
say({"failed": failed, "worked": worked, "raylets": raylets()})
"""
_MADE_TWICE = """
init_ray_with_smart_defaults(timeout=90, **QUIET)
try:
    init_ray_with_smart_defaults("ray://seedcore-other-head-svc:10001")
except ray_config.AlreadyConnectedElsewhereError as error:
    say(str(error))
"""
_FORKED = """
init_ray_with_smart_defaults(timeout=90, **QUIET)
child = os.fork()
if child == 0:
    try:
        init_ray_with_smart_defaults()
    except ray_config.ForkedAfterInitError as error:
        os._exit(7)
    os._exit(0)
say(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
_FAILING = """
import threading, time
before = threading.active_count()
for _ in range(3):
    try:
        init_ray_with_smart_defaults("ray://127.0.0.1:1", timeout=3, retries=0, **QUIET)
    except ray_config.RayConnectError:
        pass
ends = time.monotonic() + 10
while threading.active_count() > before and time.monotonic() < ends:
    time.sleep(0.1)
say(threading.active_count() - before)
"""


def session_of_head(stage: Stage) -> str:
    name = stage.pod(HEAD)["metadata"]["name"]
    found: str = said_in(stage, name, _SESSION, container="ray-head")
    return found


def pod_of(stage: Stage, app: str) -> str:
    return str(stage.client(app)["metadata"]["name"])


def session_of_job(stage: Stage) -> str:
    """The session that the example's job was in."""
    path = str(REPOSITORY / "deploy" / "examples" / "job.yaml")
    stage.kubectl("delete", "-f", path, "--ignore-not-found", "--wait=true")
    stage.kubectl("create", "-f", path)
    try:
        stage.kubectl("wait", "--for=condition=complete", f"job/{JOB}", READY_S)
        line = stage.kubectl("logs", f"job/{JOB}").splitlines()[-1]
        said = json.loads(line)
        assert said["sum"] == sum(range(1000))
        return str(said["session"])
    finally:
        stage.kubectl("delete", "-f", path, "--wait=true")


def test_every_role_lands_in_the_same_session(stage: Stage) -> None:
    head = session_of_head(stage)

    sessions = {
        "api": said_in(stage, pod_of(stage, "api"), _SESSION),
        "serve": said_in(stage, pod_of(stage, "serve"), _SESSION),
        "task on a worker": said_in(stage, pod_of(stage, "api"), _IN_A_TASK),
        "job": session_of_job(stage),
    }

    assert sessions == dict.fromkeys(sessions, head)


def test_client_without_its_address_derives_it_and_starts_no_ray(stage: Stage) -> None:
    said = said_in(stage, pod_of(stage, "api"), _AND_COUNT, without=("RAY_ADDRESS",))

    assert said == {
        "session": session_of_head(stage),
        "address": "ray://seedcore-head-svc:10001",
        "raylets": 0,
    }


def test_client_without_any_address_fails_and_a_bare_remote_starts_no_ray_either(
    stage: Stage,
) -> None:
    lost = ("RAY_ADDRESS", "RAY_HOST", "RAY_ENABLE_AUTO_CONNECT")

    said = said_in(stage, pod_of(stage, "api"), _REFUSED, without=lost)

    assert said == {"failed": "RayAddressMissingError", "worked": False, "raylets": 0}


def test_another_cluster_than_the_connected_one_is_refused(stage: Stage) -> None:
    said = said_in(stage, pod_of(stage, "api"), _MADE_TWICE)

    assert "connected to ray://seedcore-head-svc:10001 already" in said


def test_child_of_a_connected_process_is_refused(stage: Stage) -> None:
    assert said_in(stage, pod_of(stage, "api"), _FORKED) == 7


def test_attempts_that_failed_leave_no_thread_that_goes_on_trying(stage: Stage) -> None:
    assert said_in(stage, pod_of(stage, "api"), _FAILING) == 0


def test_check_in_a_pod_is_right_and_with_a_connection_proven(stage: Stage) -> None:
    api = pod_of(stage, "api")
    command = ("python", "-m", "seedcore.utils.ray_config", "check")

    right = stage.in_pod(api, *command)
    proven = stage.in_pod(api, *command, "--connect", "--json")

    assert right.startswith("RIGHT (not connected): client, ray://seedcore-head-svc:10001")
    assert json.loads(proven)["session"] == session_of_head(stage)


def test_check_in_a_pod_without_its_address_names_the_rule(stage: Stage) -> None:
    program = "sys.exit(ray_config.main(['check', '--connect']))"

    ended = run_in(stage, pod_of(stage, "api"), program, without=("RAY_ADDRESS",))

    assert ended.code == 1
    assert ended.out.startswith("error SC104 RAY_ADDRESS is not set (client)")
