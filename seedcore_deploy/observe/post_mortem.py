"""Why things are not ready, gathered once a wait has ended: conditions, states, events, logs."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from seedcore_deploy.kube.client import Connection
from seedcore_deploy.kube.errors import ApiError
from seedcore_deploy.model.disclosure import without_secrets
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import PodFacts, Snapshot
from seedcore_deploy.observe.log_choice import crashed, has_run, in_the_way
from seedcore_deploy.observe.own_literals import hidden_literals

MAX_SUBJECTS = 10
MAX_PODS = 3
MAX_EVENTS = 3
LOG_LINES = 5
_WIDTH = 240
_STATE_LINES = 5
"""A termination message may have 4096 bytes: as much of it as tells what is wrong."""
_QUOTING = frozenset({"Unhealthy", "FailedPostStartHook", "FailedPreStopHook"})
"""Events that quote what a program in the container said; the rest are Kubernetes' own words."""
_PATHS = {
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments/{}",
    "StatefulSet": "/apis/apps/v1/namespaces/{}/statefulsets/{}",
    "RayCluster": "/apis/ray.io/v1/namespaces/{}/rayclusters/{}",
    "RayService": "/apis/ray.io/v1/namespaces/{}/rayservices/{}",
    "Pod": "/api/v1/namespaces/{}/pods/{}",
}

Json = Mapping[str, Any]
ReadLogs = Callable[[str, str, bool, int], Sequence[str]]
"""Last lines of (pod, container, of the previous run?, how many); empty when there are none."""


class _Unready(Protocol):
    @property
    def subject(self) -> Subject: ...

    @property
    def why(self) -> str: ...


class _Doomed(Protocol):
    @property
    def subject(self) -> Subject: ...

    @property
    def reason(self) -> str: ...

    @property
    def mend(self) -> str: ...

    @property
    def pod(self) -> str: ...

    @property
    def container(self) -> str: ...


def doom_report(
    connection: Connection,
    logs: ReadLogs,
    namespace: str,
    dooms: Sequence[_Doomed],
    snapshot: Snapshot | None,
) -> str:
    """Why waiting is in vain, thing by thing, each with its mend and its last words.

    Bounded; raises nothing of ours. Log lines are cut, and shown without secrets.
    """
    lines = ["this will not become ready by itself:"]
    events = _events(connection, namespace)
    for each in dooms[:MAX_SUBJECTS]:
        lines += [f"  {each.subject}: {each.reason}", f"    mend: {each.mend}"]
        if each.pod:
            lines += [f"    {line}" for line in _last_words(connection, logs, namespace, each)]
        elif each.subject.kind != "RayCluster":
            for pod in _pods_of(each.subject, snapshot):
                lines += [f"    {line}" for line in _pod(connection, logs, namespace, pod, events)]
    if len(dooms) > MAX_SUBJECTS:
        lines.append(f"  and {len(dooms) - MAX_SUBJECTS} more")
    return "\n".join(lines)


def post_mortem(
    connection: Connection,
    logs: ReadLogs,
    namespace: str,
    pending: Sequence[_Unready],
    snapshot: Snapshot | None,
) -> str:
    """What stands in the way of each thing that is not ready. Bounded; raises nothing of ours.

    What cannot be looked at is said in its place. Log lines are cut, and shown without secrets.
    """
    events = _events(connection, namespace)
    lines = ["timed out; not ready:"]
    own_lines = {each.subject.name for each in pending if each.subject.kind == "Pod"}
    for each in pending[:MAX_SUBJECTS]:
        lines.append(f"  {each.subject}: {each.why}")
        lines += [f"    {line}" for line in _about(connection, namespace, each.subject, events)]
        for pod in _pods_of(each.subject, snapshot):
            if each.subject.kind != "Pod" and pod.name in own_lines:
                continue
            lines += [f"    {line}" for line in _pod(connection, logs, namespace, pod, events)]
    if len(pending) > MAX_SUBJECTS:
        lines.append(f"  and {len(pending) - MAX_SUBJECTS} more")
    return "\n".join(lines)


def shown_line(line: str, known: Collection[str] = (), width: int = _WIDTH) -> str:
    """A log line as it may be shown: no credentials, no control characters, not endless.

    `known` are values to hide whatever they look like (own_literals.py).
    """
    hidden = without_secrets(line.replace("\t", " "), known)
    return hidden[:width] + ("..." if len(hidden) > width else "")


def pod_states(pod: Json) -> tuple[str, ...]:
    """Conditions that are not true, and the state of each container that is not ready."""
    status = pod.get("status") or {}
    lines, known = list(conditions(pod)), hidden_literals(pod)
    for key, what in (
        ("initContainerStatuses", "init container"),
        ("containerStatuses", "container"),
    ):
        for container in status.get(key) or ():
            state = _state(container, known)
            if state:
                lines.append(f"{what} {container.get('name', '')}: {state}")
    return tuple(lines)


def conditions(thing: Json) -> tuple[str, ...]:
    """The conditions that stand in the way, with reason and message."""
    found = (thing.get("status") or {}).get("conditions") or ()
    return tuple(
        " ".join(
            (
                f"condition {each.get('type', '')} is {each.get('status', '')}:",
                str(each.get("reason", "")),
                str(each.get("message", "")),
            )
        ).strip(": ")
        for each in found
        if (each.get("status") == "True") == (each.get("type") in _BAD_WHEN_TRUE)
        and each.get("type") not in _SAY_NOTHING
    )


_BAD_WHEN_TRUE = frozenset({"ReplicaFailure", "RayClusterReplicaFailure", "DisruptionTarget"})
_SAY_NOTHING = frozenset({"RayClusterSuspended", "RayClusterSuspending"})


def _state(container: Json, known: Collection[str]) -> str:
    now = container.get("state") or {}
    before = (container.get("lastState") or {}).get("terminated")
    ended = f", before that {_ended(before, known)}" if before else ""
    if waiting := now.get("waiting"):
        return f"waiting: {waiting.get('reason', '')} {waiting.get('message', '')}".strip() + ended
    if terminated := now.get("terminated"):
        return "" if terminated.get("exitCode") == 0 else _ended(terminated, known)
    if not container.get("ready"):
        return f"running, not ready, {container.get('restartCount', 0)} restarts{ended}"
    return ""


def _ended(terminated: Json, known: Collection[str]) -> str:
    said = without_secrets(" ".join(str(terminated.get("message") or "").split()), known)
    code, reason = terminated.get("exitCode"), terminated.get("reason", "")
    return f"ended with exit code {code} {reason} {said}".strip()


def _pods_of(subject: Subject, snapshot: Snapshot | None) -> Iterator[PodFacts]:
    if snapshot is None or not isinstance(snapshot.pods, Seen):
        return
    found = 0
    for pod in snapshot.pods.value:
        belongs = subject.name in {pod.name, pod.owner, pod.workload, pod.group, pod.raycluster}
        if belongs and not pod.ready and not pod.finished and found < MAX_PODS:
            found += 1
            yield pod


def _about(
    connection: Connection, namespace: str, subject: Subject, events: Sequence[Json]
) -> Iterator[str]:
    if subject.kind == "Pod" or subject.kind not in _PATHS:
        return
    thing = _get(connection, _PATHS[subject.kind].format(namespace, subject.name))
    if isinstance(thing, str):
        yield thing
    else:
        yield from map(shown_line, conditions(thing))
    yield from _event_lines(events, lambda kind, name: _made_by(subject, kind, name))


def _made_by(subject: Subject, kind: str, name: str) -> bool:
    """The thing itself, or the ReplicaSet of a Deployment: what it cannot create is told there."""
    if kind == "ReplicaSet" and subject.kind == "Deployment":
        return name.rpartition("-")[0] == subject.name
    return (kind, name) == (subject.kind, subject.name)


def _pod(
    connection: Connection, logs: ReadLogs, namespace: str, pod: PodFacts, events: Sequence[Json]
) -> Iterator[str]:
    found = _get(connection, _PATHS["Pod"].format(namespace, pod.name))
    yield f"pod {pod.name}:"
    if isinstance(found, str):
        yield f"  {found}"
        return
    own = hidden_literals(found)
    for line in pod_states(found):
        yield from textwrap.wrap(
            shown_line(line, width=_STATE_LINES * _WIDTH), _WIDTH, initial_indent="  ",
            subsequent_indent="    ", break_on_hyphens=False,
        )  # fmt: skip
    for line in _event_lines(events, lambda kind, name: (kind, name) == ("Pod", pod.name), own):
        yield f"  {line}"
    container = in_the_way(found) or pod.container
    before = crashed(found, container)
    for line in list(logs(pod.name, container, before, LOG_LINES))[-LOG_LINES:]:
        yield f"  log: {shown_line(line, own)}"


def _last_words(
    connection: Connection, logs: ReadLogs, namespace: str, doom: _Doomed
) -> Iterator[str]:
    """The log of the container that is in the way, where it has run at all."""
    found = _get(connection, _PATHS["Pod"].format(namespace, doom.pod))
    if isinstance(found, str) or not doom.container or not has_run(found, doom.container):
        return
    own, before = hidden_literals(found), crashed(found, doom.container)
    for line in list(logs(doom.pod, doom.container, before, LOG_LINES))[-LOG_LINES:]:
        yield f"log: {shown_line(line, own)}"


def _events(connection: Connection, namespace: str) -> tuple[Json, ...]:
    found = _get(connection, f"/api/v1/namespaces/{namespace}/events", {"limit": "1000"})
    if isinstance(found, str):
        return ()
    return tuple(sorted(found.get("items") or (), key=_when))


def _when(event: Json) -> str:
    metadata = event.get("metadata") or {}
    moment = event.get("lastTimestamp") or event.get("eventTime")
    return str(moment or metadata.get("creationTimestamp") or "")


def _event_lines(
    events: Iterable[Json], wanted: Callable[[str, str], bool], known: Collection[str] = ()
) -> Iterator[str]:
    """The last warnings, or the last events where there was no warning."""
    mine = []
    for event in events:
        about = event.get("involvedObject") or {}
        if wanted(str(about.get("kind", "")), str(about.get("name", ""))):
            mine.append(event)
    warnings = [event for event in mine if event.get("type") == "Warning"]
    for event in (warnings or mine)[-MAX_EVENTS:]:
        message = " ".join(str(event.get("message", "")).split())
        reason = event.get("reason", "")
        yield shown_line(f"event {reason}: {message}", known if reason in _QUOTING else ())


def _get(connection: Connection, path: str, query: Mapping[str, str] | None = None) -> Json | str:
    try:
        return connection.get(path, query or {})
    except ApiError as fault:
        return f"could not look: {fault.what}"
