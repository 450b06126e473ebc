"""Whether a process and the gRPC server it talks to agree about TLS. Runs inside pods: Python 3.8.

Ray says `connection timeout` where they do not. The variables are those of Ray's own
ray/_common/tls_utils.py (2.60.0): both sides have one certificate, and vouch for each other.
"""

from __future__ import annotations

import socket
import ssl

from seedcore_deploy.observe.payloads.bounds import within

_FILES = ("RAY_TLS_SERVER_CERT", "RAY_TLS_SERVER_KEY", "RAY_TLS_CA_CERT")


def disagreement(host: str, port: int, variables: dict[str, str], seconds: float) -> str:
    """In what they do not agree, as a sentence; "" where they do, or where that cannot be told."""
    asked = variables.get("RAY_USE_TLS", "")
    wanted = asked.lower() in ("1", "true")
    there = f"{host} port {port}"
    try:
        context = _own(variables) if wanted else _anybody()
    except (OSError, ValueError) as fault:
        return f"RAY_USE_TLS of the process is {asked}, and its RAY_TLS_* files do not do: {fault}"
    try:
        taken = within(seconds, lambda: _meet(host, port, context, seconds))
        speaks, refusal = True, "" if taken else "it hangs up after the handshake"
    except ssl.SSLCertVerificationError as fault:
        return f"RAY_TLS_CA_CERT of the process does not vouch for {there}: {fault.verify_message}"
    except ssl.SSLError as fault:
        refusal = fault.reason or ""
        speaks = "ALERT" in refusal
        if not speaks and refusal != "WRONG_VERSION_NUMBER":
            return ""
    except OSError:
        return ""
    if not wanted:
        shown = asked or "not set"
        return f"{there} speaks TLS, and RAY_USE_TLS of the process is {shown}" if speaks else ""
    if not speaks:
        return f"{there} speaks no TLS, and RAY_USE_TLS of the process is {asked}"
    if refusal:
        own = "the certificate in RAY_TLS_SERVER_CERT of the process"
        return f"{there} does not take {own}: {refusal}"
    return ""


def _meet(host: str, port: int, context: ssl.SSLContext, seconds: float) -> bool:
    """Shake hands, and whether the server then says a word: gRPC's hangs up on a stranger.

    Measured with grpcio 1.85.1; other servers send an alert.
    """
    with socket.create_connection((host, port), seconds) as connection:
        secured = context.wrap_socket(connection, server_hostname=host)
        with secured:
            if context.verify_mode is ssl.CERT_NONE:
                return True
            try:
                return secured.recv(1) != b""
            except ConnectionResetError:
                return False


def _own(variables: dict[str, str]) -> ssl.SSLContext:
    """What Ray makes of the process's files."""
    certificate, key, authority = (variables.get(name, "") for name in _FILES)
    missing = [name for name in _FILES if not variables.get(name)]
    if missing:
        raise ValueError(f"{', '.join(missing)} not set")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(authority)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2"])
    return context


def _anybody() -> ssl.SSLContext:
    """Who it is does not matter; whether it is TLS does."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    return context
