"""What the API server, or the way to it, can answer instead of an object."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from seedcore_deploy.errors import CouldNotLook

_VERBS = {
    "GET": "get",
    "POST": "create",
    "PUT": "update",
    "PATCH": "patch",
    "DELETE": "delete",
}
_PATH = re.compile(
    r"^/(?:api/[^/]+|apis/(?P<group>[^/]+)/[^/]+)"
    r"(?:/namespaces/(?P<namespace>[^/]+)(?=/))?"
    r"/(?P<resource>[^/?]+)(?:/(?P<name>[^/?]+))?(?:/(?P<subresource>[^/?]+))?"
)


@dataclass(frozen=True, slots=True)
class Call:
    """One request as a person would name it; `context` and `server` say where it went."""

    method: str
    path: str
    context: str = ""
    server: str = ""

    @property
    def writes(self) -> bool:
        """Whether the request would change something (an access review changes nothing)."""
        return self.method != "GET" and not self.path.endswith("accessreviews")

    def __str__(self) -> str:
        """As in `list pods in namespace seedcore-dev`; the bare path where it is no resource."""
        found = _PATH.match(self.path)
        verb = _VERBS.get(self.method, self.method)
        if found is None:
            return f"{verb} {self.path}"
        resource, name = found["resource"], found["name"]
        if name is None and self.method == "GET":
            verb = "list"
        what = resource + (f"/{found['subresource']}" if found["subresource"] else "")
        what += f".{found['group']}" if found["group"] else ""
        what += f" {name}" if name else ""
        return f"{verb} {what}" + (
            f" in namespace {found['namespace']}" if found["namespace"] else ""
        )


class ApiError(CouldNotLook):
    """A request that was not answered as hoped.

    `status` is the HTTP status, 0 when there was no answer; `reason` the API server's reason or
    the class of the fault; `heals` tells whether trying again can help; `retry_after` is in
    seconds, as the server asked.
    """

    def __init__(
        self,
        what: str,
        mend: str = "",
        *,
        status: int = 0,
        reason: str = "",
        heals: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(what, mend)
        self.status = status
        self.reason = reason
        self.heals = heals
        self.retry_after = retry_after


class NotFound(ApiError):
    """404: the object, the namespace or the whole resource type is not there."""


class Forbidden(ApiError):
    """403: the credentials are good, the permission is missing."""


class Unauthorized(ApiError):
    """401: the credentials are missing, wrong or expired."""


class Conflict(ApiError):
    """409: it exists already, or someone else changed it in between."""


class Unreachable(ApiError):
    """No answer from the API server: name, route, port, TLS or time."""


def from_answer(call: Call, status: int, body: bytes, retry_after: float | None = None) -> ApiError:
    """The error for an HTTP answer that is no success."""
    reason, message = _status_object(body)
    where = f"{call.server} (context {call.context})"
    said = f": {message}" if message else ""
    what = f"cannot {call}: {where} answered {status}{' ' + reason if reason else ''}{said}"
    kind, mend = _kind_and_mend(call, status)
    return kind(
        what,
        mend,
        status=status,
        reason=reason,
        heals=status in {429, 500, 502, 503, 504},
        retry_after=retry_after,
    )


def unreachable(call: Call, fault: BaseException, *, heals: bool) -> Unreachable:
    """The error for a request that got no answer at all."""
    cause = " ".join(str(fault).split()) or type(fault).__name__
    return Unreachable(
        f"cannot {call}: no answer from {call.server} (context {call.context}): {cause}",
        _mend_for_silence(call, cause),
        reason=type(fault).__name__,
        heals=heals,
    )


def _status_object(body: bytes) -> tuple[str, str]:
    """Reason and message of a Kubernetes Status object; of anything else its first 200 letters."""
    try:
        answer = json.loads(body)
    except ValueError:
        return "", " ".join(body[:200].decode("utf-8", "replace").split())
    if not isinstance(answer, dict):
        return "", ""
    return str(answer.get("reason") or ""), str(answer.get("message") or "")


def _kind_and_mend(call: Call, status: int) -> tuple[type[ApiError], str]:
    role = "deployer" if call.writes else "verifier"
    known: dict[int, tuple[type[ApiError], str]] = {
        401: (Unauthorized, "log in again: the credentials are missing or have expired"),
        403: (
            Forbidden,
            f"ask for this permission: the Role seedcore-{role} in deploy/rbac grants it",
        ),
        404: (NotFound, "check the name and the namespace"),
        409: (Conflict, "look at the object as it is now, and run the command again"),
        429: (ApiError, "the API server is overloaded: run the command again later"),
    }
    if status >= 500:
        return ApiError, "the API server is in trouble: look at it, and run the command again"
    if call.path.startswith("/apis/ray.io/") and status == 404:
        return NotFound, "check the name, and that KubeRay's CRDs are installed"
    return known.get(status, (ApiError, ""))


def _mend_for_silence(call: Call, cause: str) -> str:
    lowered = cause.lower()
    if "certificate" in lowered or "ssl" in lowered:
        return f"check certificate-authority and server of context {call.context}"
    return (
        f"check that {call.server} is reachable from here (network, VPN, proxy) "
        f"and that {call.context} is the right context"
    )
