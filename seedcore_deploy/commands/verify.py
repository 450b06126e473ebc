"""`verify`: look at everything once, judge it, say so. Changes nothing."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from seedcore_deploy.arguments import VerifyOptions
from seedcore_deploy.commands.progress import say
from seedcore_deploy.commands.show import rendered
from seedcore_deploy.commands.target import Aim, aim
from seedcore_deploy.errors import UsageError
from seedcore_deploy.judge.readiness import pending
from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.kube.watch import Waker
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.verdict import ExitCode, Verdict
from seedcore_deploy.observe.collect import collect_cluster, watched_paths
from seedcore_deploy.observe.inside import look_inside
from seedcore_deploy.observe.probe import ATTEMPT_S, prove
from seedcore_deploy.sources.stored_snapshots import dump, load

RESYNC_S = 10.0


def run(options: VerifyOptions) -> ExitCode:
    """Judge a stored snapshot, or the cluster that is there."""
    snapshot, verdict = _stored(options.from_file) if options.from_file else _live(options)
    if options.save_snapshot:
        _save(snapshot, Path(options.save_snapshot))
    sys.stdout.write(rendered(verdict, snapshot, options.output, options.cluster.verbose))
    return verdict.exit_code


def observe_and_judge(found: Aim, options: VerifyOptions) -> tuple[Snapshot, Verdict]:
    """One whole look: the cluster, inside the pods, the proof; and what the judge makes of it."""
    snapshot = collect_cluster(
        found.connection, found.target, found.contract, found.manifests, found.discloser
    )
    return _proven(found, snapshot, options)


def _live(options: VerifyOptions) -> tuple[Snapshot, Verdict]:
    found = aim(options.cluster)
    target = found.target
    say(f"context {target.context}, namespace {target.namespace} ({target.reason})")
    if options.wait_s <= 0:
        return observe_and_judge(found, options)
    return _settled(found, options)


def _settled(found: Aim, options: VerifyOptions) -> tuple[Snapshot, Verdict]:
    """Look again at every change until nothing is settling any more, or the time is up."""
    ends = time.monotonic() + options.wait_s
    said: tuple[str, ...] = ()
    with Waker(found.connection, watched_paths(found.target.namespace)) as waker:
        while True:
            snapshot = collect_cluster(
                found.connection, found.target, found.contract, found.manifests, found.discloser
            )
            left = ends - time.monotonic()
            waiting = tuple(f"{each.subject}: {each.why}" for each in pending(snapshot))
            if not waiting or left <= 0:
                snapshot, verdict = _proven(found, snapshot, options)
                waiting = tuple(f"{each.subject}: {each.why}" for each in verdict.gaps)
                left = ends - time.monotonic()
                if left <= 0 or not any(gap.settling for gap in verdict.gaps):
                    return snapshot, verdict
            for line in waiting:
                if line not in said:
                    say(f"settling: {line}")
            said = waiting
            waker.wait(min(RESYNC_S, left))


def _proven(found: Aim, snapshot: Snapshot, options: VerifyOptions) -> tuple[Snapshot, Verdict]:
    snapshot = look_inside(found.connection, snapshot, found.discloser)
    snapshot = prove(
        found.connection,
        snapshot,
        all_pods=options.all_pods,
        timeout_s=options.probe_timeout_s or ATTEMPT_S,
        progress=say,
    )
    return snapshot, judge(snapshot)


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
