"""The phase "plan" of `apply`, and what `diff` is for: look, compare, judge. Changes nothing."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace

from seedcore_deploy import __version__
from seedcore_deploy.act.apply import ApplyPlan
from seedcore_deploy.commands.preparing import Site
from seedcore_deploy.commands.target import Aim
from seedcore_deploy.errors import CouldNotLook
from seedcore_deploy.judge.plan import plan_of, plan_of_nothing
from seedcore_deploy.judge.preview import preview_of
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.plan import Intent, Plan, Preview
from seedcore_deploy.model.snapshot import Manifests, Snapshot, Target
from seedcore_deploy.observe.inside import look_inside
from seedcore_deploy.observe.objects import RAY_KINDS, WORKLOAD_KINDS
from seedcore_deploy.observe.preview import everything_created, preview
from seedcore_deploy.observe.ray_load import ray_load
from seedcore_deploy.options import ApplyOptions, Restart
from seedcore_deploy.sources.rendered import object_name, operator_replaces_pods

_COMPARED_BY_US = frozenset({"ConfigMap", *RAY_KINDS, *WORKLOAD_KINDS})
_PLAIN_WIDTH = 100


def intent_of(options: ApplyOptions) -> Intent:
    """What an apply with these options does about pods."""
    return Intent(
        stale=options.restart is not Restart.NONE,
        every=options.restart is Restart.ALL,
        busy_head=options.restart_head,
    )


def planned(site: Site, aim: Aim, sent: ApplyPlan, kept: Sequence[object], intent: Intent) -> Plan:
    """What sending it would change in the namespace that is there; `kept` as Plan has it.

    Raises Refused for what the API server itself refuses.
    """
    snapshot = look_inside(aim.connection, aim.collected(), aim.discloser)
    found = _preview(site, snapshot, sent)
    numbers = tuple(str(each) for each in kept)
    plan = plan_of(snapshot, found, None, intent, numbers)
    if not plan.touches_ray:
        return plan
    return plan_of(snapshot, found, ray_load(aim.connection, snapshot), intent, numbers)


def planned_anew(site: Site, sent: ApplyPlan) -> Plan:
    """What sending it makes in a namespace that is not there yet."""
    return plan_of_nothing(everything_created(sent.documents, site.discloser))


def shown_plan(plan: Plan, target: Target, output: str) -> str:
    """The plan as text or JSON. Only the format in use is imported."""
    if output == "json":
        from seedcore_deploy.report import plan_json

        return plan_json.render(plan, target, f"seedcore-deploy {__version__}")
    from seedcore_deploy.report import plan as report

    terminal = sys.stdout.isatty()
    return report.render(
        plan,
        target,
        width=shutil.get_terminal_size().columns if terminal else _PLAIN_WIDTH,
        color=terminal and not os.environ.get("NO_COLOR"),
    )


def _preview(site: Site, snapshot: Snapshot, sent: ApplyPlan) -> Preview:
    """As the API server tries it out; where it does not, as far as we can compare ourselves."""
    try:
        steps = [(step.documents, site.kubectl.diff_documents(step.text)) for step in sent.steps]
    except CouldNotLook as fault:
        return _own_preview(snapshot, sent, fault)
    return preview(steps, site.discloser)


def _own_preview(snapshot: Snapshot, sent: ApplyPlan, fault: CouldNotLook) -> Preview:
    documents = sent.documents
    names = [object_name(each) for each in documents]
    others = [Subject(each.kind, each.name) for each in names if each.kind not in _COMPARED_BY_US]
    found = preview_of(
        snapshot, _manifests(snapshot), others, recreates=operator_replaces_pods(documents)
    )
    return replace(found, not_compared=(_why_not(fault), *found.not_compared))


def _why_not(fault: CouldNotLook) -> str:
    """Why it was compared by us alone; what kubectl says of each forbidden object is long."""
    if "orbidden" in fault.what:
        return "what kubectl diff tells, which needs the permission to create and patch"
    return f"what kubectl diff tells ({fault.what})"


def _manifests(snapshot: Snapshot) -> Manifests:
    assert isinstance(snapshot.manifests, Seen)
    return snapshot.manifests.value
