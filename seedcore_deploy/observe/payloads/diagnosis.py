"""Why an address does not answer, cheaply. Runs inside pods: Python 3.8, standard library.

Ray says `connection timeout` for nearly everything; these looks tell the cases apart.
"""

from __future__ import annotations

import http.client
import json
import socket
import threading
from typing import Any

_DNS_S = 3.0
_CONNECT_S = 2.0
_ANSWER_S = 1.0
_DASHBOARD_PORT = 8265


def of_endpoint(host: str, port: int) -> tuple[str, str]:
    """Reason and sentence; an empty reason when host and port seem to be in order. Below 7 s."""
    addresses, why = _resolve(host, port)
    if not addresses:
        return "dns", f"the name {host} does not resolve in this pod: {why}"
    try:
        with socket.create_connection((addresses[0], port), _CONNECT_S) as connection:
            answer = _speak_http(connection)
    except ConnectionRefusedError:
        return "refused", f"{host} ({addresses[0]}) refuses connections on port {port}"
    except OSError as fault:
        why = "nothing answers" if isinstance(fault, socket.timeout) else str(fault)
        return "timeout", f"no connection to {host} ({addresses[0]}) port {port}: {why}"
    if answer.startswith(b"HTTP/1"):
        return "wrong-port", f"{host} port {port} answers HTTP, so it is not Ray Client's port"
    return "", f"{host} ({addresses[0]}) accepts connections on port {port}"


def of_dashboard(host: str) -> dict[str, Any]:
    """What the dashboard of the same host says: version, session, `gcs` healthy; or why not."""
    try:
        status, body = _get(host, "/api/version")
        if status in {401, 403}:
            return {"needs_token": True}
        answer = json.loads(body)
        return {
            "version": str(answer.get("ray_version", "")),
            "session": str(answer.get("session_name", "")),
            # A frozen GCS leaves /api/version as it was.
            "gcs": _get(host, "/api/gcs_healthz")[0] == 200,
        }
    except (OSError, ValueError, AttributeError, http.client.HTTPException) as fault:
        return {"silent": str(fault) or type(fault).__name__}


def _get(host: str, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(host, _DASHBOARD_PORT, timeout=2 * _ANSWER_S)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read(65536)
    finally:
        connection.close()


def _resolve(host: str, port: int) -> tuple[list[str], str]:
    """The addresses, bounded in time, which getaddrinfo by itself is not."""
    found: list[str] = []
    why = [f"no answer from DNS within {_DNS_S:.0f} s"]

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(str(answer[4][0]) for answer in answers)
        except (OSError, UnicodeError) as fault:
            why[0] = str(fault)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_DNS_S)
    return list(found), why[0]


def _speak_http(connection: socket.socket) -> bytes:
    """The first bytes that the other side answers to an HTTP/1 request; empty for silence."""
    connection.settimeout(_ANSWER_S)
    try:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n")
        return connection.recv(16)
    except OSError:
        return b""
