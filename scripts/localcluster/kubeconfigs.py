"""Kubeconfig files: the CA and the client's certificate embedded, TLS verified."""

from __future__ import annotations

import base64
import os
from pathlib import Path

TEMPLATE = """\
apiVersion: v1
kind: Config
current-context: {context}
contexts:
- name: {context}
  context:
    cluster: {context}
    user: {context}
clusters:
- name: {context}
  cluster:
    server: {server}
    certificate-authority-data: {authority}
users:
- name: {context}
  user:
    client-certificate-data: {certificate}
    client-key-data: {key}
"""


def write(path: Path, *, context: str, server: str, keys: Path, client: str) -> None:
    """Write a kubeconfig that only its owner can read, in one step."""

    def encoded(file: str) -> str:
        return base64.b64encode((keys / file).read_bytes()).decode()

    text = TEMPLATE.format(
        context=context,
        server=server,
        authority=encoded("ca.crt"),
        certificate=encoded(f"{client}.crt"),
        key=encoded(f"{client}.key"),
    )
    attempt = path.with_name(path.name + ".new")
    attempt.unlink(missing_ok=True)
    descriptor = os.open(attempt, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    attempt.rename(path)
