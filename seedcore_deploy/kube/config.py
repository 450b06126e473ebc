"""Which cluster: kubeconfig and context, or the service account of the pod we run in."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from kubernetes import config
from kubernetes.client import Configuration

from seedcore_deploy.errors import UsageError

_SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


IN_CLUSTER = "in-cluster"
"""The context's name in a pod, where the service account is used and no kubeconfig is there."""


@dataclass(frozen=True, slots=True)
class ClusterConfig:
    """Where to connect, and how; `namespace` is the context's own, or empty."""

    context: str
    namespace: str
    configuration: Configuration


def load(kubeconfig: str | None, context: str | None) -> ClusterConfig:
    """The configuration as kubectl would choose it. Raises UsageError; sends nothing."""
    files = _files(kubeconfig)
    if not files:
        if kubeconfig is None and context is None and "KUBERNETES_SERVICE_HOST" in os.environ:
            return _in_cluster()
        raise _no_kubeconfig(kubeconfig)
    contexts, current = _contexts(files)
    chosen = context or current
    _check_context(chosen, contexts, files)
    configuration = Configuration()
    try:
        config.load_kube_config(  # type: ignore[no-untyped-call]
            os.pathsep.join(map(str, files)), chosen, configuration, persist_config=False
        )
    except (config.ConfigException, OSError, ValueError, TypeError, KeyError) as fault:
        raise UsageError(
            f"context {chosen} of {_named(files)} cannot be used: {fault}",
            "mend that entry of the kubeconfig, or choose another context with --context",
        ) from fault
    return ClusterConfig(chosen, contexts[chosen], _without_own_retries(configuration))


def _files(kubeconfig: str | None) -> list[Path]:
    """The kubeconfig files there are, in kubectl's order: flag, $KUBECONFIG, ~/.kube/config."""
    if kubeconfig is not None:
        candidates = [kubeconfig]
    else:
        candidates = [name for name in os.environ.get("KUBECONFIG", "").split(os.pathsep) if name]
        candidates = candidates or ["~/.kube/config"]
    paths = [Path(name).expanduser() for name in candidates]
    return [path for path in paths if path.is_file()]


def _no_kubeconfig(kubeconfig: str | None) -> UsageError:
    looked_at = kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"
    return UsageError(
        f"no kubeconfig at {looked_at}", "name one with --kubeconfig FILE or $KUBECONFIG"
    )


def _contexts(files: list[Path]) -> tuple[dict[str, str], str]:
    """Namespace by context name, and the current context.

    Both are taken from the first file that has them, as kubectl does; the client library takes
    the current context from the last file, which would be another cluster.
    """
    namespaces: dict[str, str] = {}
    current = ""
    for path in files:
        content = _read(path)
        current = current or str(content.get("current-context") or "")
        for entry in content.get("contexts") or []:
            if not isinstance(entry, dict) or not isinstance(entry.get("context"), dict):
                raise _malformed(path, "an entry of contexts has no name or context")
            namespaces.setdefault(str(entry.get("name")), entry["context"].get("namespace") or "")
    return namespaces, current


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise _malformed(path, " ".join(str(fault).split())) from fault
    if not isinstance(content, dict):
        raise _malformed(path, "it is empty" if content is None else "it is no mapping")
    if not isinstance(content.get("contexts") or [], list):
        raise _malformed(path, "contexts is no list")
    return content


def _malformed(path: Path, why: str) -> UsageError:
    return UsageError(
        f"kubeconfig {path} cannot be read: {why}", "mend it, or name another with --kubeconfig"
    )


def _check_context(chosen: str, contexts: dict[str, str], files: list[Path]) -> None:
    there_are = ", ".join(sorted(contexts)) or "none"
    if not chosen:
        raise UsageError(
            f"no current context in {_named(files)}; contexts there are: {there_are}",
            "choose one with --context",
        )
    if chosen not in contexts:
        raise UsageError(
            f"no context {chosen!r} in {_named(files)}; contexts there are: {there_are}",
            "choose one with --context",
        )


def _named(files: list[Path]) -> str:
    return os.pathsep.join(map(str, files))


def _in_cluster() -> ClusterConfig:
    configuration = Configuration()
    try:
        config.load_incluster_config(configuration)  # type: ignore[no-untyped-call]
    except config.ConfigException as fault:
        raise UsageError(
            f"no kubeconfig, and no usable service account in this pod: {fault}",
            "name a kubeconfig with --kubeconfig, or mount a service account token",
        ) from fault
    namespace = _SERVICE_ACCOUNT / "namespace"
    own = namespace.read_text().strip() if namespace.is_file() else ""
    return ClusterConfig(IN_CLUSTER, own, _without_own_retries(configuration))


def _without_own_retries(configuration: Configuration) -> Configuration:
    """urllib3 would repeat requests by itself, writes included; retry.py decides that."""
    configuration.retries = False
    return configuration
