"""Whether the application itself is connected to the head that is there now.

An ESTABLISHED connection is needed, and is not enough: the gRPC channel of a Ray client that is
dead for good connects to the new head again, and stays (measured with Ray 2.60.0). So a process
that is older than its head must show by its readiness that it noticed the change.
"""

from __future__ import annotations

from enum import Enum, auto

from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.session import has_own_connection
from seedcore_deploy.judge.times import moment

NOTICED_WITHIN_S = 120.0
"""An application whose readiness asks Ray loses it within this time of its head's end."""


class Application(Enum):
    """What is known of an application's own connection."""

    CONNECTED = auto()
    MISSING = auto()
    DEAD = auto()
    UNCERTAIN = auto()
    UNSEEN = auto()


def application_of_pod(facts: Facts, view: PodView) -> Application:
    """The state of a client's own connection."""
    connected = has_own_connection(facts, view)
    if connected is None:
        return Application.UNSEEN
    if not connected:
        return Application.MISSING
    if not _outlived_head(facts, view):
        return Application.CONNECTED
    if view.pod.ready:
        return Application.CONNECTED if _since_head(facts, view) else Application.UNCERTAIN
    return Application.DEAD if _lost_with_head(facts, view) else Application.UNCERTAIN


def _outlived_head(facts: Facts, view: PodView) -> bool:
    """Whether the container was started before the head that is there now."""
    own = moment(view.pod.started_at)
    heads = [moment(head.pod.started_at) for head in facts.heads]
    return any(own is not None and head is not None and own < head for head in heads)


def _since_head(facts: Facts, view: PodView) -> bool:
    """Whether the pod became ready again after the present head started."""
    ready = moment(view.pod.ready_since)
    heads = [moment(head.pod.started_at) for head in facts.heads]
    return all(ready is not None and head is not None and ready >= head for head in heads)


def _lost_with_head(facts: Facts, view: PodView) -> bool:
    """Whether the pod became unready at about the time when the head was replaced."""
    lost = moment(view.pod.ready_since)
    heads = [moment(head.pod.started_at) for head in facts.heads]
    return any(
        lost is not None
        and head is not None
        and abs((lost - head).total_seconds()) <= NOTICED_WITHIN_S
        for head in heads
    )
