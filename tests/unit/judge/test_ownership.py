from __future__ import annotations

from collections.abc import Mapping

import pytest

from seedcore_deploy.judge.ownership import owned
from seedcore_deploy.model.live import LiveObject

NOTHING: Mapping[str, str] = {}


def deployment(
    labels: Mapping[str, str] = NOTHING,
    annotations: Mapping[str, str] = NOTHING,
    managers: tuple[str, ...] = (),
) -> LiveObject:
    return LiveObject("apps", "Deployment", "api", "ns", labels, annotations, managers)


HELM = {"app.kubernetes.io/managed-by": "Helm"}
RELEASE = {"meta.helm.sh/release-name": "ray", "meta.helm.sh/release-namespace": "ns"}


@pytest.mark.parametrize(
    ("live", "told"),
    [
        (
            deployment({"argocd.argoproj.io/instance": "seedcore"}),
            "Argo CD, application seedcore; label argocd.argoproj.io/instance",
        ),
        (
            deployment(
                annotations={
                    "argocd.argoproj.io/tracking-id": "seedcore:apps/Deployment:ns/api",
                }
            ),
            "Argo CD, application seedcore; annotation argocd.argoproj.io/tracking-id",
        ),
        (deployment(HELM, RELEASE), "Helm, release ns/ray; annotation meta.helm.sh/release-name"),
        (
            deployment(
                {
                    "kustomize.toolkit.fluxcd.io/name": "apps",
                    "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
                }
            ),
            "Flux, Kustomization flux-system/apps; label kustomize.toolkit.fluxcd.io/name",
        ),
        (
            deployment({**HELM, "helm.toolkit.fluxcd.io/name": "ray"}, RELEASE),
            "Flux, HelmRelease ray; label helm.toolkit.fluxcd.io/name",
        ),
        (
            deployment({"app.kubernetes.io/instance": "seedcore"}, managers=("argocd-controller",)),
            "Argo CD, application seedcore; field manager argocd-controller",
        ),
        (
            deployment(managers=("kubectl-client-side-apply", "kustomize-controller")),
            "Flux; field manager kustomize-controller",
        ),
        (deployment(managers=("Helm",)), "Helm; field manager Helm"),
    ],
)
def test_owner_is_named_with_what_tells_it(live: LiveObject, told: str) -> None:
    (found,) = owned([live])

    assert str(found) == f"deployment/api ({told})"


@pytest.mark.parametrize(
    "live",
    [
        deployment(),
        deployment(managers=("kubectl-client-side-apply", "kube-controller-manager", "kubectl")),
        deployment({"app.kubernetes.io/instance": "seedcore", **HELM}),
        deployment(annotations=RELEASE),
    ],
)
def test_what_nobody_else_applies_has_no_owner(live: LiveObject) -> None:
    assert owned([live]) == ()


def test_tracking_id_that_was_copied_from_another_object_does_not_count() -> None:
    copied = {"argocd.argoproj.io/tracking-id": "seedcore:apps/Deployment:ns/other"}

    assert owned([deployment(annotations=copied)]) == ()
