"""Who answers at the addresses of dashboard and Serve. Runs inside pods: Python 3.8.

Asked over HTTP as the application would be: no proxy, no redirect, and no credential.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
from typing import Any
from urllib.parse import urlsplit

from seedcore_deploy.observe.payloads import diagnosis, watchdog
from seedcore_deploy.observe.payloads.bounds import Budget, within

_OWN_DASHBOARD = "http://127.0.0.1:8265"
_OWN_SERVE = "http://127.0.0.1:8000"
_TRIES = 2
_PAUSE_S = 1.0
_MOST_BYTES = 4 * 1024 * 1024
_AUTHORITIES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_PASSING = {"silent", "refused", "dns"}


def of_addresses(variables: dict[str, str], order: dict[str, Any]) -> dict[str, Any]:
    """What dashboard and Serve answered, to a head on its own pod; what was not asked is absent.

    Of the order: `direct` (a head) and `ask_s`, which bounds each question. A moment of silence
    is asked again.
    """
    seconds = order["ask_s"]
    if order["direct"]:
        return {
            "dashboard": dashboard(_OWN_DASHBOARD, variables, seconds),
            "serve": serve(_OWN_SERVE, variables, seconds),
        }
    told: dict[str, Any] = {}
    address = variables.get("RAY_DASHBOARD_ADDRESS", "")
    if _is_http(address):
        told["dashboard"] = dashboard(address, variables, seconds)
    serving = variables.get("RAY_SERVE_ADDRESS", "")
    if _is_http(serving):
        told["serve"] = serve(serving, variables, seconds)
        if told["serve"]["ended"] != "answered":
            answers = told.get("dashboard", {}).get("ended") == "answered"
            told["serve"].update(_served(address, variables, seconds) if answers else {})
    return told


def dashboard(address: str, variables: dict[str, str], seconds: float) -> dict[str, Any]:
    """How the dashboard's address answers: `asked`, `ended`, `said`, `session`, `ray_version`."""
    found = _ask(address, "/api/version", variables, seconds)
    if found["ended"] != "answered":
        return _without_body(found)
    status = found["status"]
    if status in {401, 403}:
        return _without_body({**found, "ended": "needs-token", "said": f"HTTP status {status}"})
    try:
        body = json.loads(found["body"])
        known = {
            "session": str(body["session_name"])[:200],
            "ray_version": str(body["ray_version"])[:50],
        }
    except (ValueError, TypeError, KeyError):
        said = f"HTTP status {status}, and no session of Ray"
        return _without_body({**found, "ended": "unknown", "said": said})
    return _without_body({**found, **known})


def serve(address: str, variables: dict[str, str], seconds: float) -> dict[str, Any]:
    """How the address of Serve answers: any answer in HTTP means that something serves."""
    return _without_body(_ask(address, "/-/healthz", variables, seconds))


def _served(address: str, variables: dict[str, str], seconds: float) -> dict[str, Any]:
    """Whether Serve runs at all, by the dashboard: `serves`, absent where it does not tell."""
    found = _ask(address, "/api/serve/applications/", variables, seconds)
    try:
        body = json.loads(found["body"])
        proxies, applications = dict(body["proxies"]), dict(body["applications"])
        states = [f"application {name} {_state(applications[name])}" for name in applications]
        states += [f"proxy {_state(proxies[name])}" for name in proxies]
        if states and "host" in (options := body.get("http_options") or {}):
            states.append(f"it listens on {options['host']}:{options.get('port')}")
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}
    return {"serves": bool(states), "reported": "; ".join(sorted(set(states)))[:500]}


def _state(of: Any) -> str:
    return str(of.get("status", "?")) if isinstance(of, dict) else "?"


def _is_http(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _without_body(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in found if name not in {"status", "body"}}


def _ask(address: str, path: str, variables: dict[str, str], seconds: float) -> dict[str, Any]:
    """`ended`, `said` and, where it answered, `status` and `body`; asked again after silence."""
    for left in reversed(range(_TRIES)):
        found = _asked_once(address, path, variables, Budget(seconds))
        if found["ended"] not in _PASSING or not left:
            break
        watchdog.pause(_PAUSE_S)
    return found


def _asked_once(
    address: str, path: str, variables: dict[str, str], budget: Budget
) -> dict[str, Any]:
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    shown = f"[{host}]" if ":" in host else host
    # Neither userinfo nor a path of the address: these may hold secrets.
    found: dict[str, Any] = {"asked": f"{parts.scheme}://{shown}:{port}{path}", "body": b""}
    ips, why = diagnosis.resolve(host, port, budget.left())
    if not ips:
        return {**found, "ended": "dns", "said": f"its name does not resolve: {why}"}

    seconds = budget.part(budget.left())
    connection = _connection(parts.scheme, host, port, variables, seconds)

    def ask() -> tuple[int, bytes]:
        try:
            connection.request("GET", parts.path.rstrip("/") + path)
            response = connection.getresponse()
            return response.status, response.read(_MOST_BYTES)
        finally:
            connection.close()

    try:
        status, body = within(seconds, ask)
    except (OSError, http.client.HTTPException, ValueError) as fault:
        ended, said = _how(fault)
        return {**found, "ended": ended, "said": f"{said} ({', '.join(ips[:2])})"}
    return {**found, "ended": "answered", "said": "", "status": status, "body": body}


def _connection(
    scheme: str, host: str, port: int, variables: dict[str, str], seconds: float
) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=seconds)
    context = ssl.create_default_context()
    for name in _AUTHORITIES:
        with contextlib.suppress(OSError):  # what cannot be read vouches for nobody
            context.load_verify_locations(variables.get(name, ""))
    return http.client.HTTPSConnection(host, port, timeout=seconds, context=context)


def _how(fault: Exception) -> tuple[str, str]:
    """The end that a fault means, and a sentence's part."""
    said = (str(fault) or type(fault).__name__)[:300]
    if isinstance(fault, ssl.SSLCertVerificationError):
        return "untrusted", f"its certificate is not one that this pod trusts: {said}"
    if isinstance(fault, ConnectionRefusedError):
        return "refused", "the connection is refused"
    if isinstance(fault, http.client.InvalidURL):
        return "unknown", f"the address cannot be asked: {said}"
    if isinstance(fault, (socket.timeout, TimeoutError)):
        return "silent", "nothing answers in time"
    if isinstance(fault, (ConnectionError, ssl.SSLEOFError)):
        return "silent", f"the connection ends without an answer: {said}"
    if isinstance(fault, ssl.SSLError):
        return "not-http", f"it does not speak TLS: {said}"
    if isinstance(fault, http.client.IncompleteRead):
        return "silent", "the answer breaks off"
    if isinstance(fault, http.client.HTTPException):
        return "not-http", f"what answers does not speak HTTP: {said}"
    if isinstance(fault, OSError):
        return "silent", f"no connection: {said}"
    return "unknown", f"the address cannot be asked: {said}"
