"""What the library tells Prometheus, with prometheus-client and without it."""

from __future__ import annotations

import functools
import importlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import prometheus_client
import pytest
from prometheus_client import CollectorRegistry

from seedcore.utils import ray_config
from seedcore.utils.ray_config import (
    RayAddressInvalidError,
    RayConnectError,
    disconnect,
    ensure_connected,
    init_ray_with_smart_defaults,
    is_connected,
)
from tests.unit.seedcore_utils.conftest import Install
from tests.unit.seedcore_utils.fake_ray import fails

Sample = Callable[..., float | None]
CONNECTS = "seedcore_ray_connect_total"
LOST = "seedcore_ray_connection_lost_total"
NONE = [0.0] * len(ray_config._kinds())


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[CollectorRegistry]:
    """A registry of the test's own, in which the library makes its metrics anew."""
    own = CollectorRegistry()
    for name in ("Counter", "Gauge", "Histogram"):
        metric = functools.partial(getattr(prometheus_client, name), registry=own)
        monkeypatch.setattr(prometheus_client, name, metric)
    ray_config._made_metrics.cache_clear()
    yield own
    ray_config._made_metrics.cache_clear()


@pytest.fixture
def sample(registry: CollectorRegistry) -> Sample:
    """The value of a sample."""
    return lambda name, **labels: registry.get_sample_value(name, labels)


def connects(sample: Sample, outcome: str, reason: str) -> float | None:
    return sample(CONNECTS, outcome=outcome, reason=reason, role="client")


def test_a_connection_is_counted_once_and_timed(install: Install, sample: Sample) -> None:
    # given
    install()
    # when
    init_ray_with_smart_defaults()
    init_ray_with_smart_defaults()
    # then
    assert connects(sample, "success", "") == 1
    assert sample("seedcore_ray_connect_seconds_count") == 1
    assert sample("seedcore_ray_connected") == 1
    assert (sample("seedcore_ray_last_success_timestamp_seconds") or 0) > 1_700_000_000


def test_a_dead_connection_and_the_new_one_both_show(install: Install, sample: Sample) -> None:
    # given
    ray = install()
    init_ray_with_smart_defaults()
    ray.answers = fails(ConnectionError("Client is shutting down."))
    # when
    assert not is_connected()
    # then
    assert sample("seedcore_ray_connected") == 0
    with pytest.raises(RayConnectError):
        ensure_connected(retries=0)
    assert connects(sample, "failure", "connect_failed") == 1
    ray.answers = lambda: None
    ensure_connected()
    assert connects(sample, "success", "") == 2
    assert sample("seedcore_ray_connected") == 1


def test_a_lost_connection_is_counted_though_the_next_call_mends_it(
    install: Install, sample: Sample
) -> None:
    # given
    ray = install()
    ensure_connected()
    assert sample(LOST, role="client") == 0
    answers, ray.answers = ray.answers, fails(ConnectionError("Client is shutting down."))
    assert not is_connected()
    # when
    with pytest.raises(RayConnectError):
        ensure_connected(retries=0)
    ray.answers = answers
    ensure_connected()
    ensure_connected()
    # then
    assert sample(LOST, role="client") == 1


def test_a_connection_that_the_application_gave_up_is_not_lost(
    install: Install, sample: Sample
) -> None:
    install()
    ensure_connected()
    disconnect()
    ensure_connected()
    assert sample(LOST, role="client") == 0


def test_wrong_setting_is_counted_by_its_kind(
    install: Install, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    install()
    monkeypatch.setenv("RAY_ADDRESS", "")
    with pytest.raises(RayAddressInvalidError):
        init_ray_with_smart_defaults()
    assert connects(sample, "failure", "address_invalid") == 1


def test_wrong_option_of_the_caller_is_no_failed_connection(
    install: Install, sample: Sample
) -> None:
    install(fails(TypeError("colour")))
    with pytest.raises(TypeError):
        init_ray_with_smart_defaults(colour="red")
    assert [connects(sample, "failure", kind) for kind in ray_config._kinds()] == NONE


def test_failures_of_every_kind_begin_at_0(install: Install, sample: Sample) -> None:
    install()
    init_ray_with_smart_defaults()
    assert [connects(sample, "failure", kind) for kind in ray_config._kinds()] == NONE
    assert {"address_missing", "timeout", "not_installed", "forked"} <= set(ray_config._kinds())


def test_a_connection_that_was_given_up_is_none(install: Install, sample: Sample) -> None:
    install()
    init_ray_with_smart_defaults()
    disconnect()
    assert sample("seedcore_ray_connected") == 0


def test_without_prometheus_client_all_works_and_nothing_is_tried_twice(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    tried = []
    original = importlib.import_module

    def no_prometheus(name: str) -> ModuleType:
        if name == "prometheus_client":
            tried.append(name)
            raise ImportError(name)
        return original(name)

    monkeypatch.setattr(importlib, "import_module", no_prometheus)
    ray_config._made_metrics.cache_clear()
    install()
    # when
    init_ray_with_smart_defaults()
    assert is_connected()
    disconnect()
    # then
    assert tried == ["prometheus_client"]
    ray_config._made_metrics.cache_clear()


def test_second_copy_of_the_file_does_without(install: Install, sample: Sample) -> None:
    """As where an application has a copy of its own beside the installed one."""
    install()
    init_ray_with_smart_defaults()
    ray_config._made_metrics.cache_clear()
    assert ray_config._metrics() is None
    assert init_ray_with_smart_defaults().session == "session_1"


def test_two_threads_that_are_first_share_the_metrics(
    registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a registration that takes a while
    made = ray_config._Metrics

    def slowly(client: ModuleType) -> ray_config._Metrics:
        time.sleep(0.05)
        return made(client)

    monkeypatch.setattr(ray_config, "_Metrics", slowly)
    # when
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: ray_config._metrics(), range(4)))
    # then
    assert None not in found
    assert len(set(found)) == 1


def test_forked_child_is_not_connected_though_it_never_asks(
    install: Install, sample: Sample
) -> None:
    # given
    install()
    init_ray_with_smart_defaults()
    # when: what os.register_at_fork calls in the child
    ray_config._mark_fork()
    # then
    assert sample("seedcore_ray_connected") == 0


def test_fork_waits_for_no_lock_that_a_thread_of_the_parent_holds(
    install: Install, sample: Sample
) -> None:
    # given
    install()
    init_ray_with_smart_defaults()
    metrics = ray_config._metrics()
    assert metrics is not None
    value: Any = metrics._connected
    # when
    with value._value._lock:
        ray_config._mark_fork()
    # then
    assert sample("seedcore_ray_connected") == 0


def test_fork_makes_no_metrics(install: Install, registry: CollectorRegistry) -> None:
    install()
    ray_config._mark_fork()
    assert list(registry.collect()) == []


def test_families_are_the_documented_ones(install: Install, registry: CollectorRegistry) -> None:
    install()
    init_ray_with_smart_defaults()
    assert {(family.name, family.type) for family in registry.collect()} == {
        ("seedcore_ray_connect", "counter"),  # exposed with _total
        ("seedcore_ray_connect_seconds", "histogram"),
        ("seedcore_ray_connection_lost", "counter"),
        ("seedcore_ray_connected", "gauge"),
        ("seedcore_ray_last_success_timestamp_seconds", "gauge"),
    }
