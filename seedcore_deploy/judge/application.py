"""Whether the application itself is connected to the head that is there now.

An ESTABLISHED connection is needed, and is not enough: the gRPC channel of a Ray client that is
dead for good connects to the new head again, and stays (measured with Ray 2.60.0). So the head
must have a Ray Client session for each such connection. Where these were not counted, or the
counts are of different moments, a process that is older than its head must show by its readiness
that it noticed the change.
"""

from __future__ import annotations

from enum import Enum, auto

from seedcore_deploy.judge.carriers import ROLLING_KINDS
from seedcore_deploy.judge.facts import Facts, PodView, gather
from seedcore_deploy.judge.session import has_own_connection
from seedcore_deploy.judge.times import moment
from seedcore_deploy.model.contract import CLIENT_PORT
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.snapshot import Snapshot

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
    dead = dead_connections(facts)
    if dead is not None and dead >= 0:
        return _by_count(facts, view, dead)
    if not _outlived_head(facts, view):
        return Application.CONNECTED
    if view.pod.ready:
        return Application.CONNECTED if _since_head(facts, view) else Application.UNCERTAIN
    return Application.DEAD if _lost_with_head(facts, view) else Application.UNCERTAIN


def lost_clients(snapshot: Snapshot) -> tuple[Subject, ...]:
    """The client workloads that lost a former head, and are not ready beside one that is settled.

    Told by what the API server knows alone: the process is older than the head, and its pod became
    unready when the head was replaced and has stayed so since.
    """
    facts = gather(snapshot)
    if facts.head_unsettled or not any(head.pod.ready for head in facts.heads):
        return ()
    lost = (
        view.owner
        for view in facts.clients
        if not view.pod.ready
        and _outlived_head(facts, view)
        and _lost_with_head(facts, view)
        and view.owner.kind in ROLLING_KINDS
        and view.carrier is not None
        and view.carrier.facts is not None
        and view.carrier.facts.rolled_out
    )
    return tuple(dict.fromkeys(lost))


def _by_count(facts: Facts, view: PodView, dead: int) -> Application:
    """Whose the dead connections are: of pods that say themselves that they are not ready."""
    if dead == 0:
        return Application.CONNECTED
    if not view.pod.ready:
        return Application.DEAD
    unready = [
        each
        for each in facts.clients
        if not each.pod.ready and has_own_connection(facts, each) is True
    ]
    return Application.CONNECTED if len(unready) >= dead else Application.UNCERTAIN


def dead_connections(facts: Facts) -> int | None:
    """How many connections to the head's client port belong to no Ray Client session.

    None where not both numbers were seen, and where clients came or went meanwhile: the
    connections must be as many before the probes as after them, and each probe must have met as
    many sessions. Negative where there were more sessions than connections, as a client that
    vanished without a goodbye makes it: its session is kept for 30 s (Ray 2.60.0).
    """
    connections, sessions = _connections_counted(facts), _sessions_counted(facts)
    if len(connections) != 1 or len(sessions) != 1:
        return None
    of_the_probe = 1
    return connections.pop() - (sessions.pop() - of_the_probe)


def clients_come_and_go(facts: Facts) -> bool:
    """Whether another look may tell: counts differ from one moment to the next, or a session
    outlives its connection, which it does for 30 s.
    """
    moving = len(_connections_counted(facts)) > 1 or len(_sessions_counted(facts)) > 1
    dead = dead_connections(facts)
    return moving or (dead is not None and dead < 0)


def _connections_counted(facts: Facts) -> set[int]:
    """What the head's client port had before the probes and after them; empty if not both."""
    port, heads = str(CLIENT_PORT), [view.process for view in facts.heads]
    if len(heads) != 1 or heads[0] is None:
        return set()
    before, after = heads[0].inbound.get(port), heads[0].inbound_after.get(port)
    return set() if before is None or after is None else {before, after}


def _sessions_counted(facts: Facts) -> set[int]:
    """How many sessions the probes met, each its own among them."""
    return {
        view.probe.sessions
        for view in facts.clients
        if view.probe is not None and view.probe.ok and view.probe.sessions is not None
    }


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
