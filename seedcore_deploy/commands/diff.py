"""`diff`: what apply would change, and which pods it would restart. Changes nothing."""

from __future__ import annotations

import sys
from dataclasses import replace

from seedcore_deploy.act import preflight
from seedcore_deploy.act.apply import ApplyPlan
from seedcore_deploy.commands.guards import Prepared
from seedcore_deploy.commands.planning import intent_of, planned, planned_anew, shown_plan
from seedcore_deploy.commands.preparing import Site, aim_of, guards_of, lint, note, render, site_of
from seedcore_deploy.commands.target import Aim
from seedcore_deploy.errors import CouldNotLook, Refused, SeedcoreError
from seedcore_deploy.model.plan import Plan
from seedcore_deploy.model.verdict import ExitCode
from seedcore_deploy.options import ApplyOptions, DiffOptions


def run(options: DiffOptions) -> ExitCode:
    """Show the plan; ends as kubectl diff does: 0 nothing, 1 something. Raises SeedcoreError.

    What apply would refuse is an error here, lest it be taken for a difference.
    """
    try:
        return _phases(options)
    except SeedcoreError as fault:
        if fault.exit_code is not ExitCode.FINDINGS:
            raise
        raise CouldNotLook(f"apply would refuse this: {fault.what}", fault.mend) from fault


def _phases(options: DiffOptions) -> ExitCode:
    site = site_of(options.cluster)
    state = preflight.namespace_state(site.connection, site.namespace)
    _preflight(site)
    plan, manifests = render(site, two_step=options.two_step)
    lint(manifests, site.contract)
    aim = aim_of(site, manifests)
    prepared, notes = _prepared(site, plan, _as_apply(site, options), aim)
    if state is preflight.NamespaceState.MISSING:
        found = planned_anew(site, prepared.plan)
    else:
        intent = intent_of(_as_apply(site, options))
        found = planned(site, aim, prepared.plan, prepared.kept, intent)
    found = _with_notes(found, notes)
    sys.stdout.write(shown_plan(found, aim.target, options.output))
    return found.exit_code


def _preflight(site: Site) -> None:
    """What apply would refuse for the cluster; a plan can be made without a running operator."""
    preflight.require_raycluster_crd(site.connection)
    try:
        note(preflight.operator_note(site.connection))
    except Refused as fault:
        note(f"apply would refuse this now: {fault.what}")


def _as_apply(site: Site, options: DiffOptions) -> ApplyOptions:
    cluster = replace(options.cluster, namespace=site.namespace)
    return ApplyOptions(cluster, two_step=options.two_step)


def _prepared(
    site: Site, plan: ApplyPlan, options: ApplyOptions, aim: Aim
) -> tuple[Prepared, tuple[str, ...]]:
    """What apply would send, and the remarks on it; what a guard forbids is a remark here."""
    guards = guards_of(site, options, aim)
    refused: tuple[str, ...] = ()
    try:
        prepared = guards.prepared(plan)
    except Refused as fault:
        mend = " ".join(fault.mend.split())
        refused = (f"apply would refuse this: {fault.what}; {mend}",)
        permitted = replace(options, take_ownership=True, restart_head=True)
        prepared = guards_of(site, permitted, aim).prepared(plan)
    kept = {str(each) for each in prepared.kept}
    said = tuple(each for each in prepared.notes if each not in kept)
    return prepared, (*refused, *said, *guards.leftovers(plan))


def _with_notes(plan: Plan, notes: tuple[str, ...]) -> Plan:
    return replace(plan, notes=(*plan.notes, *notes))
