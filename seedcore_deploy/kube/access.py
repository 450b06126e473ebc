"""What the credentials in use may do, as the API server itself answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seedcore_deploy.kube.client import Connection

_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@dataclass(frozen=True, slots=True)
class Permission:
    """One verb on one resource; empty `namespace` means the whole cluster.

    exec needs resource `pods` with subresource `exec`: `pods/exec` as a resource asks about
    something that does not exist.
    """

    verb: str
    group: str
    resource: str
    subresource: str = ""
    namespace: str = ""
    name: str = ""

    def __str__(self) -> str:
        what = self.resource + (f"/{self.subresource}" if self.subresource else "")
        what += f".{self.group}" if self.group else ""
        what += f" {self.name}" if self.name else ""
        return f"{self.verb} {what}" + (f" in namespace {self.namespace}" if self.namespace else "")


def can(connection: Connection, permissions: Sequence[Permission]) -> tuple[Permission, ...]:
    """Those of the permissions that are denied. Raises ApiError when that cannot be asked."""
    return tuple(permission for permission in permissions if not _allowed(connection, permission))


def _allowed(connection: Connection, permission: Permission) -> bool:
    attributes = {
        "verb": permission.verb,
        "group": permission.group,
        "resource": permission.resource,
        "subresource": permission.subresource,
        "namespace": permission.namespace,
        "name": permission.name,
    }
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {key: text for key, text in attributes.items() if text}},
    }
    answer = connection.send("POST", _REVIEWS, review, repeatable=True)
    return answer.get("status", {}).get("allowed") is True
