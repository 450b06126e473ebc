"""Which container of a pod has the log that tells why the pod is not ready, and of which run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]


def in_the_way(pod: Json) -> str:
    """The init container that is not done and has run: before it no other one has a log."""
    for each in (pod.get("status") or {}).get("initContainerStatuses") or ():
        name = str(each.get("name", ""))
        done = ((each.get("state") or {}).get("terminated") or {}).get("exitCode") == 0
        if not done and not each.get("ready"):
            return name if has_run(pod, name) else ""
    return ""


def has_run(pod: Json, container: str) -> bool:
    """Whether the container runs or has run, so that it has a log."""
    return any(
        {"running", "terminated"} & set(each.get("state") or {})
        or (each.get("lastState") or {}).get("terminated")
        for each in _statuses(pod)
        if each.get("name") == container
    )


def crashed(pod: Json, container: str) -> bool:
    """Whether the container waits for its next start: then the run before has the last words."""
    for each in _statuses(pod):
        if each.get("name") == container:
            waits = bool((each.get("state") or {}).get("waiting"))
            return waits and bool((each.get("lastState") or {}).get("terminated"))
    return False


def _statuses(pod: Json) -> Iterator[Json]:
    status = pod.get("status") or {}
    for key in ("initContainerStatuses", "containerStatuses"):
        yield from status.get(key) or ()
