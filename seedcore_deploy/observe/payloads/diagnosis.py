"""Why an address does not answer, cheaply. Runs inside pods: Python 3.8, standard library.

Ray says `connection timeout` for nearly everything; these looks tell the cases apart.
"""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any

from seedcore_deploy.observe.payloads.bounds import Budget, within

_DNS_S = 3.0
_CONNECT_S = 2.0
_ANSWER_S = 1.0
_DASHBOARD_PORT = 8265


def of_endpoint(host: str, port: int, budget: Budget) -> tuple[str, str]:
    """Reason and sentence; an empty reason when host and port seem to be in order. Below 7 s."""
    addresses, why = resolve(host, port, budget.part(_DNS_S))
    if not addresses:
        return "dns", f"the name {host} does not resolve in this pod: {why}"
    try:
        most = budget.part(_CONNECT_S)
        with socket.create_connection((addresses[0], port), most) as connection:
            answer = _speak_http(connection, budget.part(_ANSWER_S))
    except ConnectionRefusedError:
        return "refused", f"{host} ({addresses[0]}) refuses connections on port {port}"
    except OSError as fault:
        why = "nothing answers" if isinstance(fault, socket.timeout) else str(fault)
        return "timeout", f"no connection to {host} ({addresses[0]}) port {port}: {why}"
    if answer.startswith(b"HTTP/1"):
        return "wrong-port", f"{host} port {port} answers HTTP, so it is not Ray Client's port"
    return "", f"{host} ({addresses[0]}) accepts connections on port {port}"


def of_dashboard(host: str, budget: Budget) -> dict[str, Any]:
    """What the dashboard of the same host says: version, session, `gcs` healthy; or why not."""
    try:
        status, body = _get(host, "/api/version", budget)
        if status in {401, 403}:
            return {"needs_token": True}
        answer = json.loads(body)
        return {
            "version": str(answer.get("ray_version", "")),
            "session": str(answer.get("session_name", "")),
            # A frozen GCS leaves /api/version as it was.
            "gcs": _get(host, "/api/gcs_healthz", budget)[0] == 200,
        }
    except (OSError, ValueError, AttributeError, http.client.HTTPException) as fault:
        return {"silent": str(fault) or type(fault).__name__}


def _get(host: str, path: str, budget: Budget) -> tuple[int, bytes]:
    most = budget.part(2 * _ANSWER_S)

    def ask() -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(host, _DASHBOARD_PORT, timeout=most)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read(65536)
        finally:
            connection.close()

    # The connection's own timeout counts anew for each address and each byte.
    return within(most, ask)


def resolve(host: str, port: int, seconds: float) -> tuple[list[str], str]:
    """The addresses, or why there are none; bounded in time, which getaddrinfo is not."""
    try:
        answers = within(seconds, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except TimeoutError:
        return [], f"no answer from DNS within {seconds:.0f} s"
    except (OSError, UnicodeError) as fault:
        return [], str(fault)
    return [str(answer[4][0]) for answer in answers], ""


def _speak_http(connection: socket.socket, seconds: float) -> bytes:
    """The first bytes that the other side answers to an HTTP/1 request; empty for silence."""
    connection.settimeout(seconds)
    try:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n")
        return connection.recv(16)
    except OSError:
        return b""
