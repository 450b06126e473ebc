"""Making the namespace, when --create-namespace asks for it."""

from __future__ import annotations

from seedcore_deploy.act.ledger import Ledger
from seedcore_deploy.kube.client import Connection
from seedcore_deploy.kube.errors import Conflict


def create_namespace(connection: Connection, name: str, ledger: Ledger) -> None:
    """Make the namespace; somebody else having made it meanwhile is fine. Raises ApiError."""
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    try:
        connection.send("POST", "/api/v1/namespaces", body)
    except Conflict:
        return
    ledger.record((f"namespace/{name} created",))
