"""`apply`: preflight, render, lint, guard, apply, wait, verify. Exit 0 means: proven."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from seedcore_deploy import __version__
from seedcore_deploy.act import preflight
from seedcore_deploy.act.apply import ApplyPlan, apply, plan_apply
from seedcore_deploy.act.lease import Lease
from seedcore_deploy.act.ledger import Ledger
from seedcore_deploy.act.namespace import create_namespace
from seedcore_deploy.act.record import Entry, Record
from seedcore_deploy.commands.again import again
from seedcore_deploy.commands.guards import Guards, Prepared
from seedcore_deploy.commands.progress import say
from seedcore_deploy.commands.settling import Settling
from seedcore_deploy.commands.show import rendered as shown_verdict
from seedcore_deploy.commands.target import Aim, command_prefix, kubectl_context
from seedcore_deploy.commands.verify import judge_when_settled
from seedcore_deploy.errors import Refused, SeedcoreError
from seedcore_deploy.judge.verdict import judge_render
from seedcore_deploy.kube.client import Connection, connect
from seedcore_deploy.kubectl import DryRun, Kubectl
from seedcore_deploy.model.contract import Contract
from seedcore_deploy.model.disclosure import Discloser
from seedcore_deploy.model.finding import Finding, Severity
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import Manifests, Target
from seedcore_deploy.model.verdict import ExitCode, Outcome, Verdict
from seedcore_deploy.observe.manifests import manifests_from_documents
from seedcore_deploy.options import DEFAULT_APPLY_TIMEOUT_S, ApplyOptions, VerifyOptions
from seedcore_deploy.sources.git import commit_of, repository_of
from seedcore_deploy.sources.kustomization import folders_of
from seedcore_deploy.sources.outgoing import overlay_label
from seedcore_deploy.sources.overlays import Overlay, find_overlay, shown
from seedcore_deploy.sources.rendered import (
    RenderedOverlay,
    merged,
    operator_replaces_pods,
    refuse_other_namespaces,
    rendered_overlay,
)
from seedcore_deploy.sources.settings import check_context, load_settings, root_of

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
    namespace_is_there = _preflight(work)
    ledger.enter("render")
    plan, manifests = _render(work)
    ledger.enter("lint")
    _lint(manifests, work.contract)
    ledger.enter("guard")
    guards = _guards(work)
    prepared = guards.prepared(plan)
    for line in guards.leftovers(plan):
        _note(line)
    if options.dry_run:
        return _try_out(work, prepared, namespace_is_there)
    if not namespace_is_there:
        create_namespace(work.connection, work.namespace, ledger)
    with _leased(work) as alone, _recorded(alone, plan) as record:
        ledger.enter("apply")
        # What is live may have changed until the Lease was ours.
        _apply(alone, _guards(alone).prepared(plan))
        aim = _aim(alone, manifests)
        ledger.enter("wait")
        _wait(alone, aim, plan)
        ledger.enter("verify")
        verdict = _verify(alone, aim)
        record.ended(str(verdict.outcome), well=verdict.outcome is Outcome.PROVEN)
        return verdict.exit_code


@dataclass(frozen=True, slots=True)
class _Work:
    """What the phases of one run share; `deadline` is on time.monotonic()."""

    options: ApplyOptions
    namespace: str
    connection: Connection
    kubectl: Kubectl
    overlay: Overlay
    contract: Contract
    discloser: Discloser
    ledger: Ledger
    deadline: float


def _work(options: ApplyOptions, ledger: Ledger) -> _Work:
    asked = options.cluster
    namespace = asked.namespace or ""
    settings = load_settings(Path.cwd())
    overlay = find_overlay(namespace, settings, overlay=asked.overlay, kustomize=asked.kustomize)
    connection = connect(asked.kubeconfig, asked.context)
    kubectl = Kubectl.find(asked.kubeconfig, kubectl_context(connection), namespace)
    say(f"context {connection.context} ({connection.server}), namespace {namespace}")
    say(f"overlay {overlay.name}: {overlay.reason}")
    check_context(settings, namespace, connection.context)
    timeout_s = asked.timeout_s if asked.timeout_s is not None else DEFAULT_APPLY_TIMEOUT_S
    return _Work(
        options=options,
        namespace=namespace,
        connection=connection,
        kubectl=kubectl,
        overlay=overlay,
        contract=settings.contract,
        discloser=Discloser(secrets.token_bytes(16)),
        ledger=ledger,
        deadline=time.monotonic() + timeout_s,
    )


def _preflight(work: _Work) -> bool:
    """Whether the namespace is there (or we may not look, and go on as if)."""
    state = preflight.namespace_state(work.connection, work.namespace)
    missing = state is preflight.NamespaceState.MISSING
    if missing and not work.options.create_namespace:
        raise preflight.missing_namespace(work.namespace, work.connection.context)
    preflight.require_raycluster_crd(work.connection)
    _note(preflight.operator_note(work.connection))
    return not missing


def _render(work: _Work) -> tuple[ApplyPlan, Manifests]:
    overlay = _rendered(work, work.overlay.directory, work.overlay.name)
    base = None
    if work.overlay.base is not None:
        base = _rendered(work, work.overlay.base, shown(work.overlay.base))
    plan = plan_apply(
        overlay,
        base,
        builds_on_base=work.overlay.builds_on_base,
        two_step=work.options.two_step,
    )
    for step in plan.steps:
        refuse_other_namespaces(step, work.namespace)
        if step.restricted:
            say(f"{step.name} uses files outside of its folder: piped to kubectl apply -f -")
    documents = merged((), (each for step in plan.steps for each in step.documents))
    _note(preflight.require_permissions(work.connection, work.namespace, documents))
    say(f"apply in {plan.why}")
    return plan, manifests_from_documents(documents, work.overlay.name, work.discloser)


def _rendered(work: _Work, directory: Path, name: str) -> RenderedOverlay:
    render = work.kubectl.kustomize(directory)
    return rendered_overlay(directory, name, render.text, render.restricted)


def _lint(manifests: Manifests, contract: Contract) -> None:
    findings = judge_render(manifests, contract)
    for finding in findings:
        say(_told(finding))
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        raise Refused(
            f"nothing was applied: the manifests have {len(errors)} error(s) "
            f"({', '.join(finding.rule for finding in errors)})",
            "mend what stands above, and run apply again",
        )


def _told(finding: Finding) -> str:
    return (
        f"{finding.severity} {finding.rule} {finding.subject}: {finding.summary}\n"
        f"  because {finding.because}\n  mend: {finding.fix.text}"
    )


def _guards(work: _Work) -> Guards:
    directory = work.overlay.directory
    # From the overlay's own place: where the command is given must not change the label.
    label = overlay_label(directory, root_of(directory) or repository_of(directory))
    return Guards(work.connection, work.kubectl, work.namespace, work.options, directory, label)


def _try_out(work: _Work, prepared: Prepared, namespace_is_there: bool) -> ExitCode:
    dry_run = cast("DryRun", work.options.dry_run)
    if not namespace_is_there:
        say(f"namespace/{work.namespace} would be created")
    if not namespace_is_there and dry_run == "server":
        say("the API server cannot try out objects in a namespace that is not there yet")
    else:
        _apply(work, prepared, dry_run)
    say(f"dry run ({dry_run}): nothing was changed")
    return ExitCode.PROVEN


@contextmanager
def _leased(work: _Work) -> Iterator[_Work]:
    """The same work while no other apply is at work here; each write checks that again."""
    lease = Lease(work.connection, work.namespace, work.overlay.name, say, again(work.options))
    with lease:
        work.connection.check_before_writes(lease.check)
        yield replace(work, kubectl=replace(work.kubectl, before_write=lease.check))


@contextmanager
def _recorded(work: _Work, plan: ApplyPlan) -> Iterator[Record]:
    """A record of this run on its RayClusters; how it ended badly is written there too."""
    names = dict.fromkeys(
        name.name for step in plan.steps for name in step.names if name.kind == "RayCluster"
    )
    commit = commit_of(work.overlay.directory, folders_of(work.overlay.directory))
    entry = Entry(work.overlay.name, commit, __version__)
    record = Record(work.connection, work.namespace, tuple(names), entry, say)
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
        _note(line)
    for line in apply(work.kubectl, prepared.plan, work.ledger, dry_run).lines:
        say(f"  {line}")


def _aim(work: _Work, manifests: Manifests) -> Aim:
    target = Target(
        context=work.connection.context,
        namespace=work.namespace,
        server=work.connection.server,
        kubectl=command_prefix(work.options.cluster, work.connection, work.namespace),
        overlay=str(work.overlay.directory),
        reason="named on the command line",
    )
    return Aim(work.connection, target, work.contract, Seen(manifests), work.discloser)


def _wait(work: _Work, aim: Aim, plan: ApplyPlan) -> None:
    Settling(
        aim,
        work.kubectl,
        work.ledger,
        work.deadline,
        work.options.probe_timeout_s,
        operator_replaces_pods(plan.steps[-1].documents),
    ).until_settled()


def _verify(work: _Work, aim: Aim) -> Verdict:
    """The verdict of `verify`; what is still settling gets what is left of the time."""
    options = work.options
    how = VerifyOptions(
        options.cluster, options.output, options.all_pods, probe_timeout_s=options.probe_timeout_s
    )
    snapshot, verdict = judge_when_settled(aim, how, work.deadline)
    sys.stdout.write(shown_verdict(verdict, snapshot, options.output, options.cluster.verbose))
    return verdict


def _note(text: str) -> None:
    if text:
        say(f"note: {text}")


def _say_how_far(ledger: Ledger) -> None:
    for line in ledger.how_far():
        say(line)
