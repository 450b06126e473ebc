"""Whether both sides agree about TLS: told by real servers on this machine."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from seedcore_deploy.observe.payloads import tls

SETTINGS_FRAME = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
"""What a gRPC server says first, whoever is there."""
SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody with a certificate, and the variables that tell Ray of it."""

    ca: trustme.CA
    variables: dict[str, str]

    def context(self, *, minimum: ssl.TLSVersion, maximum: ssl.TLSVersion) -> ssl.SSLContext:
        """A server as Ray makes it: clients need a certificate of its own authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version, context.maximum_version = minimum, maximum
        context.load_cert_chain(
            self.variables["RAY_TLS_SERVER_CERT"], self.variables["RAY_TLS_SERVER_KEY"]
        )
        context.load_verify_locations(self.variables["RAY_TLS_CA_CERT"])
        context.verify_mode = ssl.CERT_REQUIRED
        context.set_alpn_protocols(["h2"])
        return context


def party(folder: Path, *names: str) -> Party:
    folder.mkdir()
    ca = trustme.CA()
    issued = ca.issue_cert(*names)
    ca.cert_pem.write_to_path(folder / "ca.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    for part in issued.cert_chain_pems:
        part.write_to_path(folder / "cert.pem", append=True)
    return Party(
        ca,
        {
            "RAY_USE_TLS": "1",
            "RAY_TLS_SERVER_CERT": str(folder / "cert.pem"),
            "RAY_TLS_SERVER_KEY": str(folder / "key.pem"),
            "RAY_TLS_CA_CERT": str(folder / "ca.pem"),
        },
    )


@pytest.fixture(scope="module")
def head(tmp_path_factory: pytest.TempPathFactory) -> Party:
    return party(tmp_path_factory.mktemp("tls") / "head", "localhost")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Party:
    return party(tmp_path_factory.mktemp("tls") / "stranger", "localhost")


@contextlib.contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of a server that answers each caller so."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, contextlib.suppress(OSError):
                    answer(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def plain(connection: socket.socket) -> None:
    connection.sendall(SETTINGS_FRAME)
    connection.recv(4096)


def secure(context: ssl.SSLContext) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.sendall(SETTINGS_FRAME)
            secured.recv(4096)

    return answer


def mute(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.recv(4096)


@pytest.fixture(
    params=[(ssl.TLSVersion.TLSv1_2,) * 2, (ssl.TLSVersion.TLSv1_3,) * 2], ids=["1.2", "1.3"]
)
def over_tls(request: pytest.FixtureRequest, head: Party) -> Iterator[int]:
    """The port of a head that speaks TLS."""
    minimum, maximum = request.param
    with answering(secure(head.context(minimum=minimum, maximum=maximum))) as port:
        yield port


def test_both_without_tls_agree() -> None:
    with answering(plain) as port:
        assert tls.disagreement("localhost", port, {}, SECONDS) == ""


def test_both_with_tls_agree(over_tls: int, head: Party) -> None:
    assert tls.disagreement("localhost", over_tls, head.variables, SECONDS) == ""


@pytest.mark.parametrize("variables", [{}, {"RAY_USE_TLS": "0"}, {"RAY_USE_TLS": "no"}])
def test_a_head_over_tls_and_a_client_without(over_tls: int, variables: dict[str, str]) -> None:
    told = tls.disagreement("localhost", over_tls, variables, SECONDS)

    assert told.startswith(f"localhost port {over_tls} speaks TLS, and RAY_USE_TLS ")
    assert told.endswith("of the process is " + (variables.get("RAY_USE_TLS") or "not set"))


def test_a_head_without_tls_and_a_client_that_asks_for_it(head: Party) -> None:
    with answering(plain) as port:
        told = tls.disagreement("localhost", port, head.variables, SECONDS)

    assert told == f"localhost port {port} speaks no TLS, and RAY_USE_TLS of the process is 1"


def test_a_head_whose_certificate_nobody_vouches_for(over_tls: int, stranger: Party) -> None:
    told = tls.disagreement("localhost", over_tls, stranger.variables, SECONDS)

    assert "RAY_TLS_CA_CERT of the process does not vouch for" in told


def test_a_head_whose_certificate_is_for_another_name(over_tls: int, head: Party) -> None:
    told = tls.disagreement("127.0.0.1", over_tls, head.variables, SECONDS)

    assert "RAY_TLS_CA_CERT of the process does not vouch for" in told
    assert "127.0.0.1" in told


def test_a_certificate_that_the_head_does_not_take(
    over_tls: int, head: Party, stranger: Party
) -> None:
    variables = {**stranger.variables, "RAY_TLS_CA_CERT": head.variables["RAY_TLS_CA_CERT"]}

    told = tls.disagreement("localhost", over_tls, variables, SECONDS)

    assert "does not take the certificate in RAY_TLS_SERVER_CERT of the process" in told


def test_a_certificate_at_which_the_head_hangs_up(head: Party) -> None:
    """As gRPC's server does with one that it does not take."""
    context = head.context(minimum=ssl.TLSVersion.TLSv1_3, maximum=ssl.TLSVersion.TLSv1_3)

    def hang_up(connection: socket.socket) -> None:
        context.wrap_socket(connection, server_side=True).close()

    with answering(hang_up) as port:
        told = tls.disagreement("localhost", port, head.variables, SECONDS)

    assert told.endswith("of the process: it hangs up after the handshake")


@pytest.mark.parametrize("lacking", ["RAY_TLS_SERVER_CERT", "RAY_TLS_CA_CERT"])
def test_files_that_are_not_there(head: Party, lacking: str) -> None:
    for without in ({lacking: "/no/such/file"}, {lacking: ""}):
        told = tls.disagreement("localhost", 1, {**head.variables, **without}, SECONDS)

        assert told.startswith("RAY_USE_TLS of the process is 1, and its RAY_TLS_")


@pytest.mark.parametrize("variables", [{}, {"RAY_USE_TLS": "1"}])
def test_a_listener_that_says_nothing_proves_nothing(
    head: Party, variables: dict[str, str]
) -> None:
    own = {**head.variables, **variables} if variables else {}
    with answering(mute) as port:
        assert tls.disagreement("localhost", port, own, 0.5) == ""


def test_a_closed_port_proves_nothing(head: Party) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert tls.disagreement("localhost", port, head.variables, SECONDS) == ""
