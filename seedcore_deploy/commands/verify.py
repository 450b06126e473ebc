"""`verify`: look at everything once, judge it, say so. Changes nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from seedcore_deploy.act.wait import changes, reasons
from seedcore_deploy.commands.progress import say
from seedcore_deploy.commands.show import rendered
from seedcore_deploy.commands.target import Aim, aim
from seedcore_deploy.errors import UsageError
from seedcore_deploy.judge.readiness import Pending, pending
from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.kube.watch import Waker
from seedcore_deploy.model.finding import Gap, Subject
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.verdict import ExitCode, Outcome, Verdict
from seedcore_deploy.observe.collect import watched_paths
from seedcore_deploy.observe.inside import look_inside
from seedcore_deploy.observe.probe import ATTEMPT_S, prove
from seedcore_deploy.options import VerifyOptions
from seedcore_deploy.report import metrics
from seedcore_deploy.sources.metrics_file import read_former, write_whole
from seedcore_deploy.sources.stored_snapshots import dump, load

RESYNC_S = 10.0
LOOKS_AT_MOVING_PODS = 3
P = TypeVar("P", Pending, Gap)


def run(options: VerifyOptions) -> ExitCode:
    """Judge a stored snapshot, or the cluster that is there."""
    snapshot, verdict = _stored(options.from_file) if options.from_file else _live(options)
    if options.save_snapshot:
        _save(snapshot, Path(options.save_snapshot))
    if options.metrics_file:
        path = Path(options.metrics_file)
        write_whole(path, metrics.render(verdict, snapshot, read_former(path)))
    sys.stdout.write(rendered(verdict, snapshot, options.output, options.cluster.verbose))
    return verdict.exit_code


def _live(options: VerifyOptions) -> tuple[Snapshot, Verdict]:
    found = aim(options.cluster)
    target = found.target
    say(f"context {target.context}, namespace {target.namespace} ({target.reason})")
    return judge_when_settled(found, options, time.monotonic() + options.wait_s)


def judge_when_settled(
    found: Aim, options: VerifyOptions, deadline: float
) -> tuple[Snapshot, Verdict]:
    """Look again at every change while something may still come right by itself.

    `deadline` is on time.monotonic(); past it the look that is under way is the last. What is
    not ready and will not become so by itself is not waited for: it is a finding.
    """
    told: Mapping[Subject, str] = {}
    with ExitStack() as watching:
        waker = None
        while True:
            snapshot = found.collected()
            settling: Sequence[Pending | Gap] = _settling(pending(snapshot))
            if not settling or time.monotonic() >= deadline:
                snapshot, verdict = _proven(found, snapshot, options)
                settling = _settling(verdict.gaps)
                if not settling or time.monotonic() >= deadline:
                    return snapshot, verdict
            now = reasons(settling)
            for line in changes(told, now):
                say(line)
            told = now
            paths = watched_paths(found.target.namespace)
            waker = waker or watching.enter_context(Waker(found.connection, paths))
            waker.wait(min(RESYNC_S, max(deadline - time.monotonic(), 0)))


def _settling(pending_or_gaps: Iterable[P]) -> list[P]:
    return [each for each in pending_or_gaps if each.settling]


def _proven(found: Aim, snapshot: Snapshot, options: VerifyOptions) -> tuple[Snapshot, Verdict]:
    """Look inside the pods and ask for the proof; again where the answer may be of two moments.

    A head that is replaced between the listing and its probe would look like another cluster.
    """
    for _ in range(LOOKS_AT_MOVING_PODS):
        seen = _looked_into(found, snapshot, options)
        verdict = judge(seen)
        now = of_two_moments(verdict.outcome, snapshot, found.collected)
        if now is None:
            break
        say("pods changed while they were looked at; looking again")
        snapshot = now
    return seen, verdict


def _looked_into(found: Aim, snapshot: Snapshot, options: VerifyOptions) -> Snapshot:
    if options.no_exec:
        return replace(snapshot, looks_inside=False)
    return prove(
        found.connection,
        look_inside(found.connection, snapshot, found.discloser),
        all_pods=options.all_pods,
        timeout_s=options.probe_timeout_s or ATTEMPT_S,
        progress=say,
    )


def of_two_moments(
    outcome: Outcome, before: Snapshot, collect: Callable[[], Snapshot]
) -> Snapshot | None:
    """What is there now, where that and not a fault may be why something was wrong or unseen.

    None where the pods are the same, and for an outcome that another look would not better:
    what settles is told at once.
    """
    if outcome not in {Outcome.FINDINGS, Outcome.INCONCLUSIVE}:
        return None
    now = collect()
    if not isinstance(now.pods, Seen) or _running(now) == _running(before):
        return None
    return now


def _running(snapshot: Snapshot) -> object:
    """What tells one moment's pods from another's."""
    if not isinstance(snapshot.pods, Seen):
        return snapshot.pods
    pods = snapshot.pods.value
    return frozenset((pod.uid, pod.started_at, pod.restarts, pod.terminating) for pod in pods)


def _stored(name: str) -> tuple[Snapshot, Verdict]:
    try:
        text = Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise UsageError(f"{name} cannot be read: {fault}", "name a stored snapshot") from fault
    snapshot = load(text)
    return snapshot, judge(snapshot)


def _save(snapshot: Snapshot, path: Path) -> None:
    try:
        path.write_text(dump(snapshot), encoding="utf-8")
    except OSError as fault:
        raise UsageError(f"{path} cannot be written: {fault}", "name another file") from fault
