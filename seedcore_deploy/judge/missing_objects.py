"""Containers that cannot be made because something they refer to is not there."""

from __future__ import annotations

import re

from seedcore_deploy.judge.threat import Around, Threat
from seedcore_deploy.model.pod_state import ContainerState
from seedcore_deploy.model.snapshot import PodFacts

CONFIGMAP_S = 10.0
"""A ConfigMap that is applied beside its reader may come a moment after it."""
SECRET_S = 30.0
"""A Secret may be made by an operator that needs a moment."""
OTHERWISE_S = 120.0
"""What no rule knows may pass, as a runtime that is overloaded."""

_CACHE = re.compile(r"failed to sync (?:configmap|secret) cache")
_OBJECT = re.compile(r'(?P<kind>configmap|secret) "(?P<name>[^"]+)" not found')
_KEY = re.compile(
    r"couldn't find key (?P<key>\S+) in (?P<kind>ConfigMap|Secret) (?:[^\s/]+/)?(?P<name>[^\s,]+)"
)
_LASTING = re.compile(r"runAsNonRoot|non-numeric user|runAsUser")


def config_threat(pod: PodFacts, container: ContainerState, around: Around) -> Threat | None:
    """The threat of a container that the kubelet cannot configure or create; None for others."""
    if container.reason == "CreateContainerConfigError":
        if _CACHE.search(container.message):
            return None
        if found := _OBJECT.search(container.message) or _KEY.search(container.message):
            return _missing(pod, container.name, container.message, found, around)
        patience = CONFIGMAP_S if _LASTING.search(container.message) else OTHERWISE_S
    elif container.reason in ("CreateContainerError", "PostStartHookError"):
        patience = OTHERWISE_S
    else:
        return None
    return Threat(
        f"container {container.name}: {container.reason}: {container.message}",
        f"mend what stands there in the template of container {container.name}",
        _startable_since(pod, init=container.init),
        patience,
        container=container.name,
    )


def mount_threat(pod: PodFacts, around: Around) -> Threat | None:
    """The threat of a pod whose volume names what is not there, as its last warning tells."""
    for event in reversed(around.events_of(pod.name, "FailedMount")):
        if found := _OBJECT.search(event.message):
            return _missing(pod, "", event.message, found, around, event.last_at)
    return None


def _missing(
    pod: PodFacts,
    container: str,
    message: str,
    found: re.Match[str],
    around: Around,
    met_at: str = "",
) -> Threat | None:
    """None for a ConfigMap that is there: the kubelet tries again within seconds."""
    named = found.groupdict()
    kind, name, key = named["kind"].lower(), named["name"], named.get("key") or ""
    if kind == "configmap" and _is_there(around, name, key):
        return None
    retried = bool(met_at)
    what = f"key {key} of {kind}/{name}" if key else f"{kind}/{name}"
    if kind == "secret" and not met_at:
        # Nobody looks at Secrets: that it is missing still, the kubelet's next try tells.
        told = [each for each in around.events_of(pod.name, "Failed") if name in each.message]
        retried = bool(told)
        met_at = told[-1].last_at if told else pod.created_at
    who = f"container {container}: CreateContainerConfigError" if container else "FailedMount"
    return Threat(
        f"{who}: {what} does not exist: {message}",
        f"make {what}, or mend the reference to it",
        _startable_since(pod, init=False),
        SECRET_S if kind == "secret" else CONFIGMAP_S,
        met_at,
        container,
        retried=retried,
    )


def _is_there(around: Around, name: str, key: str) -> bool:
    found = (around.configmaps or {}).get(name)
    return found is not None and (not key or key in found.data)


def _startable_since(pod: PodFacts, *, init: bool) -> str:
    done = "" if init else pod.placement.initialized_at
    return done or pod.placement.placed_at
