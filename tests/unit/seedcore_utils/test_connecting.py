"""What the library does with Ray: bounded, proven, and never a second Ray by accident."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import ModuleType, SimpleNamespace

import pytest

from seedcore.utils import ray_config
from seedcore.utils.ray_config import (
    AlreadyConnectedElsewhereError,
    ForkedAfterInitError,
    RayConnectError,
    RayNotAskedError,
    check_connection,
    disconnect,
    ensure_connected,
    init_ray_with_smart_defaults,
    is_connected,
)
from tests.unit.seedcore_utils.conftest import ADDRESS, Install
from tests.unit.seedcore_utils.fake_ray import Hang, RayContext, fails


def test_address_and_namespace_are_passed_to_ray(install: Install) -> None:
    # given
    ray = install()
    # when
    connection = init_ray_with_smart_defaults(logging_level="ERROR")
    # then
    assert ray.inits == [
        {"address": ADDRESS, "namespace": "seedcore-dev", "logging_level": "ERROR"}
    ]
    assert connection.session == "session_1"
    assert is_connected()


def test_wrong_setting_fails_before_ray_is_touched(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    ray = install()
    monkeypatch.setenv("RAY_ADDRESS", "")
    # when
    with pytest.raises(ray_config.RayAddressInvalidError):
        init_ray_with_smart_defaults()
    # then
    assert ray.inits == []


def test_calling_it_again_connects_once(install: Install) -> None:
    ray = install()
    first = init_ray_with_smart_defaults()
    assert init_ray_with_smart_defaults() == first
    assert len(ray.inits) == 1


@pytest.mark.parametrize(("address", "namespace"), [("ray://b:10001", None), (None, "prod")])
def test_another_cluster_than_the_present_one_is_refused(
    install: Install, address: str | None, namespace: str | None
) -> None:
    # given
    ray = install()
    init_ray_with_smart_defaults()
    # when
    with pytest.raises(AlreadyConnectedElsewhereError, match="seedcore"):
        init_ray_with_smart_defaults(address, namespace)
    # then
    assert ray.shutdowns == 0


def test_channel_of_an_attempt_that_failed_is_closed(install: Install) -> None:
    """Ray leaves it open, in the hands of nobody but the error."""
    closed: list[object] = []

    class Worker:
        __module__ = "ray.util.client.worker"

        def __init__(self) -> None:
            self.channel = SimpleNamespace(close=lambda: closed.append(self))
            raise ConnectionError("ray client connection timeout")

    # given
    install(Worker, Worker)
    # when
    with pytest.raises(RayConnectError):
        init_ray_with_smart_defaults(retries=1)
    # then
    assert len(closed) == 2


def test_private_ray_instead_of_the_cluster_is_an_error_and_is_ended(install: Install) -> None:
    # given
    ray = install()
    ray.context = RayContext
    # when
    with pytest.raises(RayConnectError, match="another way"):
        init_ray_with_smart_defaults(retries=0)
    # then
    assert ray.shutdowns == 1


def test_what_can_heal_is_tried_again(install: Install) -> None:
    ray = install(fails(ConnectionAbortedError("Starting Ray client server failed")))
    init_ray_with_smart_defaults()
    assert len(ray.inits) == 2


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("Version mismatch: client 2.60.0, server 2.9.0"),
        ConnectionAbortedError("'JobConfig' object has no attribute 'x'"),
    ],
)
def test_what_cannot_heal_is_not_tried_again(install: Install, error: Exception) -> None:
    ray = install(fails(error))
    with pytest.raises(RayConnectError):
        init_ray_with_smart_defaults()
    assert len(ray.inits) == 1


def test_wrong_option_of_the_caller_is_the_callers_error(install: Install) -> None:
    install(fails(ValueError("Unknown keyword argument(s): colour")))
    with pytest.raises(ValueError, match="colour"):
        init_ray_with_smart_defaults(colour="red")


def test_failed_proof_is_a_failed_connection(install: Install) -> None:
    ray = install()
    ray.answers = fails(TimeoutError("no worker"))
    with pytest.raises(RayConnectError, match="no worker"):
        init_ray_with_smart_defaults(retries=0)
    assert ray.client is None


def test_hanging_ray_is_given_up_in_time_and_undone_when_it_comes_late(install: Install) -> None:
    # given
    hang = Hang()
    ray = install(hang)
    began = time.monotonic()
    # when
    with pytest.raises(RayConnectError, match="no answer within"):
        init_ray_with_smart_defaults(timeout=0.2, retries=0)
    # then
    assert time.monotonic() - began < 2
    pending = ray_config._State.pending
    assert pending is not None
    with pytest.raises(RayConnectError, match="earlier attempt still hangs"):
        init_ray_with_smart_defaults(timeout=0.1)
    hang.release.set()
    assert pending.ended.wait(5)
    assert ray.client is None
    assert init_ray_with_smart_defaults().session == "session_1"


def test_check_tells_a_dead_cluster_within_its_time(install: Install) -> None:
    # given
    ray = install()
    init_ray_with_smart_defaults()
    hang = Hang()
    ray.answers = hang
    # when
    with pytest.raises(RayConnectError, match="no answer within"):
        check_connection(timeout=0.1)
    # then: a second question does not start a second thread
    assert not is_connected(timeout=0.1)
    hang.release.set()


def test_check_without_a_connection_says_how_to_connect(install: Install) -> None:
    install()
    with pytest.raises(RayConnectError, match="ensure_connected"):
        check_connection()


def test_dead_connection_is_replaced_and_a_good_one_kept(install: Install) -> None:
    # given
    ray = install()
    first = ensure_connected()
    assert ensure_connected() is first
    ray.alive = False
    ray.answers = fails(ConnectionError("Client is shutting down."))
    # when the head is there again
    original = ray.shutdown

    def revive() -> None:
        original()
        ray.alive, ray.answers = True, lambda: None

    sys.modules["ray"].__dict__["shutdown"] = revive
    second = ensure_connected()
    # then
    assert second is not first
    assert len(ray.inits) == 2


def test_disconnect_may_be_called_at_any_time(install: Install) -> None:
    ray = install()
    disconnect()
    init_ray_with_smart_defaults()
    disconnect()
    disconnect()
    assert ray.shutdowns == 1
    assert not is_connected()


def test_child_of_a_connected_process_is_refused(install: Install) -> None:
    # given
    install()
    init_ray_with_smart_defaults()
    # when: what os.register_at_fork calls in the child
    ray_config._mark_fork()
    # then
    with pytest.raises(ForkedAfterInitError, match="fork"):
        init_ray_with_smart_defaults()
    with pytest.raises(ForkedAfterInitError):
        is_connected()


@pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")
def test_child_that_was_really_forked_is_refused_and_its_parent_is_not(install: Install) -> None:
    # given
    install()
    init_ray_with_smart_defaults()
    reader, writer = os.pipe()
    # when
    child = os.fork()
    if child == 0:
        try:
            init_ray_with_smart_defaults()
            os.write(writer, b"connected")
        except ForkedAfterInitError as error:
            os.write(writer, str(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    said = os.read(reader, 4096).decode()
    os.close(reader)
    os.waitpid(child, 0)
    # then
    assert "forked from one that is connected" in said
    assert "connect after the fork" in said
    assert is_connected()


@pytest.mark.parametrize(("variable", "enabled"), [(None, False), ("0", True), ("1", True)])
def test_bare_remote_must_not_connect_by_itself_unless_the_variable_decides(
    install: Install, monkeypatch: pytest.MonkeyPatch, variable: str | None, enabled: bool
) -> None:
    """Ray reads the variable when it is imported: what it read is left alone."""
    # given
    install()
    hook = ModuleType("ray._private.auto_init_hook")
    hook.__dict__["enable_auto_connect"] = True
    monkeypatch.setitem(sys.modules, "ray._private.auto_init_hook", hook)
    if variable is not None:
        monkeypatch.setenv("RAY_ENABLE_AUTO_CONNECT", variable)
    # when
    init_ray_with_smart_defaults()
    # then
    assert hook.__dict__["enable_auto_connect"] is enabled
    assert os.environ["RAY_ENABLE_AUTO_CONNECT"] == (variable or "0")


def test_bare_remote_after_a_setting_was_refused_must_not_connect_either(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    """... though nothing has imported ray yet: it reads the variable then."""
    install()
    monkeypatch.delenv("RAY_ADDRESS")
    with pytest.raises(ray_config.RayAddressMissingError):
        init_ray_with_smart_defaults()
    assert os.environ["RAY_ENABLE_AUTO_CONNECT"] == "0"


def test_error_passes_from_process_to_process() -> None:
    """As a pool sends it: with its words, and still without the secret."""
    told = RayConnectError(
        "it hangs", "wait", role="client", variable="RAY_ADDRESS", value="ray://u:p@h:10001"
    )

    again = pickle.loads(pickle.dumps(told))

    assert type(again) is RayConnectError
    assert str(again) == str(told)
    assert vars(again) == vars(told)


def test_second_call_that_runs_out_of_time_spares_the_connection(install: Install) -> None:
    # given
    ray = install()
    init_ray_with_smart_defaults()
    hang = Hang()
    ray.answers = hang
    # when
    with pytest.raises(RayConnectError):
        init_ray_with_smart_defaults(timeout=0.2, retries=0)
    hang.release.set()
    pending = ray_config._State.pending
    assert pending is not None
    assert pending.ended.wait(5)
    # then
    assert ray.shutdowns == 0
    assert is_connected()


def test_attempt_that_was_interrupted_does_not_end_the_next_connection(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    hang = Hang()
    ray = install(hang)

    def interrupted(*_: object) -> object:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ray_config._Call, "result", interrupted)
        with pytest.raises(KeyboardInterrupt):
            init_ray_with_smart_defaults()
    # when
    with pytest.raises(RayConnectError, match="earlier attempt"):
        init_ray_with_smart_defaults(timeout=0.2)
    hang.release.set()
    # then
    assert init_ray_with_smart_defaults().target.address == ADDRESS
    assert ray.client is not None


def test_check_leaves_a_connection_that_the_application_made(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    ray = install()
    monkeypatch.setenv("RAY_SERVE_ADDRESS", "http://seedcore-head-svc:8000")
    monkeypatch.setenv("RAY_DASHBOARD_ADDRESS", "http://seedcore-head-svc:8265")
    ray.init(address=ADDRESS, namespace="seedcore-dev")
    # when
    checked = ray_config.check_ray_config(connect=True)
    # then
    assert checked.session == "session_1"
    assert ray.shutdowns == 0


def test_ensuring_another_address_than_the_present_one_is_refused(install: Install) -> None:
    install()
    init_ray_with_smart_defaults()

    with pytest.raises(AlreadyConnectedElsewhereError):
        ensure_connected("ray://other:10001")

    assert ensure_connected(ADDRESS).target.address == ADDRESS


def test_child_of_a_process_that_is_connecting_is_refused_at_once(install: Install) -> None:
    # given
    hang = Hang()
    install(hang)
    with pytest.raises(RayConnectError):
        init_ray_with_smart_defaults(timeout=0.2, retries=0)
    # when: what a fork does in the child
    ray_config._mark_fork()
    # then
    with pytest.raises(ForkedAfterInitError):
        init_ray_with_smart_defaults()
    hang.release.set()


def test_ray_that_is_being_imported_by_another_thread_is_not_asked(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install()
    monkeypatch.setitem(sys.modules, "ray._private.worker", ModuleType("ray._private.worker"))

    assert not is_connected()


class TooLate(Exception):
    """What a task queue throws into the waiting thread: its own time limit."""


def too_late(*_: object) -> object:
    raise TooLate


def test_exception_that_somebody_throws_into_the_waiting_thread_is_the_callers(
    install: Install,
) -> None:
    # given
    hang = Hang()
    ray = install(hang)
    before = signal.signal(signal.SIGALRM, too_late)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    # when
    with pytest.raises(TooLate):
        init_ray_with_smart_defaults(retries=3)
    signal.signal(signal.SIGALRM, before)
    # then
    assert len(ray.inits) == 1
    pending = ray_config._State.pending
    assert pending is not None
    hang.release.set()
    assert pending.ended.wait(5)
    assert ray.client is None


def test_connection_that_came_about_as_somebody_threw_is_taken_back(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    ray = install()

    def too_late_for_that(call: ray_config._Call[object], _: float) -> object:
        assert call.ended.wait(5)
        raise TooLate

    # when
    with monkeypatch.context() as patched:
        patched.setattr(ray_config._Call, "result", too_late_for_that)
        with pytest.raises(TooLate):
            init_ray_with_smart_defaults()
    # then
    pending = ray_config._State.pending
    assert pending is not None
    assert pending.ended.wait(5)
    assert (len(ray.inits), ray.client) == (1, None)


@pytest.mark.parametrize("call", [check_connection, ensure_connected, disconnect])
def test_exception_of_somebody_else_says_nothing_about_the_connection(
    call: Callable[[], object], install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install()
    init_ray_with_smart_defaults()

    with monkeypatch.context() as patched:
        patched.setattr(ray_config._Call, "result", too_late)
        with pytest.raises(TooLate):
            call()

    assert is_connected() is (call is not disconnect)


def test_disconnect_ends_within_its_time_though_ray_hangs(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    install()
    init_ray_with_smart_defaults()
    hang = Hang()
    monkeypatch.setattr(sys.modules["ray"], "shutdown", hang)
    monkeypatch.setattr(ray_config, "_break_off", lambda _: time.sleep(0.2))
    # when
    began = time.monotonic()
    disconnect(timeout=0.4)
    # then
    assert time.monotonic() - began < 0.55
    hang.release.set()


@pytest.mark.parametrize("seconds", [-1.0, float("nan")])
def test_timeout_that_is_none_is_the_callers_error(install: Install, seconds: float) -> None:
    ray = install()

    with pytest.raises(ValueError, match="timeout must be"):
        init_ray_with_smart_defaults(timeout=seconds)

    assert ray.inits == []


def test_timeout_may_be_endless(install: Install) -> None:
    install()

    assert init_ray_with_smart_defaults(timeout=float("inf")).session == "session_1"
    assert is_connected(timeout=float("inf"))
    disconnect(timeout=float("inf"))


def test_endless_timeout_is_one_that_every_platforms_locks_take(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install()
    monkeypatch.setattr(threading, "TIMEOUT_MAX", 4294967.0)  # of Windows
    assert ray_config._bounded(float("inf")) < threading.TIMEOUT_MAX


def test_another_namespace_than_the_jobs_is_refused_in_a_worker_of_rays(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    ray = install()
    ray.namespace = "a"
    worker = ModuleType("ray._private.worker")
    worker.__dict__.update(global_worker=SimpleNamespace(mode=1), WORKER_MODE=1)
    monkeypatch.setitem(sys.modules, "ray._private.worker", worker)
    # when
    for call in (init_ray_with_smart_defaults, ensure_connected):
        with pytest.raises(AlreadyConnectedElsewhereError, match="already"):
            call(namespace="b")
        # then
        assert call(namespace="a").target.namespace == "a"
        assert call().target.namespace == "a"


def no_thread(_: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


@pytest.mark.parametrize("call", [check_connection, is_connected, ensure_connected, disconnect])
def test_process_without_threads_left_cannot_tell_and_keeps_its_connection(
    call: Callable[[], object], install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    ray = install()
    init_ray_with_smart_defaults()
    # when
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", no_thread)
        with pytest.raises(RayNotAskedError, match=r"can't start new thread.*Mend: raise"):
            call()
    # then
    assert ray.shutdowns == 0
    assert is_connected()


def test_process_without_threads_left_cannot_connect_and_says_so(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray = install()
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", no_thread)
        with pytest.raises(RayNotAskedError):
            init_ray_with_smart_defaults()
    assert ray.inits == []
    assert init_ray_with_smart_defaults().session == "session_1"
