"""What `status` says, as values and as text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from localcluster.errors import LocalClusterError


@dataclass(frozen=True, slots=True)
class PartReport:
    """One part now: `problem` is empty when it answers; `age` is in seconds."""

    name: str
    answers: bool
    pid: int | None = None
    age: float | None = None
    problem: str = ""
    log: str = ""
    last_lines: str = ""


@dataclass(frozen=True, slots=True)
class ClusterReport:
    """A cluster now."""

    name: str
    provider: str
    running: bool
    node: str = ""
    node_problem: str = ""
    context: str = ""
    kubeconfig: str = ""
    parts: Sequence[PartReport] = ()

    @property
    def healthy(self) -> bool:
        """Whether the node is ready and all parts answer."""
        return self.running and not self.node_problem and all(part.answers for part in self.parts)


def ask_parts(
    kubectl: Callable[..., str], questions: Mapping[str, Sequence[str]]
) -> list[PartReport]:
    """Ask for each part by kubectl's words, which fail where it does not answer."""
    parts = []
    for name, words in questions.items():
        try:
            kubectl(*words)
            parts.append(PartReport(name, answers=True))
        except LocalClusterError as failure:
            parts.append(PartReport(name, answers=False, problem=failure.what))
    return parts


def as_json(report: ClusterReport) -> str:
    """Return the report for programs."""
    return json.dumps(asdict(report) | {"healthy": report.healthy}, indent=2)


def duration(seconds: float) -> str:
    """Write an age as people read it: ``42s``, ``5m10s``, ``3h2m``."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60}s"
    return f"{whole // 3600}h{whole % 3600 // 60}m"


def as_text(report: ClusterReport) -> str:
    """Return the report for people; every problem stands with where to look."""
    if not report.running:
        return (
            f"cluster {report.name} ({report.provider}): not running\n"
            f"  start it with: scripts/cluster up --name {report.name}"
        )
    lines = [f"cluster    {report.name} (provider {report.provider})"]
    node = f"not ready: {report.node_problem}" if report.node_problem else "ready"
    lines.append(f"node       {report.node}: {node}")
    lines.append(f"context    {report.context}")
    lines.append(f"kubeconfig {report.kubeconfig}")
    width = max((len(part.name) for part in report.parts), default=0)
    for part in report.parts:
        pid = f"pid {part.pid}" if part.pid is not None else "-"
        age = duration(part.age) if part.age is not None else "-"
        words = "answers" if part.answers else f"PROBLEM {part.problem}"
        lines.append(f"  {part.name:<{width}}  {pid:<11}  {age:<7}  {words}")
        if not part.answers and part.log:
            lines.append(f"    log: {part.log}")
            lines.extend(f"    | {line}" for line in part.last_lines.splitlines())
    if not report.healthy:
        lines.append(
            "not healthy; start it anew with: "
            f"scripts/cluster down --name {report.name} && scripts/cluster up --name {report.name}"
        )
    return "\n".join(lines)
