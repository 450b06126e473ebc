"""Apply is cut short at any request that changes something: it says how far it came, and repeating
it always converges. Where it is cut is chosen by a proxy, never by time."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import STAGE_NAMESPACE
from tests.support.apiproxy import ApiProxy, Request
from tests.support.cuts import changes, cut_at, is_lease, nth
from tests.support.light import Light, is_whole, light
from tests.support.stage import HEAD, HEAD_TEMPLATE, READY_S, Stage
from tests.support.tool import Bench

NAMESPACE = f"{STAGE_NAMESPACE}-cut"
pytestmark = pytest.mark.usefixtures("calm")


def clean_run(through: tuple[Bench, ApiProxy], cut: Light) -> list[Request]:
    """The mutating requests of a run that is left alone, without those on the Lease."""
    bench, proxy = through
    ended = cut.apply(bench=bench)
    assert is_whole(ended), str(ended)
    return [request for request in proxy.mutating if not is_lease(request)]


@pytest.mark.long  # 4 minutes each: two applies for each request
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_any_request_of_a_change_a_repeated_apply_converges(
    cut: Light, through: tuple[Bench, ApiProxy], after: bool
) -> None:
    cut.set_client(RAY_ENABLE_AUTO_CONNECT="0")
    cut.applied()
    cut.set_client(RAY_ENABLE_AUTO_CONNECT="1")
    requests = clean_run(through, cut)
    wanted = cut.state()
    cut.set_client(RAY_ENABLE_AUTO_CONNECT="0")
    cut.applied()

    assert any(changes("configmaps")(request) for request in requests)
    for number, request in enumerate(requests, 1):
        value = str(number % 2)
        cut.set_client(RAY_ENABLE_AUTO_CONNECT=value)
        through[1].forget()
        ended = cut_at(through, cut, nth(number), signal.SIGKILL, after=after)
        assert ended.code == -signal.SIGKILL, f"{request}: {ended}"

        again = cut.apply()

        assert is_whole(again), f"{request}: {again}"
        assert cut.lease()["holderIdentity"] == "", str(request)
        found = cut.state()
        client = found.pop("ConfigMap/seedcore-client-env")
        assert client[2]["RAY_ENABLE_AUTO_CONNECT"] == value, str(request)
        assert found == {key: each for key, each in wanted.items() if "client-env" not in key}


@pytest.mark.long
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_any_request_of_a_first_apply_a_repeated_apply_converges(
    cut: Light, through: tuple[Bench, ApiProxy], after: bool
) -> None:
    cut.clear()
    requests = clean_run(through, cut)
    wanted = cut.state()

    assert len(requests) > len(wanted)
    for number, request in enumerate(requests, 1):
        cut.clear()
        through[1].forget()
        ended = cut_at(through, cut, nth(number), signal.SIGKILL, after=after)
        assert ended.code == -signal.SIGKILL, f"{request}: {ended}"

        again = cut.apply()

        assert is_whole(again), f"{request}: {again}"
        assert cut.state() == wanted, str(request)


@pytest.mark.parametrize(
    "how", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.long)]
)
def test_signal_in_the_middle_of_apply_tells_what_was_applied_and_what_not(
    cut: Light, through: tuple[Bench, ApiProxy], how: signal.Signals
) -> None:
    cut.clear()

    ended = cut_at(through, cut, changes("deployments"), how)

    assert ended.code == 130, str(ended)
    assert "interrupted in phase apply" in ended.err
    assert "applied: configmap/seedcore-client-env created" in ended.err
    assert (
        "not applied, or not confirmed: deployment/seedcore-api, deployment/seedcore-serve, "
        "raycluster/seedcore"
    ) in ended.err
    assert "mend: run the same command again" in ended.err
    assert cut.lease()["holderIdentity"] == ""
    assert is_whole(cut.apply())


def test_signal_once_all_is_sent_tells_that_only_the_proof_is_missing(
    cut: Light, through: tuple[Bench, ApiProxy]
) -> None:
    ended = cut_at(through, cut, changes("events"), signal.SIGTERM)

    assert ended.code == 130, str(ended)
    assert "interrupted in phase verify" in ended.err
    assert "  applied: raycluster.ray.io/seedcore" in ended.err
    assert "not confirmed" not in ended.err
    assert "  not done, or not to its end: verify" in ended.err
    assert is_whole(cut.apply())


def test_lost_connection_in_the_middle_tells_what_was_applied_and_what_not(
    cut: Light, through: tuple[Bench, ApiProxy]
) -> None:
    bench, proxy = through
    cut.clear()
    proxy.fault(changes("deployments"), away_s=3600.0)

    ended = cut.apply(bench=bench)
    proxy.away_until = 0.0
    proxy.forget()

    assert ended.code == 3, str(ended)
    assert "applied: configmap/seedcore-client-env created" in ended.err
    assert "not applied, or not confirmed: deployment/seedcore-api" in ended.err
    assert "mend: " in ended.err
    assert is_whole(cut.apply(bench=bench))


def test_record_that_may_not_be_written_is_a_note(
    cut: Light, through: tuple[Bench, ApiProxy]
) -> None:
    bench, proxy = through
    proxy.fault(lambda request: request.mutates and "/events" in request.path, status=403)

    ended = cut.apply(bench=bench)

    assert is_whole(ended), str(ended)
    assert "note: no Event was made for raycluster/seedcore" in ended.err


@pytest.fixture
def whole(stage: Stage, tmp_path: Path) -> Iterator[Light]:
    """A copy of the stage's overlay that may be changed; the stage has its own again afterwards."""
    yield light(stage.bench, stage.namespace, tmp_path, pods=True)
    stage.apply()


@pytest.mark.long  # minutes: the whole pattern; the requests of a change are cut in every run
def test_killed_at_a_restart_a_repeated_apply_restarts_what_is_left(
    whole: Light, tmp_path: Path
) -> None:
    with whole.through_proxy(tmp_path) as through:
        for number, after in enumerate((False, True)):
            whole.set_client(RAY_CLIENT_INITIAL_CONNECTION_TIMEOUT_S=str(31 + number))
            through[1].forget()

            # kubectl leaves Deployments alone that did not change: this is a restart.
            ended = cut_at(through, whole, changes("deployments"), signal.SIGKILL, after=after)
            again = whole.apply("--timeout", "4m")

            assert ended.code == -signal.SIGKILL, str(ended)
            assert again.code == 0, str(again)
            assert "restarted" in again.err or "restarting" in again.err, str(again)


@pytest.mark.long  # minutes: the whole pattern, for its ready head
def test_changed_spec_with_recreate_is_refused_while_the_head_is_ready(
    whole: Light, tmp_path: Path
) -> None:
    operations = [
        {"op": "add", "path": "/spec/upgradeStrategy", "value": {"type": "Recreate"}},
        {"op": "add", "path": "/spec/headGroupSpec/rayStartParams/no-monitor", "value": "true"},
    ]
    patch = {"target": {"kind": "RayCluster"}, "patch": json.dumps(operations)}
    whole.change(lambda found: found["patches"].append(patch))
    head = whole.get("pod", "-l", "ray.io/node-type=head")["items"]

    with whole.through_proxy(tmp_path) as (bench, proxy):
        ended = whole.apply(bench=bench)

        assert proxy.mutating == []
    assert ended.code == 1, str(ended)
    assert "raycluster/seedcore would be changed (headGroupSpec.rayStartParams.no-" in ended.err
    assert "--restart-head" in ended.err
    there = whole.get("pod", "-l", "ray.io/node-type=head")["items"]
    assert [pod["metadata"]["uid"] for pod in there] == [pod["metadata"]["uid"] for pod in head]


@pytest.mark.long  # minutes each; tests/e2e/test_restart.py has a crash in every run
@pytest.mark.parametrize(
    ("operation", "seen"),
    [
        pytest.param(
            {"path": f"{HEAD_TEMPLATE}/spec/nodeSelector", "value": {"no-such-node": "x"}},
            "{.status.conditions[?(@.type=='PodScheduled')].reason}=Unschedulable",
            id="Pending",
        ),
        pytest.param(
            {
                "path": f"{HEAD_TEMPLATE}/spec/containers/0/resources",
                "value": {"requests": {"memory": "32Mi"}, "limits": {"memory": "32Mi"}},
            },
            "{.status.containerStatuses[0].lastState.terminated.reason}=OOMKilled",
            id="crashing",
        ),
    ],
)
def test_apply_converges_from_a_head_that_does_not_start_for_a_mended_mistake(
    whole: Light, stage: Stage, operation: dict[str, object], seen: str
) -> None:
    patch = json.dumps([{"op": "add", **operation}])
    whole.change(
        lambda found: found["patches"].append({"target": {"kind": "RayCluster"}, "patch": patch})
    )
    stage.kubectl("apply", "-k", str(whole.overlay))
    stage.kubectl("delete", "pod", "-l", HEAD, "--wait=true")
    stage.kubectl("wait", "--for=create", "pod", "-l", HEAD, READY_S)
    stage.kubectl("wait", f"--for=jsonpath={seen}", "pod", "-l", HEAD, READY_S)

    stage.apply()
