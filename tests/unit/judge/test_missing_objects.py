"""Containers that wait for something that is not there; the messages are the kubelet's."""

from __future__ import annotations

import pytest

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.snapshot import Snapshot
from tests.support import snapshots as s
from tests.support import waiting as w

CONFIG = "CreateContainerConfigError"


def stuck(message: str, created: float = 30, reason: str = CONFIG) -> Snapshot:
    return w.held_up(w.waiting(reason, message), created=created)


def test_missing_configmap_is_named() -> None:
    (doom,) = w.doomed(stuck('configmap "nope" not found'))

    assert "configmap/nope does not exist" in doom.reason
    assert "make configmap/nope" in doom.mend


def test_missing_key_is_named() -> None:
    (reason,) = w.reasons(stuck("couldn't find key NOPE in ConfigMap seedcore-dev/seedcore-env"))

    assert "key NOPE of configmap/seedcore-env does not exist" in reason


def test_configmap_may_come_a_moment_after_its_reader() -> None:
    assert w.reasons(stuck('configmap "nope" not found', created=9)) == []
    assert w.reasons(stuck('configmap "nope" not found', created=10))


def test_configmap_that_is_there_by_now_will_be_found_at_the_next_try() -> None:
    assert w.reasons(stuck('configmap "seedcore-env" not found')) == []
    assert w.reasons(stuck("couldn't find key RAY_HOST in ConfigMap x/seedcore-env")) == []


@pytest.mark.parametrize("kind", ["configmap", "secret"])
def test_cache_that_is_not_in_step_passes(kind: str) -> None:
    said = f"failed to sync {kind} cache: timed out waiting for the condition"

    assert w.reasons(stuck(said, created=600)) == []


def test_secret_may_be_made_by_an_operator() -> None:
    assert w.reasons(stuck('secret "token" not found', created=29)) == []

    (reason,) = w.reasons(stuck('secret "token" not found', created=30))

    assert "secret/token does not exist" in reason


def test_secret_that_was_missing_before_the_wait_began_may_be_there_by_now() -> None:
    snapshot = stuck('secret "token" not found', created=600)
    before = w.event("Failed", 'Error: secret "token" not found', last=40)
    after = w.event("Failed", 'Error: secret "token" not found', last=2)

    assert w.reasons(w.with_events(snapshot, before), begun=w.ago(30)) == []
    assert w.reasons(w.with_events(snapshot, before, after), begun=w.ago(30))


def test_image_that_would_run_as_root_is_doomed() -> None:
    assert w.reasons(stuck("container has runAsNonRoot and image will run as root"))


def test_runtime_that_is_overloaded_may_recover() -> None:
    said = "context deadline exceeded"

    assert w.reasons(stuck(said, created=100, reason="CreateContainerError")) == []
    assert w.reasons(stuck(said, created=120, reason="CreateContainerError"))


def test_volume_that_names_what_is_not_there_is_doomed() -> None:
    said = 'MountVolume.SetUp failed for volume "v" : configmap "nope" not found'
    creating = w.held_up(w.waiting("ContainerCreating"))

    assert w.reasons(creating) == []
    (reason,) = w.reasons(w.with_events(creating, w.event("FailedMount", said)))
    assert "configmap/nope does not exist" in reason


def test_volume_of_a_configmap_that_came_later_is_waited_for() -> None:
    said = 'MountVolume.SetUp failed for volume "v" : configmap "seedcore-env" not found'
    creating = w.held_up(w.waiting("ContainerCreating"), created=300)

    assert w.reasons(w.with_events(creating, w.event("FailedMount", said))) == []


def test_state_from_before_the_wait_gets_time_to_be_noticed_as_mended() -> None:
    snapshot = stuck('configmap "nope" not found', created=600)

    assert w.reasons(snapshot, begun=w.ago(14)) == []
    assert w.reasons(snapshot, begun=w.ago(15))


def test_pod_of_a_missing_object_is_no_longer_settling_for_verify() -> None:
    broken = s.with_workload(stuck('secret "token" not found', 40), "seedcore-api", available=0)

    (finding,) = judge(broken).findings

    assert finding.rule == "SC302"
    assert "secret/token does not exist" in finding.because
