"""Kubeconfigs for other users of the test cluster, and for a proxy in front of it."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from tests.support.apiproxy import ApiProxy, api_proxy
from tests.support.tool import Bench


@dataclass(frozen=True, slots=True)
class ApiServer:
    """Where the API server is, and the CA that it is verified with (PEM, base64)."""

    url: str
    ca: str


def api_server(kubeconfig: Path) -> ApiServer:
    """The API server of a kubeconfig's only cluster."""
    (cluster,) = yaml.safe_load(kubeconfig.read_text())["clusters"]
    return ApiServer(cluster["cluster"]["server"], cluster["cluster"]["certificate-authority-data"])


def write_kubeconfig(path: Path, server: ApiServer, user: Mapping[str, Any]) -> Path:
    """A kubeconfig with one context, `test`, readable by its owner only."""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [
            {
                "name": "test",
                "cluster": {"server": server.url, "certificate-authority-data": server.ca},
            }
        ],
        "users": [{"name": "test", "user": dict(user)}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(content))
    return path


def service_account(bench: Bench, namespace: str, name: str, folder: Path) -> Path:
    """A kubeconfig that acts as a ServiceAccount, with a token of an hour."""
    token = bench.kubectl("-n", namespace, "create", "token", name, "--duration=1h").strip()
    return write_kubeconfig(
        folder / f"{name}.kubeconfig", api_server(bench.kubeconfig), {"token": token}
    )


@contextmanager
def proxied(bench: Bench, user: Path, folder: Path) -> Iterator[tuple[Bench, ApiProxy]]:
    """The bench seen through a proxy that can make faults; `user` needs a token, not a key."""
    server = api_server(bench.kubeconfig)
    address = urlsplit(server.url)
    assert address.hostname
    assert address.port
    ca = folder / "api-ca.pem"
    ca.write_bytes(base64.b64decode(server.ca))
    certificate, key = folder / "proxy.pem", folder / "proxy.key"
    subprocess.run(
        (
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-keyout", str(key), "-out", str(certificate), "-subj", "/CN=api-proxy"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
        ),
        check=True,
        capture_output=True,
    )
    (entry,) = yaml.safe_load(user.read_text())["users"]
    with api_proxy(address.hostname, address.port, ca, certificate, key) as proxy:
        own = ApiServer(
            f"https://127.0.0.1:{proxy.port}", base64.b64encode(certificate.read_bytes()).decode()
        )
        kubeconfig = write_kubeconfig(folder / "proxy.kubeconfig", own, entry["user"])
        yield bench.as_user(kubeconfig), proxy
