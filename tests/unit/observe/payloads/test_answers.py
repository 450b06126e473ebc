"""How an address answers over HTTP: told by real servers on this machine."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from seedcore_deploy.observe.payloads import answers, watchdog

SESSION = {"session_name": "session_1", "ray_version": "2.60.0"}
IDLE: dict[str, Any] = {"proxies": {}, "applications": {}, "http_options": None}
SERVED: dict[str, Any] = {
    "proxies": {"n": {"status": "HEALTHY"}},
    "applications": {"seedcore": {"status": "RUNNING"}},
    "http_options": {"host": "127.0.0.1", "port": 8000},
}


@pytest.fixture(autouse=True)
def _no_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "pause", lambda _: None)


@contextmanager
def served(bodies: dict[str, tuple[int, Any]]) -> Iterator[tuple[str, list[str]]]:
    """An HTTP server of these paths, its address, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, body = bodies.get(self.path, (404, "nothing here"))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/api/version")
            self.end_headers()
            self.wfile.write((body if isinstance(body, str) else json.dumps(body)).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def mute() -> Iterator[str]:
    """The address of a listener that accepts, and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def closed() -> str:
    """An address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def dashboard(address: str) -> dict[str, Any]:
    return answers.dashboard(address, {}, 0.5)


def asked_of(dashboard: str, serve: str) -> dict[str, Any]:
    variables = {"RAY_DASHBOARD_ADDRESS": dashboard, "RAY_SERVE_ADDRESS": serve}
    return answers.of_addresses(variables, {"direct": False, "ask_s": 0.5})


def test_dashboard_tells_its_session_and_version() -> None:
    with served({"/api/version": (200, SESSION)}) as (address, _):
        told = dashboard(address)

    assert (told["ended"], told["session"], told["ray_version"]) == (
        "answered",
        "session_1",
        "2.60.0",
    )
    assert told["asked"] == f"{address}/api/version"


def test_path_of_the_address_is_kept_and_what_may_be_secret_is_not_told() -> None:
    with served({"/ray/api/version": (200, SESSION)}) as (address, asked):
        told = dashboard(address.replace("http://", "http://user:pass@") + "/ray/")

    assert told["ended"] == "answered"
    assert asked == ["/ray/api/version"]
    assert "pass" not in str(told)


@pytest.mark.parametrize("status", [401, 403])
def test_dashboard_that_wants_a_token_is_there(status: int) -> None:
    with served({"/api/version": (status, "who are you?")}) as (address, _):
        assert dashboard(address)["ended"] == "needs-token"


@pytest.mark.parametrize(
    "body", [(200, "<html>"), (200, []), (200, {"version": 1}), (404, "?"), (302, ""), (500, "")]
)
def test_another_program_is_no_dashboard_and_no_redirect_is_followed(body: Any) -> None:
    with served({"/api/version": body}) as (address, asked):
        assert dashboard(address)["ended"] == "unknown"

    assert asked == ["/api/version"]


def test_silence_refusal_and_a_name_that_is_none_are_told_apart(mute: str, closed: str) -> None:
    assert dashboard(mute)["ended"] == "silent"
    assert dashboard(closed)["ended"] == "refused"
    assert dashboard("http://no-such-host.invalid:8265")["ended"] == "dns"


def test_tls_to_a_plain_port_is_no_silence() -> None:
    with served({}) as (address, _):
        assert dashboard(address.replace("http:", "https:"))["ended"] == "not-http"


def test_a_certificate_that_nobody_vouches_for_is_neither_an_answer_nor_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def connect(*_: object, **__: object) -> None:
        raise ssl.SSLCertVerificationError("self-signed certificate")

    monkeypatch.setattr(HTTPSConnection, "connect", connect)

    assert dashboard("https://127.0.0.1:8265")["ended"] == "untrusted"


def test_authorities_that_cannot_be_read_vouch_for_nobody(closed: str) -> None:
    variables = {"REQUESTS_CA_BUNDLE": "/no/such/file"}

    told = answers.dashboard(closed.replace("http:", "https:"), variables, 0.5)

    assert told["ended"] == "refused"


def test_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch, closed: str) -> None:
    monkeypatch.setenv("http_proxy", closed)
    with served({"/api/version": (200, SESSION)}) as (address, _):
        told = answers.dashboard(address, {"http_proxy": closed}, 0.5)

    assert told["ended"] == "answered"


def test_a_moment_of_silence_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = iter(["refused", "answered"])

    def once(*_: object) -> dict[str, Any]:
        return {"ended": next(ends), "asked": "", "said": "", "status": 200, "body": "{}"}

    monkeypatch.setattr(answers, "_asked_once", once)

    assert answers.serve("http://x:8000", {}, 0.5)["ended"] == "answered"


@pytest.mark.parametrize("status", [200, 404, 503])
def test_whatever_answers_in_http_serves(status: int) -> None:
    with served({"/-/healthz": (status, "")}) as (address, asked):
        assert asked_of("", address) == {
            "serve": {"asked": f"{address}/-/healthz", "ended": "answered", "said": ""}
        }

    assert asked == ["/-/healthz"]


@pytest.mark.parametrize(("applications", "serves"), [(IDLE, False), (SERVED, True)])
def test_of_a_silent_serve_the_dashboard_is_asked_whether_it_runs(
    closed: str, applications: dict[str, Any], serves: bool
) -> None:
    paths = {"/api/version": (200, SESSION), "/api/serve/applications/": (200, applications)}
    with served(paths) as (address, _):
        told = asked_of(address, closed)["serve"]

    assert (told["ended"], told["serves"]) == ("refused", serves)
    if serves:
        assert "application seedcore RUNNING" in told["reported"]
        assert "listens on 127.0.0.1:8000" in told["reported"]


@pytest.mark.parametrize("body", [(500, "oh"), (200, {"applications": {}}), (200, [])])
def test_a_dashboard_that_does_not_know_of_serve_leaves_it_open(closed: str, body: Any) -> None:
    paths = {"/api/version": (200, SESSION), "/api/serve/applications/": body}
    with served(paths) as (address, _):
        assert "serves" not in asked_of(address, closed)["serve"]


def test_what_is_no_address_is_not_asked() -> None:
    for address in ("", "auto", "ray://head:10001", "http://", "http://head:99999"):
        assert asked_of(address, address) == {}


def test_head_is_asked_on_its_own_pod() -> None:
    told = answers.of_addresses({"RAY_SERVE_ADDRESS": "http://x"}, {"direct": True, "ask_s": 0.1})

    assert told["serve"]["asked"] == "http://127.0.0.1:8000/-/healthz"
    assert told["dashboard"]["asked"] == "http://127.0.0.1:8265/api/version"
