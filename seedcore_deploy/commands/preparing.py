"""From the words of the command line to what is to be sent: what `apply` and `diff` share."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from seedcore_deploy.act.apply import ApplyPlan, plan_apply
from seedcore_deploy.commands.guards import Guards
from seedcore_deploy.commands.progress import say
from seedcore_deploy.commands.target import (
    Aim,
    command_prefix,
    kubectl_context,
    meant_namespace,
)
from seedcore_deploy.errors import Refused
from seedcore_deploy.judge.verdict import judge_render
from seedcore_deploy.kube.client import Connection, connect
from seedcore_deploy.kubectl import Kubectl
from seedcore_deploy.model.contract import Contract
from seedcore_deploy.model.disclosure import Discloser
from seedcore_deploy.model.finding import Finding, Severity
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import Manifests, Target
from seedcore_deploy.observe.manifests import manifests_from_documents
from seedcore_deploy.observe.ray_load import ray_load
from seedcore_deploy.options import ApplyOptions, ClusterOptions
from seedcore_deploy.sources.git import repository_of
from seedcore_deploy.sources.outgoing import overlay_label
from seedcore_deploy.sources.overlays import Overlay, find_overlay, shown
from seedcore_deploy.sources.rendered import (
    RenderedOverlay,
    refuse_other_namespaces,
    rendered_overlay,
)
from seedcore_deploy.sources.settings import check_context, load_settings, root_of


@dataclass(frozen=True, slots=True)
class Site:
    """The cluster, the namespace and the overlay that a run is about; `reason` is why this one."""

    cluster: ClusterOptions
    namespace: str
    reason: str
    connection: Connection
    kubectl: Kubectl
    overlay: Overlay
    contract: Contract
    discloser: Discloser


def site_of(cluster: ClusterOptions) -> Site:
    """Resolve what the words mean, and say it.

    Raises UsageError for what is not there and for another context than the pinned one.
    """
    settings = load_settings(Path.cwd())
    connection = connect(cluster.kubeconfig, cluster.context)
    namespace, reason = meant_namespace(cluster, connection, settings)
    overlay = find_overlay(
        namespace, settings, overlay=cluster.overlay, kustomize=cluster.kustomize
    )
    kubectl = Kubectl.find(cluster.kubeconfig, kubectl_context(connection), namespace)
    say(f"context {connection.context} ({connection.server}), namespace {namespace}")
    say(f"overlay {overlay.name}: {overlay.reason}")
    check_context(settings, namespace, connection.context)
    return Site(
        cluster=cluster,
        namespace=namespace,
        reason=reason,
        connection=connection,
        kubectl=kubectl,
        overlay=overlay,
        contract=settings.contract,
        discloser=Discloser(secrets.token_bytes(16)),
    )


def render(site: Site, *, two_step: bool) -> tuple[ApplyPlan, Manifests]:
    """What is to be sent, in which steps, and the same in the words of the model.

    Raises UsageError for an overlay that does not build, or is for another namespace.
    """
    overlay = _rendered(site, site.overlay.directory, site.overlay.name)
    base = None
    if site.overlay.base is not None:
        base = _rendered(site, site.overlay.base, shown(site.overlay.base))
    plan = plan_apply(overlay, base, builds_on_base=site.overlay.builds_on_base, two_step=two_step)
    for step in plan.steps:
        refuse_other_namespaces(step, site.namespace)
        if step.restricted:
            say(f"{step.name} uses files outside of its folder")
    say(f"apply in {plan.why}")
    documents = plan.documents
    return plan, manifests_from_documents(documents, site.overlay.name, site.discloser)


def lint(manifests: Manifests, contract: Contract) -> None:
    """Say what is wrong with the manifests themselves. Raises Refused where that is an error."""
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


def guards_of(site: Site, options: ApplyOptions, aim: Aim) -> Guards:
    """The guards of an apply with these options."""
    directory = site.overlay.directory
    # From the overlay's own place: where the command is given must not change the label.
    label = overlay_label(directory, root_of(directory) or repository_of(directory))
    return Guards(
        site.connection,
        site.kubectl,
        site.namespace,
        options,
        directory,
        label,
        lambda: ray_load(aim.connection, aim.collected()),
    )


def aim_of(site: Site, manifests: Manifests) -> Aim:
    """What is to be looked at: the same place, with the manifests to compare."""
    target = Target(
        context=site.connection.context,
        namespace=site.namespace,
        server=site.connection.server,
        kubectl=command_prefix(site.cluster, site.connection, site.namespace),
        overlay=str(site.overlay.directory),
        reason=site.reason,
    )
    return Aim(site.connection, target, site.contract, Seen(manifests), site.discloser)


def note(text: str) -> None:
    """Say a remark, if there is one."""
    if text:
        say(f"note: {text}")


def _rendered(site: Site, directory: Path, name: str) -> RenderedOverlay:
    found = site.kubectl.kustomize(directory)
    return rendered_overlay(directory, name, found.text, found.restricted)


def _told(finding: Finding) -> str:
    return (
        f"{finding.severity} {finding.rule} {finding.subject}: {finding.summary}\n"
        f"  because {finding.because}\n  mend: {finding.fix.text}"
    )
