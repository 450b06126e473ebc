"""What will not become ready, a row each: how it is made, and what must be said of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from seedcore_deploy.judge.missing_objects import CONFIGMAP_S, SECRET_S
from seedcore_deploy.judge.refusals import DENIED_S
from seedcore_deploy.judge.times import REFUSED_S
from tests.support import registry
from tests.support.breakages import (
    configmap_that_goes,
    from_nothing,
    nothing,
    paused,
    pod_security,
    policy,
    quota,
    quota_from_nothing,
)
from tests.support.evidence import (
    API,
    HEAD_POD,
    failed_first,
    last_crash,
    missing_for,
    not_mounted,
    refused,
    spec_refused,
    unnoticed,
    unplaced,
)
from tests.support.tiny import (
    FIRST,
    HEAD,
    IMAGE,
    POD,
    Patch,
    Tiny,
    container,
    on_api,
    on_head,
    one_worker,
    shell,
)


@dataclass(frozen=True, slots=True)
class Case:
    """What is broken, what must be said of it, and when the evidence was there."""

    name: str
    patches: tuple[Patch, ...]
    subject: str
    words: tuple[str, ...]
    due: Callable[[Tiny], float] | None
    around: Callable[[Tiny], contextlib.AbstractContextManager[None]] = nothing
    silent_of: str = "no such words"
    long: bool = False
    """Where a quick sibling shows the same."""


def env(**reference: Mapping[str, str]) -> Mapping[str, Any]:
    entry = {"name": "SETTING", "valueFrom": reference}
    return {"op": "add", "path": f"{POD}{FIRST}/env", "value": [entry]}


WAITS = (
    {"op": "add", "path": f"{POD}/metadata/labels/waits", "value": "once"},
    {
        "op": "add",
        "path": f"{POD}/spec/initContainers",
        "value": [{"name": "waits", "image": IMAGE, "command": ["sleep", "6"]}],
    },
)
EATS_MEMORY = ["python", "-c", "print('eating', flush=True); x = b'x' * 400_000_000"]
NO_NODE = {"op": "add", "path": f"{POD}/spec/nodeSelector", "value": {"disk": "none-has-it"}}
REDIS = {"name": "RAY_REDIS_ADDRESS", "value": "redis:6379"}
ANOTHER = {"op": "add", "path": f"{POD}/metadata/annotations", "value": {"another": "revision"}}
VOLUME = (
    {
        "op": "add",
        "path": f"{POD}/spec/volumes/-",
        "value": {"name": "v", "secret": {"secretName": "nowhere"}},
    },
    {
        "op": "add",
        "path": f"{POD}{FIRST}/volumeMounts/-",
        "value": {"name": "v", "mountPath": "/v"},
    },
)

CLIENT_CASES = (
    Case(
        "image that is not found",
        (on_api(container(POD, "image", registry.NOT_FOUND)),),
        "pod/seedcore-api-",
        (f"image {registry.NOT_FOUND} was not found", "push it"),
        failed_first,
    ),
    Case(
        "image that may not be pulled",
        (on_api(container(POD, "image", registry.NOT_ALLOWED)),),
        "pod/seedcore-api-",
        (f"image {registry.NOT_ALLOWED} may not be pulled", "401", "imagePullSecret"),
        failed_first,
        long=True,
    ),
    Case(
        "image without a valid name",
        (on_api(container(POD, "image", "Not_Valid::1")),),
        "pod/seedcore-api-",
        ("InvalidImageName", "Not_Valid::1"),
        failed_first,
        long=True,
    ),
    Case(
        "ConfigMap that goes before the container starts",
        (on_api(*WAITS, env(configMapKeyRef={"name": "goes", "key": "x"})),),
        "pod/seedcore-api-",
        ("CreateContainerConfigError", "configmap/goes does not exist", "make configmap/goes"),
        missing_for(CONFIGMAP_S),
        configmap_that_goes,
        long=True,
    ),
    Case(
        "key that a ConfigMap does not have",
        (on_api(env(configMapKeyRef={"name": "kube-root-ca.crt", "key": "nowhere"})),),
        "pod/seedcore-api-",
        ("CreateContainerConfigError", "key nowhere of configmap/kube-root-ca.crt does not exist"),
        missing_for(CONFIGMAP_S),
        long=True,
    ),
    Case(
        "Secret that is missing",
        (on_api(env(secretKeyRef={"name": "nowhere", "key": "x"})),),
        "pod/seedcore-api-",
        ("CreateContainerConfigError", "secret/nowhere does not exist"),
        missing_for(SECRET_S),
        long=True,
    ),
    Case(
        "volume of a Secret that is missing",
        (on_api(*VOLUME),),
        "pod/seedcore-api-",
        ("FailedMount", "secret/nowhere does not exist"),
        not_mounted,
        long=True,
    ),
    Case(
        "command that is not in the image",
        (on_api(container(POD, "command", ["no-such-program"])),),
        "pod/seedcore-api-",
        ("StartError", "no-such-program", "name a command"),
        last_crash(API),
    ),
    Case(
        "node that is not there",
        (on_api(NO_NODE),),
        "pod/seedcore-api-",
        ("Unschedulable", "didn't match Pod's node affinity/selector", "nodeSelector"),
        unplaced,
        long=True,
    ),
    Case(
        "quota that is used up",
        (on_api(ANOTHER),),
        "deployment/seedcore-api",
        ("FailedCreate", "exceeded quota: no-pods", "resourcequota/no-pods"),
        refused("ReplicaSet", "FailedCreate", REFUSED_S),
        quota,
        long=True,
    ),
    Case(
        "pod that pod security forbids",
        (on_api(container(POD, "securityContext", {"privileged": True})),),
        "deployment/seedcore-api",
        ("FailedCreate", "violates PodSecurity", "privileged", "securityContext"),
        refused("ReplicaSet", "FailedCreate", DENIED_S),
        pod_security,
    ),
    Case(
        "pod that an admission policy denies",
        (on_api(container(POD, "stdin", True)),),
        "deployment/seedcore-api",
        ("FailedCreate", "no API today"),
        refused("ReplicaSet", "FailedCreate", DENIED_S),
        policy,
        long=True,
    ),
    Case(
        "rollout that is paused",
        (on_api(container(POD, "stdin", True)),),
        "deployment/seedcore-api",
        ("paused", "rollout resume deployment/seedcore-api"),
        None,
        paused,
    ),
)
"""They go first, so that the head has long been ready when its age counts."""
CLUSTER_CASES = (
    Case(
        "head that crashes, and the worker that waits for it",
        (
            on_head(container(HEAD, "command", shell("echo no such option >&2; exit 3"))),
            one_worker(),
        ),
        "pod/seedcore-head-",
        ("last with exit code 3", "log: no such option", "--previous"),
        last_crash(HEAD_POD),
        from_nothing,
        silent_of="pod/seedcore-workers-",
    ),
    Case(
        "head out of memory",
        (
            on_head(
                container(HEAD, "command", EATS_MEMORY),
                container(HEAD, "resources", {"limits": {"memory": "64Mi"}}),
            ),
        ),
        "pod/seedcore-head-",
        ("OOMKilled, exit code 137", "log: eating", "memory limit of 64Mi"),
        last_crash(HEAD_POD),
        from_nothing,
        long=True,
    ),
    Case(
        "quota that takes no head",
        (),
        "raycluster/seedcore",
        ("FailedCreate", "exceeded quota: no-pods", "resourcequota/no-pods"),
        refused("RayCluster", "FailedToCreateHeadPod", REFUSED_S),
        quota_from_nothing,
        long=True,
    ),
    Case(
        "RayCluster that KubeRay refuses",
        (on_head(container(HEAD, "env", [REDIS])),),
        "raycluster/seedcore",
        ("InvalidRayClusterSpec", "GcsFaultToleranceOptions is not set"),
        spec_refused,
        from_nothing,
    ),
    Case(
        "RayCluster that no operator looks after",
        (on_head({"op": "add", "path": "/spec/managedBy", "value": "kueue.x-k8s.io/multikueue"}),),
        "raycluster/seedcore",
        ("the KubeRay operator does not run", "app.kubernetes.io/name=kuberay-operator"),
        unnoticed,
        from_nothing,
        long=True,
    ),
)
