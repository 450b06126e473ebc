"""Running a program in a container, and knowing whether it ran to its end."""

from __future__ import annotations

import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from kubernetes.stream.ws_client import websocket_proxycare
from websocket import (
    ABNF,
    WebSocket,
    WebSocketBadStatusException,
    WebSocketException,
    WebSocketTimeoutException,
)

from seedcore_deploy.kube import errors
from seedcore_deploy.kube.client import CONNECT_TIMEOUT_S, Connection
from seedcore_deploy.kube.exec_status import ending
from seedcore_deploy.kube.retry import ride_out

_STDIN, _STDOUT, _STDERR, _STATUS = 0, 1, 2, 3
_PROTOCOLS = "v5.channel.k8s.io,v4.channel.k8s.io"
_OPENING_S = CONNECT_TIMEOUT_S + 10.0
_LONGEST_OUTPUT = 4 * 1024 * 1024
_STDIN_CHUNK = 16 * 1024


@dataclass(frozen=True, slots=True)
class ExecResult:
    """What came back. `exit_code` is None unless the container runtime itself reported the end;
    then `why_broken` says what happened instead.
    """

    stdout: bytes
    stderr: bytes
    exit_code: int | None
    why_broken: str = ""


@dataclass(slots=True)
class _Received:
    channels: dict[int, bytearray] = field(
        default_factory=lambda: {_STDOUT: bytearray(), _STDERR: bytearray(), _STATUS: bytearray()}
    )

    def result(self, why_broken: str = "") -> ExecResult:
        exit_code, why = (None, why_broken) if why_broken else ending(bytes(self.channels[_STATUS]))
        return ExecResult(
            bytes(self.channels[_STDOUT]), bytes(self.channels[_STDERR]), exit_code, why
        )


def run_in_pod(
    connection: Connection,
    namespace: str,
    pod: str,
    container: str,
    argv: Sequence[str],
    stdin: bytes = b"",
    *,
    deadline_s: float,
) -> ExecResult:
    """Run argv and collect its output for at most `deadline_s` seconds.

    With `stdin`, the stream stays open after it until the end: the program must know by itself
    how much to read, and may take the stream's end for the loss of the connection. Raises
    errors.ApiError when the stream cannot be opened; a stream that breaks is a result.
    """
    ends = time.monotonic() + deadline_s
    socket = ride_out(
        lambda: _open(connection, namespace, pod, container, argv, with_stdin=bool(stdin)),
        repeatable=True,
        budget_s=min(5.0, deadline_s),
    )
    received = _Received()
    try:
        for start in range(0, len(stdin), _STDIN_CHUNK):
            socket.settimeout(max(0.1, ends - time.monotonic()))
            socket.send_binary(bytes([_STDIN]) + stdin[start : start + _STDIN_CHUNK])
        return received.result(_receive(socket, received, ends, deadline_s))
    except (WebSocketException, OSError) as fault:
        return received.result(f"the exec connection broke: {fault or type(fault).__name__}")
    finally:
        socket.close(timeout=1)


def _receive(socket: WebSocket, received: _Received, ends: float, deadline_s: float) -> str:
    """Fill `received` until the stream is closed; says why it broke, if it did."""
    while True:
        left = ends - time.monotonic()
        if left <= 0:
            return f"no end within {deadline_s:.0f} s"
        socket.settimeout(left)
        try:
            opcode, frame = socket.recv_data_frame(control_frame=True)
        except WebSocketTimeoutException:
            return f"no end within {deadline_s:.0f} s"
        if opcode == ABNF.OPCODE_CLOSE:
            return ""
        if opcode not in {ABNF.OPCODE_BINARY, ABNF.OPCODE_TEXT}:
            continue
        data = bytes(frame.data)
        if data and data[0] in received.channels:
            received.channels[data[0]] += data[1:]
        if sum(map(len, received.channels.values())) > _LONGEST_OUTPUT:
            return f"more than {_LONGEST_OUTPUT} bytes of output"


def _open(
    connection: Connection,
    namespace: str,
    pod: str,
    container: str,
    argv: Sequence[str],
    *,
    with_stdin: bool,
) -> WebSocket:
    """The websocket, accepted by the API server. Its own code reads the refusal's HTTP status."""
    path = f"/api/v1/namespaces/{namespace}/pods/{pod}/exec"
    query = [("container", container), *(("command", word) for word in argv)]
    query += [("stdin", str(with_stdin).lower()), ("stdout", "true"), ("stderr", "true")]
    url = connection.server.replace("http", "ws", 1) + path + "?" + urlencode(query)
    call = connection.call("GET", path)
    socket = WebSocket(sslopt=_tls(connection), skip_utf8_validation=True)
    try:
        options = _options(connection, url)
        socket.connect(url, timeout=_OPENING_S, **options)  # type: ignore[no-untyped-call]
    except WebSocketBadStatusException as fault:
        raise errors.from_answer(call, fault.status_code, fault.resp_body or b"") from fault
    except (WebSocketException, OSError) as fault:
        # What was dropped or refused may be a restart; a silence has cost its time already.
        silent = isinstance(fault, (WebSocketTimeoutException, TimeoutError))
        heals = connection.answered and not silent
        raise errors.unreachable(call, fault, heals=heals) from fault
    return socket


def _tls(connection: Connection) -> dict[str, Any]:
    """The kubeconfig's TLS settings in websocket-client's words."""
    configuration = connection.configuration
    if not configuration.verify_ssl:
        options: dict[str, Any] = {"cert_reqs": ssl.CERT_NONE, "check_hostname": False}
    else:
        options = {"cert_reqs": ssl.CERT_REQUIRED, "ca_certs": configuration.ssl_ca_cert}
        if configuration.assert_hostname is not None:
            options["check_hostname"] = configuration.assert_hostname
    options["certfile"] = configuration.cert_file
    options["keyfile"] = configuration.key_file
    options["server_hostname"] = configuration.tls_server_name
    return {name: value for name, value in options.items() if value is not None}


def _options(connection: Connection, url: str) -> dict[str, Any]:
    """Headers and proxy for the handshake."""
    headers = connection.auth_headers() | {"sec-websocket-protocol": _PROTOCOLS}
    options: dict[str, Any] = {"header": [f"{name}: {text}" for name, text in headers.items()]}
    configuration = connection.configuration
    if configuration.proxy or configuration.proxy_headers:
        websocket_proxycare(options, configuration, url, headers)  # type: ignore[no-untyped-call]
    return options
