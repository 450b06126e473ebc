"""`apply`: preflight, render, lint, guard, plan, apply, wait, verify. Exit 0 means: proven."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import cast

from seedcore_deploy import __version__
from seedcore_deploy.act import preflight
from seedcore_deploy.act.apply import ApplyPlan, apply
from seedcore_deploy.act.lease import Lease
from seedcore_deploy.act.ledger import Ledger
from seedcore_deploy.act.namespace import create_namespace
from seedcore_deploy.act.record import Entry, Record
from seedcore_deploy.commands.again import again
from seedcore_deploy.commands.guards import Prepared
from seedcore_deploy.commands.planning import intent_of, planned, planned_anew, shown_plan
from seedcore_deploy.commands.preparing import (
    Site,
    aim_of,
    guards_of,
    lint,
    note,
    render,
    site_of,
)
from seedcore_deploy.commands.progress import say
from seedcore_deploy.commands.settling import Settling, ray_pods_of
from seedcore_deploy.commands.show import rendered as shown_verdict
from seedcore_deploy.commands.target import Aim
from seedcore_deploy.commands.verify import judge_when_settled
from seedcore_deploy.errors import SeedcoreError
from seedcore_deploy.judge.left_pods import still_there, with_left
from seedcore_deploy.kubectl import DryRun
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.stale import LeftPod
from seedcore_deploy.model.verdict import ExitCode, Outcome, Verdict
from seedcore_deploy.observe.objects import RAY_KINDS
from seedcore_deploy.options import DEFAULT_APPLY_TIMEOUT_S, ApplyOptions, Restart, VerifyOptions
from seedcore_deploy.report.plan import short as in_short
from seedcore_deploy.sources.git import commit_of
from seedcore_deploy.sources.kustomization import folders_of

_ENDED_BADLY = {ExitCode.TIMED_OUT: "timed out", ExitCode.FINDINGS: "refused"}


def run(options: ApplyOptions) -> ExitCode:
    """Deploy the overlay of a namespace, and prove it. Raises SeedcoreError."""
    ledger = Ledger()
    try:
        return _phases(options, ledger)
    except KeyboardInterrupt:
        say(f"seedcore-deploy: interrupted in phase {ledger.phase}")
        _say_how_far(ledger)
        say("  mend: run the same command again; it goes on from what is there")
        return ExitCode.INTERRUPTED
    except SeedcoreError:
        if ledger.writing:
            _say_how_far(ledger)
        raise


def _phases(options: ApplyOptions, ledger: Ledger) -> ExitCode:
    work = _work(options, ledger)
    site = work.site
    namespace_is_there = _preflight(work)
    ledger.enter("render")
    plan, manifests = render(site, two_step=options.two_step)
    documents = plan.documents
    note(preflight.require_permissions(site.connection, site.namespace, documents))
    ledger.enter("lint")
    lint(manifests, site.contract)
    ledger.enter("guard")
    aim = aim_of(site, manifests)
    guards = guards_of(site, options, aim)
    prepared = guards.prepared(plan)
    for line in guards.leftovers(plan):
        note(line)
    ledger.enter("plan")
    if options.dry_run != "client":
        _plan(work, aim, prepared, namespace_is_there)
    if options.dry_run:
        return _try_out(work, prepared, namespace_is_there)
    if not namespace_is_there:
        create_namespace(site.connection, site.namespace, ledger)
    with _leased(work) as alone, _recorded(alone, plan) as record:
        ledger.enter("apply")
        # What is live may have changed until the Lease was ours.
        _apply(alone, guards_of(alone.site, options, aim).prepared(plan))
        ledger.enter("wait")
        left = _wait(alone, aim, plan)
        ledger.enter("verify")
        verdict = _verify(alone, aim, left)
        record.ended(str(verdict.outcome), well=verdict.outcome is Outcome.PROVEN)
        return verdict.exit_code


@dataclass(frozen=True, slots=True)
class _Work:
    """What the phases of one run share; `deadline` is on time.monotonic()."""

    site: Site
    options: ApplyOptions
    ledger: Ledger
    deadline: float


def _work(options: ApplyOptions, ledger: Ledger) -> _Work:
    asked = options.cluster.timeout_s
    timeout_s = asked if asked is not None else DEFAULT_APPLY_TIMEOUT_S
    began = time.monotonic()
    return _Work(site_of(options.cluster), options, ledger, began + timeout_s)


def _preflight(work: _Work) -> bool:
    """Whether the namespace is there (or we may not look, and go on as if)."""
    site = work.site
    state = preflight.namespace_state(site.connection, site.namespace)
    missing = state is preflight.NamespaceState.MISSING
    if missing and not work.options.create_namespace:
        raise preflight.missing_namespace(site.namespace, site.connection.context)
    preflight.require_raycluster_crd(site.connection)
    note(preflight.operator_note(site.connection))
    return not missing


def _plan(work: _Work, aim: Aim, prepared: Prepared, namespace_is_there: bool) -> None:
    """Tell what is about to change: in short, or, where that is all, the whole of it."""
    if namespace_is_there:
        intent = intent_of(work.options)
        plan = planned(work.site, aim, prepared.plan, prepared.kept, intent)
    else:
        plan = planned_anew(work.site, prepared.plan)
    if work.options.dry_run:
        sys.stdout.write(shown_plan(plan, aim.target, work.options.output))
        return
    for line in in_short(plan):
        say(f"plan: {line}")


def _try_out(work: _Work, prepared: Prepared, namespace_is_there: bool) -> ExitCode:
    dry_run = cast("DryRun", work.options.dry_run)
    if not namespace_is_there:
        say(f"namespace/{work.site.namespace} would be created")
    if not namespace_is_there and dry_run == "server":
        say("the API server cannot try out objects in a namespace that is not there yet")
    else:
        _apply(work, prepared, dry_run)
    say(f"dry run ({dry_run}): nothing was changed")
    return ExitCode.PROVEN


@contextmanager
def _leased(work: _Work) -> Iterator[_Work]:
    """The same work while no other apply is at work here; each write checks that again."""
    site = work.site
    lease = Lease(site.connection, site.namespace, site.overlay.name, say, again(work.options))
    with lease:
        site.connection.check_before_writes(lease.check)
        kubectl = replace(site.kubectl, before_write=lease.check)
        yield replace(work, site=replace(site, kubectl=kubectl))


@contextmanager
def _recorded(work: _Work, plan: ApplyPlan) -> Iterator[Record]:
    """A record of this run on its RayClusters or RayServices; how it ended badly is there too."""
    names = dict.fromkeys(
        Subject(name.kind, name.name)
        for step in plan.steps
        for name in step.names
        if name.kind in RAY_KINDS
    )
    commit = commit_of(work.site.overlay.directory, folders_of(work.site.overlay.directory))
    entry = Entry(work.site.overlay.name, commit, __version__)
    record = Record(work.site.connection, work.site.namespace, tuple(names), entry, say)
    record.begun()
    try:
        yield record
    except SeedcoreError as fault:
        # Of a lost connection there is no telling what came of it: it stays unfinished.
        if fault.exit_code in _ENDED_BADLY:
            with suppress(SeedcoreError):
                record.ended(_ENDED_BADLY[fault.exit_code], well=False)
        raise


def _apply(work: _Work, prepared: Prepared, dry_run: DryRun = "") -> None:
    for line in prepared.notes:
        note(line)
    for line in apply(work.site.kubectl, prepared.plan, work.ledger, dry_run).lines:
        say(f"  {line}")


def _wait(work: _Work, aim: Aim, plan: ApplyPlan) -> tuple[LeftPod, ...]:
    ray_pods = ray_pods_of(aim, work.ledger, work.options, plan.steps[-1].documents)
    return Settling(
        aim, work.site.kubectl, work.ledger, work.deadline, ray_pods, work.options.probe_timeout_s
    ).until_settled()


def _verify(work: _Work, aim: Aim, left: tuple[LeftPod, ...]) -> Verdict:
    """The verdict of `verify`; what is still settling gets what is left of the time."""
    options = work.options
    how = VerifyOptions(
        options.cluster, options.output, options.all_pods, probe_timeout_s=options.probe_timeout_s
    )
    snapshot, verdict = judge_when_settled(aim, how, work.deadline)
    restart = Restart.ALL if options.restart is Restart.ALL else Restart.STALE
    command = again(replace(options, restart=restart))
    verdict = with_left(verdict, still_there(left, snapshot), command)
    sys.stdout.write(shown_verdict(verdict, snapshot, options.output, options.cluster.verbose))
    return verdict


def _say_how_far(ledger: Ledger) -> None:
    for line in ledger.how_far():
        say(line)
