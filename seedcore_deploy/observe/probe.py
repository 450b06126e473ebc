"""The proof of connection, from the head and from the clients, one pod at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from seedcore_deploy.kube.client import Connection
from seedcore_deploy.model.address_answer import AddressAnswer, AnswerEnd
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.disclosure import without_secrets, without_userinfo
from seedcore_deploy.model.look import Look, NotSeen, Seen
from seedcore_deploy.model.snapshot import (
    NodeFacts,
    PodFacts,
    ProbeFacts,
    ProcessFacts,
    Snapshot,
)
from seedcore_deploy.observe.delivery import Place, deliver, source
from seedcore_deploy.observe.inside import inbound_now
from seedcore_deploy.observe.secret_values import without_secret_answers

ATTEMPT_S = 45.0
"""One attempt on a whole processor: first connections to a fresh head took up to 41 s."""
_TASK_S = 20.0
_DIAGNOSIS_S = 10.0
_ASK_S = 3.0
_ASKING_S = 20.0
"""Dashboard and Serve, twice each with a pause, and the dashboard about Serve."""
_MARGIN_S = 15.0
_YOUNG_S = 60.0


def prove(
    connection: Connection,
    snapshot: Snapshot,
    all_pods: bool,
    timeout_s: float = ATTEMPT_S,
    progress: Callable[[str], None] = lambda _: None,
) -> Snapshot:
    """The Snapshot with `probe` of the pods that were asked: heads, then clients, in turn.

    Of each workload one pod is asked, a ready one where there is one, or all of them.
    `timeout_s` bounds one attempt in a pod with a whole processor; less processor gets more
    time. A probe that could not run is NotSeen; one that ran and failed is Seen and not ok.
    Where a client's probe was told the head's sessions, the heads' connections are counted again.
    """
    if not isinstance(snapshot.pods, Seen):
        return snapshot
    proven: dict[str, PodFacts] = {}
    for pod in chosen(snapshot.pods.value, all_pods=all_pods):
        progress(f"connecting to Ray from {pod.role} pod {pod.name}")
        young = _head_is_young(snapshot, connection.server_time)
        probe = _probe(connection, snapshot.target.namespace, pod, timeout_s, young=young)
        proven[pod.uid] = replace(pod, probe=probe)
    if any(_told_sessions(pod) for pod in proven.values()):
        namespace = snapshot.target.namespace
        for pod in list(proven.values()):
            if pod.role is Role.HEAD and isinstance(pod.process, Seen):
                inbound = inbound_now(connection, namespace, pod)
                process = replace(pod.process.value, inbound_after=inbound)
                proven[pod.uid] = replace(pod, process=Seen(process))
    pods = tuple(proven.get(pod.uid, pod) for pod in snapshot.pods.value)
    return replace(snapshot, pods=Seen(pods))


def _told_sessions(pod: PodFacts) -> bool:
    probe = pod.probe.value if isinstance(pod.probe, Seen) else None
    return probe is not None and probe.sessions is not None and pod.role is Role.CLIENT


def chosen(pods: Iterable[PodFacts], *, all_pods: bool) -> list[PodFacts]:
    """The pods to ask, heads first: all that run, or one or two of each workload.

    Of a workload the newest ready one, since it runs with the newest settings; and the newest
    that runs where that is another one: it is not ready, and a failing connection may be why.
    """
    able = [
        pod
        for pod in pods
        if pod.role is not Role.WORKER
        and pod.started_at
        and not pod.terminating
        and not pod.finished
    ]
    if not all_pods:
        ready, newest = {}, {}
        for pod in sorted(able, key=lambda pod: (pod.created_at, pod.ready, pod.name)):
            newest[pod.workload, pod.owner] = pod
            if pod.ready:
                ready[pod.workload, pod.owner] = pod
        able = list({pod.name: pod for pod in (*ready.values(), *newest.values())}.values())
    return sorted(able, key=lambda pod: (pod.role is not Role.HEAD, pod.workload, pod.name))


def slowness(cpu_limit: float | None) -> float:
    """By how much a CPU limit stretches a probe (measured: 3 s free, 8 s at 250m, 15 s at 100m)."""
    if cpu_limit is None or cpu_limit >= 1:
        return 1.0
    return 2.0 if cpu_limit >= 0.25 else 4.0


def _probe(
    connection: Connection, namespace: str, pod: PodFacts, timeout_s: float, *, young: bool
) -> Look[ProbeFacts]:
    if not isinstance(pod.process, Seen):
        return pod.process
    process: ProcessFacts = pod.process.value
    if not isinstance(process.process, Seen):
        return NotSeen(
            f"the environment of the live process could not be read: {process.process.why}",
            "without it no one can say which Ray the application is told to use",
        )
    if not process.interpreter:
        return NotSeen(
            "no Python was found for the live process",
            "the proof needs the Python, with ray, that the application runs on",
        )
    pace = slowness(pod.cpu_limit)
    attempt_s = timeout_s * pace
    answer = deliver(
        connection,
        Place(namespace, pod.name, pod.container),
        process.interpreter,
        "connection",
        {
            "pid": process.pid,
            "direct": pod.role is Role.HEAD,
            "young": young,
            "attempt_s": attempt_s,
            "task_s": min(_TASK_S * pace, attempt_s),
            "pace": pace,
            "diagnosis_s": _DIAGNOSIS_S * pace,
            "ask_s": _ASK_S * pace,
            "session": source("ray_session"),
            "ping": source("grpc_ping"),
        },
        deadline_s=2 * attempt_s + max(_DIAGNOSIS_S, _ASKING_S) * pace + _MARGIN_S,
    )
    if isinstance(answer, NotSeen):
        return answer
    return without_secret_answers(_facts(answer), pod)


def _facts(answer: Mapping[str, Any]) -> Look[ProbeFacts]:
    if "could_not_look" in answer:
        return NotSeen(
            f"the probe was not run: {answer['could_not_look']}",
            "give the container more room, or ask another pod of the workload",
        )
    nodes = tuple(NodeFacts(**node) for node in answer.get("nodes", ()))
    heads = [node for node in nodes if node.head and node.alive]
    reason = str(answer.get("reason", ""))
    return Seen(
        ProbeFacts(
            ok=answer["stage"] == "done" and not reason,
            stage=answer["stage"],
            address=without_userinfo(answer["address"]),
            mode=answer.get("mode", ""),
            reason=reason,
            error=without_secrets(answer.get("error", "")),
            diagnosis=without_secrets(answer.get("diagnosis", "")),
            session=answer.get("session", ""),
            head_node_id=answer.get("head_node_id", ""),
            head_ip=heads[0].ip if heads else "",
            namespace=answer.get("namespace", ""),
            ray_version=answer.get("ray_version", ""),
            python_version=answer.get("python_version", ""),
            nodes=nodes,
            attempts=answer["attempts"],
            seconds=answer["seconds"],
            sessions=answer.get("sessions"),
            waited=answer.get("waited", 0.0),
            pinged=answer.get("pinged", False),
            dashboard=_answer(answer.get("dashboard")),
            serve=_answer(answer.get("serve")),
        )
    )


def _answer(told: Mapping[str, Any] | None) -> AddressAnswer | None:
    if told is None:
        return None
    return AddressAnswer(
        asked=without_userinfo(told["asked"]),
        ended=AnswerEnd(told["ended"]),
        said=without_secrets(told["said"]),
        session=without_secrets(told.get("session", "")),
        ray_version=without_secrets(told.get("ray_version", "")),
        serves=told.get("serves"),
        reported=without_secrets(told.get("reported", "")),
    )


def _head_is_young(snapshot: Snapshot, now: str) -> bool:
    """Whether a head became ready within the last minute, by the API server's clock."""
    if not isinstance(snapshot.pods, Seen):
        return False
    moment = _moment(now or snapshot.taken_at)
    ready_since = (_moment(pod.ready_since) for pod in snapshot.pods.value if pod.role is Role.HEAD)
    return moment is not None and any(
        since is not None and (moment - since).total_seconds() < _YOUNG_S for since in ready_since
    )


def _moment(text: str) -> datetime | None:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) if text else None
