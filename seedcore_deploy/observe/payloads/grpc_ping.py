"""What kind of gRPC server listens at an address. Runs alone inside pods, with grpc.

Asks Ray Client's ClusterInfo with a PING (0x0806), which the proxy answers by itself. Called
with: host:port, seconds.
"""

from __future__ import annotations

import json
import os
import pathlib
import sys
from typing import Any


def main() -> None:
    """Print the status code of the call as one JSON line."""
    real = os.dup(1)
    os.dup2(2, 1)
    import grpc  # type: ignore[import-untyped]

    channel = _channel(grpc, sys.argv[1])
    ping = channel.unary_unary("/ray.rpc.RayletDriver/ClusterInfo")
    try:
        ping(b"\x08\x06", timeout=float(sys.argv[2]))
        code, details = "OK", ""
    except grpc.RpcError as fault:
        code, details = fault.code().name, str(fault.details())[:500]
    os.write(real, json.dumps({"code": code, "details": details}).encode() + b"\n")


def _channel(grpc: Any, address: str) -> Any:
    """As Ray makes it: with the process's certificate, where RAY_USE_TLS asks for that."""
    if os.environ.get("RAY_USE_TLS", "0").lower() not in ("1", "true"):
        return grpc.insecure_channel(address)
    authority, key, certificate = (
        pathlib.Path(os.environ[f"RAY_TLS_{name}"]).read_bytes()
        for name in ("CA_CERT", "SERVER_KEY", "SERVER_CERT")
    )
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(authority, key, certificate))


if __name__ == "__main__":
    main()
