"""Which objects of an overlay another tool looks after: it would change them back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.live import LiveObject

ARGO_LABEL = "argocd.argoproj.io/instance"
ARGO_ID = "argocd.argoproj.io/tracking-id"
HELM_MANAGED = "app.kubernetes.io/managed-by"
HELM_RELEASE = "meta.helm.sh/release-name"
HELM_NAMESPACE = "meta.helm.sh/release-namespace"
FLUX_KUSTOMIZE = "kustomize.toolkit.fluxcd.io"
FLUX_HELM = "helm.toolkit.fluxcd.io"
_INSTANCE = "app.kubernetes.io/instance"

_MANAGERS = {
    "argocd-controller": "Argo CD",
    "argocd-application-controller": "Argo CD",
    "kustomize-controller": "Flux",
    "helm-controller": "Flux",
    "helm": "Helm",
}
"""Field managers, in lower case: Argo CD with and without server-side apply, Flux, Helm 3."""


@dataclass(frozen=True, slots=True)
class Ownership:
    """An object, the tool that looks after it and for what, and how that is known."""

    subject: Subject
    tool: str
    owner: str
    evidence: str

    def __str__(self) -> str:
        owner = f", {self.owner}" if self.owner else ""
        return f"{self.subject} ({self.tool}{owner}; {self.evidence})"


def owned(objects: Iterable[LiveObject]) -> tuple[Ownership, ...]:
    """The objects that Argo CD, Flux or Helm looks after.

    Labels and annotations name the application or release; without them a field manager still
    tells the tool. Flux comes before Helm: its helm-controller installs Helm releases.
    """
    return tuple(found for each in objects if (found := _owner(each)) is not None)


def _owner(live: LiveObject) -> Ownership | None:
    for told in (_argo(live), *_flux(live), _helm(live), _by_manager(live)):
        if told is not None:
            return Ownership(live.subject, *told)
    return None


_Told = tuple[str, str, str]


def _argo(live: LiveObject) -> _Told | None:
    application, colon, rest = live.annotations.get(ARGO_ID, "").partition(":")
    # One copied along to another object does not count (Argo CD compares it with the object).
    if colon and rest == f"{live.group}/{live.kind}:{live.namespace}/{live.name}":
        return "Argo CD", f"application {application}", f"annotation {ARGO_ID}"
    if instance := live.labels.get(ARGO_LABEL):
        return "Argo CD", f"application {instance}", f"label {ARGO_LABEL}"
    return None


def _flux(live: LiveObject) -> tuple[_Told | None, ...]:
    return tuple(
        (
            "Flux",
            f"{kind} {_qualified(live.labels.get(f'{prefix}/namespace', ''), name)}",
            f"label {prefix}/name",
        )
        if (name := live.labels.get(f"{prefix}/name"))
        else None
        for prefix, kind in ((FLUX_HELM, "HelmRelease"), (FLUX_KUSTOMIZE, "Kustomization"))
    )


def _helm(live: LiveObject) -> _Told | None:
    """The label alone is not enough: charts that kustomize inflates have it too."""
    release = live.annotations.get(HELM_RELEASE)
    if not release or live.labels.get(HELM_MANAGED) != "Helm":
        return None
    where = live.annotations.get(HELM_NAMESPACE, "")
    return "Helm", f"release {_qualified(where, release)}", f"annotation {HELM_RELEASE}"


def _by_manager(live: LiveObject) -> _Told | None:
    for manager in live.managers:
        if tool := _MANAGERS.get(manager.lower()):
            instance = live.labels.get(_INSTANCE, "")
            named = f"application {instance}" if tool == "Argo CD" and instance else ""
            return tool, named, f"field manager {manager}"
    return None


def _qualified(namespace: str, name: str) -> str:
    return f"{namespace}/{name}" if namespace else name
