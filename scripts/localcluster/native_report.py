"""What a native cluster's parts are doing now."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from localcluster import native_start, parts, state
from localcluster.commands import output_of
from localcluster.errors import CommandFailed
from localcluster.folders import ClusterFolder
from localcluster.processes import Identity, age_seconds, identify, outside_pids, pid_namespace
from localcluster.report import ClusterReport, PartReport

PROVIDER = "native"


def entering(first: Identity, argv: list[str]) -> list[str]:
    """Return the command that runs another one inside a cluster's namespaces."""
    return ["nsenter", "--target", str(first.pid), "--net", "--mount", "--pid", "--", *argv]


def report(folder: ClusterFolder) -> ClusterReport:
    """Ask every part of a cluster whether it answers; the node too."""
    record = state.read_record(folder)
    first = native_start.first_process(folder)
    if record is None or first is None:
        return ClusterReport(folder.name, PROVIDER, running=False)
    problems = _problems(folder, record, first)
    namespace = pid_namespace(first.pid)
    pids = outside_pids(namespace) if namespace else {}
    return ClusterReport(
        name=folder.name,
        provider=PROVIDER,
        running=True,
        node=record.node,
        node_problem=native_start.api_of(folder, record).node_problem(record.node) or "",
        context=record.context,
        kubeconfig=str(folder.kubeconfig),
        parts=[_part_report(part, problems, pids) for part in parts.read(folder.parts).parts],
    )


def _problems(
    folder: ClusterFolder, record: state.Record, first: Identity
) -> dict[str, str | None]:
    """Return what is wrong with each part; the parts are asked from inside."""
    argv = [
        sys.executable,
        "-m",
        "localcluster.probe",
        folder.name,
        str(folder.root),
        record.programs,
        record.node,
    ]
    try:
        text = output_of(
            entering(first, argv), env=native_start.module_environment(folder), timeout=30
        )
    except CommandFailed as failure:
        return {part.name: str(failure) for part in parts.read(folder.parts).parts}
    found: dict[str, str | None] = json.loads(text)
    return found


def _part_report(
    part: parts.Part, problems: dict[str, str | None], pids: dict[int, int]
) -> PartReport:
    """Put together what the supervisor wrote and what the part answers."""
    if part.once and part.exit_code == 0:
        return PartReport(part.name, answers=True, log=part.log)
    if part.pid is None:
        return PartReport(part.name, answers=False, problem="waits for the parts before it")
    if part.exit_code is not None:
        return PartReport(
            part.name,
            answers=False,
            problem=f"dead: {parts.exit_words(part.exit_code)}",
            log=part.log,
            last_lines=native_start.log_lines(Path(part.log)),
        )
    pid = pids.get(part.pid)
    identity = identify(pid) if pid is not None else None
    problem = problems.get(part.name)
    return PartReport(
        name=part.name,
        answers=problem is None and identity is not None,
        pid=pid,
        age=round(age_seconds(identity), 1) if identity is not None else None,
        problem=f"does not answer: {problem}" if problem else "",
        log=part.log,
        last_lines=native_start.log_lines(Path(part.log)) if problem else "",
    )
