"""The verdict for Prometheus, in its text format, as node-exporter's textfile collector reads it.

The same family as the library's in the pods (seedcore.utils.ray_config), seen from verify: a probe
is a connection. Counters go on from the file of the look before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import PodFacts, ProbeFacts, Snapshot
from seedcore_deploy.model.verdict import Mark, Outcome, PodLine, Verdict

CONNECTS = "seedcore_ray_connect_total"
SECONDS = "seedcore_ray_connect_seconds"
CONNECTED = "seedcore_ray_connected"
LAST_SUCCESS = "seedcore_ray_last_success_timestamp_seconds"
EXIT_CODE = "seedcore_verify_exit_code"
LOOKED_AT = "seedcore_verify_timestamp_seconds"
BUCKETS_S = (0.5, 1, 2, 5, 10, 20, 30, 45, 60, 120)
"""Those of the library."""

_SAMPLE = re.compile(r"(?P<series>[a-z_]+\{.*\}) (?P<value>[0-9.eE+-]+)")
_GOES_ON = (f"{CONNECTS}{{", f"{SECONDS}_", f"{LAST_SUCCESS}{{")


@dataclass(frozen=True, slots=True)
class _Family:
    """One metric: its type, what it means, and its samples by series."""

    name: str
    kind: str
    meaning: str
    samples: Mapping[str, float] = field(default_factory=dict)

    def lines(self) -> Iterable[str]:
        """Its part of the text; nothing where there is no sample."""
        if not self.samples:
            return
        yield f"# HELP {self.name} {self.meaning}"
        yield f"# TYPE {self.name} {self.kind}"
        for series, value in self.samples.items():
            yield f"{series} {value:.15g}"


def render(verdict: Verdict, snapshot: Snapshot, former: str = "") -> str:
    """The metrics of this look, on top of `former`, the text of the look before.

    What could not be looked at has no sample: a missing one is not a 0.
    """
    where = {"context": snapshot.target.context, "namespace": snapshot.target.namespace}
    before = _read(former, where)
    probes = [(pod, pod.probe.value) for pod in _pods(snapshot) if isinstance(pod.probe, Seen)]
    now = datetime.fromisoformat(snapshot.taken_at).timestamp()
    last = now if verdict.outcome is Outcome.PROVEN else before.get(_series(LAST_SUCCESS, where), 0)
    families = (
        _Family(CONNECTS, "counter", "Proofs of connection, by how they ended.",
                _counted(probes, where, before)),
        _Family(SECONDS, "histogram", "Seconds that a proof took, of those that passed.",
                _timed((probe for _, probe in probes if probe.ok), where, before)),
        _Family(CONNECTED, "gauge",
                "1 while the application (of head and worker: Ray) is connected; else 0.",
                _connected(verdict.pods, where)),
        _Family(LAST_SUCCESS, "gauge",
                "When verify last proved all of it, in seconds since the epoch; 0: never.",
                {_series(LAST_SUCCESS, where): last}),
        _Family(EXIT_CODE, "gauge", "0 proven, 1 findings, 3 could not look.",
                {_series(EXIT_CODE, where): int(verdict.exit_code)}),
        _Family(LOOKED_AT, "gauge", "When verify looked, in seconds since the epoch.",
                {_series(LOOKED_AT, where): now}),
    )  # fmt: skip
    return "".join(f"{line}\n" for family in families for line in family.lines())


def _pods(snapshot: Snapshot) -> tuple[PodFacts, ...]:
    return snapshot.pods.value if isinstance(snapshot.pods, Seen) else ()


def _counted(
    probes: Iterable[tuple[PodFacts, ProbeFacts]],
    where: Mapping[str, str],
    before: Mapping[str, float],
) -> dict[str, float]:
    """Every count of before, those of this look added; from 0 on, so that a first one shows."""
    found = {
        _series(CONNECTS, where, role=role, outcome="success", reason=""): 0.0
        for role in (Role.HEAD, Role.CLIENT)
    }
    found |= {series: value for series, value in before.items() if series.startswith(CONNECTS)}
    for pod, probe in probes:
        outcome = "success" if probe.ok else "failure"
        reason = "" if probe.ok else probe.reason
        series = _series(CONNECTS, where, role=pod.role, outcome=outcome, reason=reason)
        found[series] = found.get(series, 0.0) + 1
    return found


def _timed(
    passed: Iterable[ProbeFacts], where: Mapping[str, str], before: Mapping[str, float]
) -> dict[str, float]:
    took = [probe.seconds for probe in passed]
    own: dict[str, float] = {
        _series(f"{SECONDS}_bucket", where, le=str(bound)): sum(each <= bound for each in took)
        for bound in BUCKETS_S
    }
    own[_series(f"{SECONDS}_bucket", where, le="+Inf")] = len(took)
    own[_series(f"{SECONDS}_sum", where)] = sum(took)
    own[_series(f"{SECONDS}_count", where)] = len(took)
    return {series: value + before.get(series, 0.0) for series, value in own.items()}


def _connected(pods: Iterable[PodLine], where: Mapping[str, str]) -> dict[str, float]:
    found = {}
    for pod in pods:
        mark = pod.application if pod.role is Role.CLIENT else pod.proof
        if mark in (Mark.OK, Mark.WRONG):
            series = _series(CONNECTED, where, role=pod.role, workload=pod.workload, pod=pod.pod)
            found[series] = float(mark is Mark.OK)
    return found


def _series(name: str, where: Mapping[str, str], **labels: str) -> str:
    every = (f'{key}="{_escaped(text)}"' for key, text in {**where, **labels}.items())
    return f"{name}{{{','.join(every)}}}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _read(former: str, where: Mapping[str, str]) -> dict[str, float]:
    """The samples that go on, of the same target; what else the text has is left out."""
    own = _series("", where).removesuffix("}")
    found = (_SAMPLE.fullmatch(line) for line in former.splitlines())
    return {
        each["series"]: float(each["value"])
        for each in found
        if each and each["series"].startswith(_GOES_ON) and own in each["series"]
    }
