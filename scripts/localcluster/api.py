"""The few questions that are asked of an API server from outside."""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TIMEOUT = 5.0


@dataclass(frozen=True, slots=True)
class Api:
    """An API server, and the admin's certificate in a folder of keys."""

    server: str
    keys: Path

    def get(self, path: str) -> dict[str, Any] | None:
        """Return an object, or None when it is not there or the server does not answer."""
        context = ssl.create_default_context(cafile=str(self.keys / "ca.crt"))
        context.load_cert_chain(str(self.keys / "admin.crt"), str(self.keys / "admin.key"))
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        try:
            with opener.open(f"{self.server}{path}", timeout=TIMEOUT) as answer:
                found = json.load(answer)
        except urllib.error.HTTPError as refusal:
            refusal.close()
            return None
        except (OSError, http.client.HTTPException, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def node_problem(self, node: str) -> str | None:
        """Return why a node is not ready, or None when it is."""
        found = self.get(f"/api/v1/nodes/{node}")
        if found is None:
            return f"the API server at {self.server} does not answer, or has no node {node}"
        for condition in found.get("status", {}).get("conditions", ()):
            if condition["type"] == "Ready":
                return None if condition["status"] == "True" else str(condition["message"])
        return "the kubelet has not reported yet"

    def has_default_service_account(self) -> bool:
        """Tell whether pods can be made in the namespace `default`."""
        return self.get("/api/v1/namespaces/default/serviceaccounts/default") is not None
