"""Certificates of a native cluster, made by openssl: one CA, one server, one per client."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from localcluster.addresses import BRIDGE, KUBERNETES_SERVICE
from localcluster.commands import output_of

DAYS = "3650"


@dataclass(frozen=True, slots=True)
class Client:
    """Who a client certificate says its holder is: RBAC knows the user and the group."""

    file: str
    user: str
    group: str = ""


def clients(node: str) -> tuple[Client, ...]:
    """Return the clients of the API server, by the names that Kubernetes' own roles use."""
    return (
        Client("admin", "localcluster-admin", "system:masters"),
        Client("kube-apiserver", "kube-apiserver", "system:masters"),
        Client("kube-controller-manager", "system:kube-controller-manager"),
        Client("kube-scheduler", "system:kube-scheduler"),
        Client("kube-proxy", "system:kube-proxy"),
        Client("kubelet", f"system:node:{node}", "system:nodes"),
    )


def server_names(node: str, inside_address: str) -> str:
    """Return the subject alternative names under which the servers are reached."""
    names = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", "localhost", node)
    addresses = ("127.0.0.1", KUBERNETES_SERVICE, BRIDGE, inside_address)
    return ",".join([*(f"DNS:{name}" for name in names), *(f"IP:{ip}" for ip in addresses)])


def make(folder: Path, node: str, inside_address: str) -> None:
    """Write the CA, the servers' certificate, the clients' and the token signing key."""
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    _openssl(
        folder,
        [
            "req",
            "-x509",
            *_new_key("ca"),
            "-subj",
            "/CN=seedcore-localcluster",
            "-days",
            DAYS,
            "-out",
            "ca.crt",
            "-addext",
            "keyUsage=critical,keyCertSign,cRLSign,digitalSignature",
        ],
    )
    _openssl(folder, ["genrsa", "-out", "service-accounts.key", "2048"])
    with ThreadPoolExecutor() as pool:
        waiting = [
            pool.submit(
                _sign,
                folder,
                "server",
                f"/CN={node}",
                f"subjectAltName={server_names(node, inside_address)}\nextendedKeyUsage=serverAuth",
            )
        ]
        for client in clients(node):
            group = f"/O={client.group}" if client.group else ""
            waiting.append(
                pool.submit(
                    _sign,
                    folder,
                    client.file,
                    f"{group}/CN={client.user}",
                    "extendedKeyUsage=clientAuth",
                )
            )
        for one in waiting:
            one.result()
    for key in folder.glob("*.key"):
        key.chmod(0o600)


def _new_key(name: str) -> list[str]:
    """Return the arguments that make a new elliptic key without a passphrase."""
    return [
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-keyout",
        f"{name}.key",
    ]


def _sign(folder: Path, name: str, subject: str, extensions: str) -> None:
    """Make a key and a certificate that the CA signs."""
    request = _openssl(folder, ["req", "-new", *_new_key(name), "-subj", subject])
    (folder / f"{name}.ext").write_text(extensions + "\n")
    _openssl(
        folder,
        [
            "x509",
            "-req",
            "-CA",
            "ca.crt",
            "-CAkey",
            "ca.key",
            "-set_serial",
            f"0x{os.urandom(15).hex()}",
            "-days",
            DAYS,
            "-extfile",
            f"{name}.ext",
            "-out",
            f"{name}.crt",
        ],
        stdin=request,
    )
    (folder / f"{name}.ext").unlink()


def _openssl(folder: Path, arguments: Sequence[str], stdin: str | None = None) -> str:
    """Run openssl in the folder of the keys."""
    return output_of(
        ["openssl", *arguments],
        cwd=folder,
        stdin=stdin,
        timeout=60,
        mend="apt-get install openssl",
    )
