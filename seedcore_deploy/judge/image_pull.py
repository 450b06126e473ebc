"""Images that cannot be pulled: which will not come by themselves, and which may."""

from __future__ import annotations

import re
from enum import StrEnum

from seedcore_deploy.judge.threat import Around, Threat
from seedcore_deploy.model.pod_state import ContainerState, EventFacts
from seedcore_deploy.model.snapshot import PodFacts

PULL_RETRIES_S = 120.0
"""How long a registry that does not answer is waited for; the kubelet tries at 0, 10, 30, 70 s."""

_STATES = frozenset({"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "ImageInspectError"})
_MAY_PASS = re.compile(
    r"(?i)time[d-]? ?out|no such host|connection re(?:fused|set)|\bEOF\b|broken pipe|TLS|x509"
    r"|unreachable|no route|deadline|cancell?ed|try again|temporar|server misbehaving|i/o|QPS"
    r"|toomanyrequests|too many requests|\b429\b|\b5\d\d [A-Z]|no space left"
)
_NOT_FOUND = re.compile(
    r"(?i)not found|manifest[ _]unknown|name[ _]unknown|does not exist|no match for platform"
)
_NOT_ALLOWED = re.compile(
    r"(?i)unauthorized|authentication required|access denied|\bdenied\b|403 forbidden"
    r"|authorization failed|no basic auth credentials"
)


class Pull(StrEnum):
    """What a failed pull means."""

    INVALID = "is no valid name"
    NOT_FOUND = "was not found"
    NOT_ALLOWED = "may not be pulled"
    UNANSWERED = "could not be pulled"


def pull_threat(pod: PodFacts, container: ContainerState, around: Around) -> Threat | None:
    """The threat of a container that waits for its image; None for any other."""
    if container.reason == "InvalidImageName":
        return _threat(container, Pull.INVALID, container.message)
    if container.reason not in _STATES:
        return None
    failures = _failures(pod, container, around)
    said = _detail(container, failures)
    means = _means(container, said)
    begun = pod.placement.placed_at if container.init else pod.placement.initialized_at
    first = failures[0].first_at if failures else begun or pod.placement.placed_at
    patience = PULL_RETRIES_S if means is Pull.UNANSWERED else 0.0
    # An event can be dropped; other than in ImagePullBackOff, the kubelet has just tried.
    if container.reason != "ImagePullBackOff" and not (failures and patience):
        last = around.now
    else:
        last = failures[-1].last_at if failures else ""
    return _threat(container, means, said, first, patience, max(last, pod.created_at))


def _threat(
    container: ContainerState,
    means: Pull,
    said: str,
    since: str = "",
    patience_s: float = 0.0,
    met_at: str = "",
) -> Threat:
    mend = {
        Pull.INVALID: "name an image as registry/repository:tag",
        Pull.NOT_FOUND: "name an image that is there, or push it",
        Pull.NOT_ALLOWED: "give the pod an imagePullSecret that may pull it, or mend the name",
        Pull.UNANSWERED: "make the registry reachable from the node, or load the image there",
    }[means]
    reason = f"container {container.name}: {container.reason}: image {container.image} {means}"
    return Threat(
        f"{reason}: {said}" if said else reason,
        f"{mend} (container {container.name}, image {container.image})",
        since,
        patience_s,
        met_at,
        container.name,
        retried=bool(met_at),
    )


def _failures(pod: PodFacts, container: ContainerState, around: Around) -> tuple[EventFacts, ...]:
    return tuple(
        each
        for each in around.events_of(pod.name, "Failed")
        if "pull image" in each.message and container.image in each.message
    )


def _detail(container: ContainerState, failures: tuple[EventFacts, ...]) -> str:
    """Why the pull failed: kubelets before 1.32 say it in ErrImagePull and in the event only."""
    told = container.message
    if re.fullmatch(r'Back-off pulling image "[^"]*"', told.strip()) and failures:
        return failures[-1].message
    return told


def _means(container: ContainerState, said: str) -> Pull:
    """What may pass wins. An image's own name says nothing, and `Never` waits for a person."""
    bare = said.replace(container.image, "")
    if container.reason in ("ErrImageNeverPull", "ImageInspectError") or _MAY_PASS.search(bare):
        return Pull.UNANSWERED
    if _NOT_ALLOWED.search(bare):
        return Pull.NOT_ALLOWED
    return Pull.NOT_FOUND if _NOT_FOUND.search(bare) else Pull.UNANSWERED
