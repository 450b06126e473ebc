"""A look leaves nothing behind, however it ends, and takes nothing that the application needs."""

from __future__ import annotations

import operator
import signal
from dataclasses import dataclass
from functools import partial

import pytest

from tests.e2e.conftest import NAMESPACE
from tests.support.inside_pods import PROBE, InPod, containers, eventually, of_app
from tests.support.tool import Bench

GONE_S = 10.0
# Ray notices a client that was killed by its silence.
FORGOTTEN_S = 90.0
MIB = 1024 * 1024
RAY_PROGRAMS = ("raylet", "gcs_server", "dashboard.py", "plasma_store")


@dataclass(frozen=True, slots=True)
class Before:
    """What was there before the look."""

    pods: list[InPod]
    head: InPod
    clients: list[InPod]
    files: dict[str, list[str]]
    ray: dict[str, list[str]]

    def assert_nothing_is_left(self) -> None:
        """No process, no file, no driver and no actor more than before."""
        for each in self.pods:
            eventually(partial(probes_in, each), operator.not_, GONE_S)
        for each in self.clients:
            assert not local_ray(each)
            assert each.files() == self.files[each.pod]
        eventually(self.head.ray_state, self._is_as_before, FORGOTTEN_S)

    def _is_as_before(self, now: dict[str, list[str]]) -> bool:
        # Counted, not named: an application may have connected anew meanwhile.
        return counts(now) == counts(self.ray)


@pytest.fixture
def before(deployed: Bench) -> Before:
    pods = containers(deployed, NAMESPACE)
    head = of_app(deployed, NAMESPACE, "ray.io/node-type=head")
    apps = ("app=seedcore-api", "app=seedcore-serve")
    clients = [of_app(deployed, NAMESPACE, each) for each in apps]
    files = {each.pod: each.files() for each in clients}
    # One driver for each client's own connection: none of an earlier look.
    ray = eventually(head.ray_state, lambda now: len(now["drivers"]) == len(clients), FORGOTTEN_S)
    return Before(pods, head, clients, files, ray)


def counts(ray: dict[str, list[str]]) -> dict[str, int]:
    return {kind: len(ids) for kind, ids in ray.items()}


def probes_in(pod: InPod) -> list[list[str]]:
    return [words for words in pod.command_lines().values() if words[-1:] == [PROBE]]


def local_ray(pod: InPod) -> list[list[str]]:
    return [
        words
        for words in pod.command_lines().values()
        if any(program in word for word in words for program in RAY_PROGRAMS)
    ]


def test_nothing_is_left_of_a_look_that_came_to_its_end(deployed: Bench, before: Before) -> None:
    report = deployed.report("verify", NAMESPACE, "--all-pods")

    assert report.code == 0, str(report)
    before.assert_nothing_is_left()


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (signal.SIGKILL, -signal.SIGKILL),
        pytest.param(signal.SIGINT, 130, marks=pytest.mark.long),
    ],
)
def test_nothing_is_left_of_a_look_that_was_interrupted(
    deployed: Bench, before: Before, ending: signal.Signals, code: int
) -> None:
    api = before.clients[0]
    with (
        api.watching_for_the_probe() as probing,
        deployed.started("seedcore-deploy", "verify", NAMESPACE) as tool,
    ):
        assert len(probing()) >= 2

        tool.send_signal(ending)

        out, err = tool.communicate(timeout=GONE_S)
    assert (tool.returncode, out) == (code, ""), err
    before.assert_nothing_is_left()


def test_a_container_that_is_short_of_memory_is_left_alone(deployed: Bench) -> None:
    api = of_app(deployed, NAMESPACE, "app=seedcore-api")

    with api.holding_memory(but_bytes=50 * MIB):
        report = deployed.report("verify", NAMESPACE)

    assert report.code == 3, str(report)
    assert report.json["findings"] == []
    (gap,) = report.json["gaps"]
    assert api.pod in gap["subject"]["name"]
    assert "MiB of memory left; the probe needs 150 MiB" in gap["why"]
    pod = deployed.get("-n", NAMESPACE, "pod", api.pod)
    (container,) = pod["status"]["containerStatuses"]
    assert (container["ready"], container["restartCount"]) == (True, 0)
