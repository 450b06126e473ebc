"""What can only be read inside the pods: what containers and processes were started with."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from seedcore_deploy.kube.client import Connection
from seedcore_deploy.model.disclosure import Discloser, EnvValue, is_connection_variable
from seedcore_deploy.model.look import Look, NotSeen, Seen
from seedcore_deploy.model.snapshot import (
    ConfigMapFacts,
    EnvSource,
    PodFacts,
    ProcessFacts,
    Snapshot,
)
from seedcore_deploy.observe.delivery import Place, deliver, run_or_not_seen
from seedcore_deploy.observe.secret_values import seen_configmaps, without_secret_values
from seedcore_deploy.observe.shell import NO_PYTHON, shell_answer, shell_argv

_THREADS = 4
_DEADLINE_S = 30.0
_NOT_RUNNING = "the container is not running"


def look_inside(connection: Connection, snapshot: Snapshot, discloser: Discloser) -> Snapshot:
    """The Snapshot with `process` of every pod that runs: one exec each, four at a time.

    `discloser` is the one of the snapshot: digests compare only under the same salt.
    """
    if not isinstance(snapshot.pods, Seen):
        return snapshot
    own = threading.local()
    configmaps = seen_configmaps(snapshot)
    manifests = snapshot.manifests.value.configmaps if isinstance(snapshot.manifests, Seen) else ()
    planned = {each.name: each for each in manifests}

    def look(pod: PodFacts) -> PodFacts:
        if not hasattr(own, "connection"):
            own.connection = connection.copy()
        names = sorted(other_variables(pod, configmaps) | other_variables(pod, planned))
        process = _process(own.connection, snapshot.target.namespace, pod, discloser, names)
        return replace(pod, process=without_secret_values(process, pod, configmaps))

    pods = snapshot.pods.value
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="inside") as pool:
        looked_at = tuple(pool.map(look, pods))
    return replace(snapshot, pods=Seen(looked_at))


def other_variables(pod: PodFacts, configmaps: Mapping[str, ConfigMapFacts]) -> frozenset[str]:
    """The variables that are not about Ray and that ConfigMaps give the pod's container, for sure.

    One that a Secret may have set instead is left out: nothing of it is asked for.
    """
    container = next((each for each in pod.template.containers if each.name == pod.container), None)
    if container is None:
        return frozenset()
    names: set[str] = set()
    for source in container.env_from:
        if source.secret:
            names.clear()
        elif (settings := configmaps.get(source.name)) is not None:
            names |= {source.prefix + key for key in settings.data}
    for entry in container.env:
        names.discard(entry.name)
        if entry.source is EnvSource.CONFIGMAP_KEY:
            names.add(entry.name)
    return frozenset(name for name in names if not is_connection_variable(name))


def _process(
    connection: Connection,
    namespace: str,
    pod: PodFacts,
    discloser: Discloser,
    names: Collection[str],
) -> Look[ProcessFacts]:
    if pod.finished or pod.terminating or not pod.started_at:
        state = pod.why_not_ready or f"the pod is {pod.phase}"
        return NotSeen(f"{_NOT_RUNNING}: {state}" if not pod.finished else "the pod has finished")
    answer = _answer(connection, namespace, pod, names, discloser.salt)
    if isinstance(answer, NotSeen) and NO_PYTHON.search(answer.why):
        answer = _by_shell(connection, Place(namespace, pod.name, pod.container))
    if isinstance(answer, NotSeen):
        return answer
    return Seen(_facts(answer, discloser, names))


def inbound_now(connection: Connection, namespace: str, pod: PodFacts) -> dict[str, int]:
    """How many connections each listening port of the pod has now; empty where nobody could say."""
    answer = _answer(connection, namespace, pod)
    return {} if isinstance(answer, NotSeen) else dict(answer.get("inbound", {}))


def _answer(
    connection: Connection,
    namespace: str,
    pod: PodFacts,
    names: Collection[str] = (),
    salt: bytes = b"",
) -> dict[str, Any] | NotSeen:
    place = Place(namespace, pod.name, pod.container)
    order = {"names": list(names), "salt": salt.hex()}
    return deliver(connection, place, "python3", "environment", order, deadline_s=_DEADLINE_S)


def _by_shell(connection: Connection, place: Place) -> dict[str, Any] | NotSeen:
    """The answer of a container without Python: variables, and no more."""
    nonce = f"seedcore-{secrets.token_hex(16)}"
    result = run_or_not_seen(connection, place, shell_argv(nonce), b"", _DEADLINE_S)
    if isinstance(result, NotSeen):
        return result
    return shell_answer(nonce, result)


def _facts(answer: Mapping[str, Any], discloser: Discloser, names: Collection[str]) -> ProcessFacts:
    process: Look[Mapping[str, EnvValue]] = NotSeen(
        str(answer.get("no_environment") or answer.get("no_process") or "not read")
    )
    if "process" in answer:
        process = Seen(_disclosed(answer["process"], discloser))
    connections: Look[tuple[str, ...]] = NotSeen(
        str(answer.get("no_connections") or answer.get("no_process") or "not read")
    )
    if "connections" in answer:
        connections = Seen(tuple(answer["connections"]))
    return ProcessFacts(
        container=_disclosed(answer["container"], discloser),
        process=process,
        connections=connections,
        pid=int(answer.get("pid") or 1),
        command=str(answer.get("command") or ""),
        interpreter=str(answer.get("interpreter") or ""),
        headroom_bytes=answer.get("headroom"),
        inbound=dict(answer.get("inbound", {})),
        others=_others(answer.get("others"), names),
    )


def _others(told: Mapping[str, str] | None, names: Collection[str]) -> dict[str, EnvValue | None]:
    """Nothing where the container could not say, as a shell cannot."""
    if told is None:
        return {}
    return {name: EnvValue(None, told[name]) if name in told else None for name in names}


def _disclosed(variables: Mapping[str, str], discloser: Discloser) -> dict[str, EnvValue]:
    return {
        name: discloser.value(name, raw)
        for name, raw in sorted(variables.items())
        if is_connection_variable(name)
    }
