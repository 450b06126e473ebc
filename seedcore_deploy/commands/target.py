"""What a verb is about: the cluster, the namespace, and the overlay that belongs to it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from seedcore_deploy.errors import SeedcoreError, UsageError
from seedcore_deploy.kube.client import Connection, connect
from seedcore_deploy.kube.config import IN_CLUSTER
from seedcore_deploy.kubectl import Kubectl
from seedcore_deploy.model.contract import Contract
from seedcore_deploy.model.disclosure import Discloser
from seedcore_deploy.model.look import Look, NotSeen, Seen
from seedcore_deploy.model.snapshot import Manifests, Snapshot, Target
from seedcore_deploy.observe.collect import collect_cluster
from seedcore_deploy.observe.manifests import manifests_from_documents
from seedcore_deploy.options import ClusterOptions
from seedcore_deploy.sources.overlays import Overlay, default_namespace, find_overlay
from seedcore_deploy.sources.settings import Settings, check_context, load_settings
from seedcore_deploy.sources.yaml_documents import documents


@dataclass(frozen=True, slots=True)
class Aim:
    """A connection and what is to be looked at through it."""

    connection: Connection
    target: Target
    contract: Contract
    manifests: Look[Manifests]
    discloser: Discloser

    def collected(self) -> Snapshot:
        """What the cluster shows now, before anything runs inside a pod."""
        return collect_cluster(
            self.connection, self.target, self.contract, self.manifests, self.discloser
        )


def aim(options: ClusterOptions) -> Aim:
    """Resolve cluster, namespace and overlay for a verb that only reads.

    An overlay that nobody named and that cannot be found or rendered is "not seen", no error:
    an on-call engineer may have no repository at hand. Raises UsageError for a kubeconfig,
    context, namespace or named overlay that is not there.
    """
    settings = load_settings(Path.cwd())
    connection = connect(options.kubeconfig, options.context)
    namespace, reason = meant_namespace(options, connection, settings)
    check_context(settings, namespace, connection.context)
    discloser = Discloser(secrets.token_bytes(16))
    overlay, manifests = _manifests(options, connection, namespace, settings, discloser)
    target = Target(
        context=connection.context,
        namespace=namespace,
        server=connection.server,
        kubectl=command_prefix(options, connection, namespace),
        overlay=str(overlay.directory) if overlay else "",
        reason=reason,
    )
    return Aim(connection, target, settings.contract, manifests, discloser)


def kubectl_context(connection: Connection) -> str | None:
    """The context to pin kubectl to, lest somebody switches it meanwhile; None in a pod."""
    return None if connection.context == IN_CLUSTER else connection.context


def command_prefix(
    options: ClusterOptions, connection: Connection, namespace: str
) -> tuple[str, ...]:
    """The kubectl that reaches this namespace again: every printed mend begins with it."""
    kubeconfig = str(Path(options.kubeconfig).absolute()) if options.kubeconfig else None
    own = Kubectl("kubectl", "", kubeconfig, kubectl_context(connection), namespace)
    return (*own.prefix, "--namespace", namespace)


def meant_namespace(
    options: ClusterOptions, connection: Connection, settings: Settings
) -> tuple[str, str]:
    """The namespace, and why it is this one. Raises UsageError where nothing says which."""
    if options.namespace:
        return options.namespace, "named on the command line"
    if connection.namespace:
        return connection.namespace, f"the namespace of context {connection.context}"
    default = default_namespace(settings)
    if default is None:
        raise UsageError("no namespace was named, and nothing here says one", "add -n NAMESPACE")
    return default


def _manifests(
    options: ClusterOptions,
    connection: Connection,
    namespace: str,
    settings: Settings,
    discloser: Discloser,
) -> tuple[Overlay | None, Look[Manifests]]:
    named = options.kustomize is not None or options.overlay is not None
    try:
        overlay = find_overlay(
            namespace, settings, overlay=options.overlay, kustomize=options.kustomize
        )
        kubectl = Kubectl.find(options.kubeconfig, kubectl_context(connection), namespace)
        rendered = documents(kubectl.kustomize(overlay.directory).text, overlay.name)
    except SeedcoreError as fault:
        if named:
            raise
        return None, NotSeen(fault.what, fault.mend)
    return overlay, Seen(manifests_from_documents(rendered, overlay.name, discloser))
