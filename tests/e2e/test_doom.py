"""What will not become ready is told within 15 s of the evidence, with its reason and its mend."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from seedcore_deploy.judge.doom import NOTICED_S
from seedcore_deploy.judge.missing_objects import CONFIGMAP_S, SECRET_S
from seedcore_deploy.judge.operator import OPERATOR_S
from seedcore_deploy.judge.refusals import DENIED_S
from seedcore_deploy.judge.times import REFUSED_S
from seedcore_deploy.judge.unschedulable import UNPLACED_S
from tests.support import registry
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

IN_TIME_S = 15.0
IN_VAIN = "this will not become ready by itself:"
API, HEAD_POD = "app=seedcore-api", "ray.io/node-type=head"


def epoch(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def newest(tiny: Tiny, selector: str) -> Any:
    pods = tiny.get("pod", "-l", selector)["items"]
    return max(pods, key=lambda pod: str(pod["metadata"]["creationTimestamp"]))


def condition(thing: Any, kind: str) -> Any:
    (found,) = (each for each in thing["status"]["conditions"] if each["type"] == kind)
    return found


def first_event(tiny: Tiny, reason: str, name: str) -> float:
    selector = f"reason={reason},involvedObject.name={name}"
    events = tiny.get("event", "--field-selector", selector)["items"]
    return min(epoch(each["firstTimestamp"]) for each in events)


def failed_first(tiny: Tiny) -> float:
    """When the kubelet said for the first time that the API's container cannot be made."""
    return first_event(tiny, "Failed", newest(tiny, API)["metadata"]["name"])


def missing_for(patience_s: float) -> Callable[[Tiny], float]:
    def due(tiny: Tiny) -> float:
        begun = epoch(condition(newest(tiny, API), "Initialized")["lastTransitionTime"])
        return max(begun + patience_s, failed_first(tiny))

    return due


def not_mounted(tiny: Tiny) -> float:
    pod = newest(tiny, API)
    placed = epoch(condition(pod, "PodScheduled")["lastTransitionTime"])
    warned = first_event(tiny, "FailedMount", pod["metadata"]["name"])
    return max(placed + SECRET_S, warned)


def last_crash(selector: str) -> Callable[[Tiny], float]:
    def due(tiny: Tiny) -> float:
        (state,) = newest(tiny, selector)["status"]["containerStatuses"]
        return epoch(state["lastState"]["terminated"]["finishedAt"])

    return due


def unplaced(tiny: Tiny) -> float:
    return epoch(condition(newest(tiny, API), "PodScheduled")["lastTransitionTime"]) + UNPLACED_S


def refused(kind: str, reason: str, patience_s: float) -> Callable[[Tiny], float]:
    """The first try that failed after the patience; what makes pods tries ever more seldom."""

    def due(tiny: Tiny) -> float:
        selector = f"reason={reason},involvedObject.kind={kind}"
        events = tiny.get("event", "--field-selector", selector)["items"]
        newest = max(events, key=lambda each: str(each["lastTimestamp"]))
        name = newest["involvedObject"]["name"]
        mine = [each for each in events if each["involvedObject"]["name"] == name]
        first = min(epoch(each["firstTimestamp"]) for each in mine)
        return max(first + patience_s, epoch(newest["lastTimestamp"]))

    return due


def spec_refused(tiny: Tiny) -> float:
    return first_event(tiny, "InvalidRayClusterSpec", "seedcore")


def unnoticed(tiny: Tiny) -> float:
    return epoch(tiny.get("raycluster/seedcore")["metadata"]["creationTimestamp"]) + OPERATOR_S


@contextlib.contextmanager
def nothing(tiny: Tiny) -> Iterator[None]:
    yield


@contextlib.contextmanager
def from_nothing(tiny: Tiny) -> Iterator[None]:
    """Without a head of before, which apply would not replace."""
    tiny.clear()
    yield
    tiny.clear()


@contextlib.contextmanager
def quota(tiny: Tiny, pods: int = 0) -> Iterator[None]:
    """Room for so many pods."""
    tiny.create(
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "no-pods"},
            "spec": {"hard": {"pods": str(pods)}},
        }
    )
    tiny.kubectl("wait", "resourcequota/no-pods", "--for=jsonpath={.status.used.pods}")
    yield
    tiny.kubectl("delete", "resourcequota", "no-pods")


@contextlib.contextmanager
def quota_from_nothing(tiny: Tiny) -> Iterator[None]:
    """Room for the registry and the clients, whose pods are made before the head's."""
    with from_nothing(tiny), quota(tiny, pods=3):
        yield


@contextlib.contextmanager
def pod_security(tiny: Tiny) -> Iterator[None]:
    label = "pod-security.kubernetes.io/enforce"
    tiny.bench.kubectl("label", "namespace", tiny.namespace, f"{label}=restricted")
    yield
    tiny.bench.kubectl("label", "namespace", tiny.namespace, f"{label}-")


@contextlib.contextmanager
def policy(tiny: Tiny) -> Iterator[None]:
    """An admission policy that denies the API's pods, in this namespace only."""
    name = f"deny-api-{tiny.namespace}"
    here = {"matchLabels": {"kubernetes.io/metadata.name": tiny.namespace}}
    pods = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}
    kind = {"apiVersion": "admissionregistration.k8s.io/v1", "metadata": {"name": name}}
    rule = "!has(object.metadata.labels.app) || object.metadata.labels.app != 'seedcore-api'"
    tiny.create(
        {
            **kind,
            "kind": "ValidatingAdmissionPolicy",
            "spec": {
                "matchConstraints": {"resourceRules": [{**pods, "operations": ["CREATE"]}]},
                "validations": [{"expression": rule, "message": "no API today"}],
            },
        }
    )
    binding = {"policyName": name, "validationActions": ["Deny"]}
    tiny.create(
        {
            **kind,
            "kind": "ValidatingAdmissionPolicyBinding",
            "spec": {**binding, "matchResources": {"namespaceSelector": here}},
        }
    )
    _await_denial(tiny)
    yield
    tiny.bench.kubectl("delete", "validatingadmissionpolicybinding", name)
    tiny.bench.kubectl("delete", "validatingadmissionpolicy", name)


def _await_denial(tiny: Tiny) -> None:
    """A policy takes a moment to be in force."""
    probe = json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "probe", "labels": {"app": "seedcore-api"}},
            "spec": {"containers": [{"name": "c", "image": "x"}]},
        }
    )
    words = ("kubectl", "-n", tiny.namespace, "create", "--dry-run=server", "-f", "-")
    deadline = time.monotonic() + 60
    while "no API today" not in tiny.bench.run(*words, stdin=probe).err:
        assert time.monotonic() < deadline, "the policy is not in force"


@contextlib.contextmanager
def configmap_that_goes(tiny: Tiny) -> Iterator[None]:
    """It is there when apply looks, and goes while the API's init container runs."""
    tiny.kubectl("create", "configmap", "goes", "--from-literal=x=y")

    def take_away() -> None:
        running = "--for=jsonpath={.status.initContainerStatuses[0].state.running}"
        for condition in ("--for=create", running):
            tiny.kubectl("wait", condition, "pod", "-l", "waits=once", "--timeout=120s")
        tiny.kubectl("delete", "configmap", "goes")

    thread = threading.Thread(target=take_away)
    thread.start()
    yield
    thread.join()


@contextlib.contextmanager
def paused(tiny: Tiny) -> Iterator[None]:
    tiny.kubectl("rollout", "pause", "deployment/seedcore-api")
    yield
    tiny.kubectl("rollout", "resume", "deployment/seedcore-api")


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


def params(cases: Sequence[Case]) -> list[Any]:
    """The cases, each under its name."""
    long = (pytest.mark.long,)
    return [pytest.param(case, id=case.name, marks=long if case.long else ()) for case in cases]


def check(tiny: Tiny, case: Case) -> None:
    with case.around(tiny):
        ended = tiny.apply(*case.patches)
        told = time.time()
        due = case.due(tiny) if case.due else told

    assert ended.code == 1, str(ended)
    assert ended.out == ""
    _, _, report = ended.err.partition(IN_VAIN)
    assert f"  {case.subject}" in report, str(ended)
    for word in case.words:
        assert word in report, str(ended)
    assert case.silent_of not in report
    assert "mend:" in report
    assert told - due <= IN_TIME_S, f"{told - due:.1f} s after the evidence: {ended}"


@pytest.mark.parametrize("case", params(CLIENT_CASES))
def test_doom_of_a_client_is_told_in_time(tiny: Tiny, case: Case) -> None:
    check(tiny, case)


@pytest.mark.long
def test_rollout_that_kubernetes_gave_up_is_told(tiny: Tiny) -> None:
    never = {"exec": {"command": ["false"]}, "periodSeconds": 1, "timeoutSeconds": 30}
    deadline = {"op": "add", "path": "/spec/progressDeadlineSeconds", "value": 5}
    patch = on_api(deadline, container(POD, "readinessProbe", never))

    began = time.time()
    ended = tiny.apply(patch, timeout="4m")
    told = time.time()

    assert ended.code == 1, str(ended)
    assert "deployment/seedcore-api: Kubernetes gave its rollout up" in ended.err
    assert "ProgressDeadlineExceeded" in ended.err
    assert told - began <= NOTICED_S + 2 * IN_TIME_S, f"{told - began:.1f} s: {ended}"


def test_client_that_crashes_beside_a_head_that_has_long_been_ready_is_told(tiny: Tiny) -> None:
    crashes = on_api(container(POD, "command", shell("echo no module >&2; exit 3")))

    ended = tiny.apply(crashes, timeout="5m")

    assert ended.code == 1, str(ended)
    assert "last with exit code 3" in ended.err
    assert "log: no module" in ended.err
    ready = condition(newest(tiny, HEAD_POD), "Ready")["lastTransitionTime"]
    assert time.time() - epoch(ready) >= 90


def test_terminal_has_a_line_for_each_thing_that_is_waited_for(tiny: Tiny) -> None:
    """The lines are redrawn in place, and gone when the doom is told."""
    words = tiny.words(on_api(container(POD, "image", "Also_Not_Valid::1")))
    ours, theirs = pty.openpty()
    environment = {**tiny.bench.environment, "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(
        ("seedcore-deploy", *words),
        stderr=theirs,
        stdout=subprocess.DEVNULL,
        env=environment,
        cwd=tiny.bench.cwd,
    ) as program:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # the terminal's other end is closed
            while part := os.read(ours, 65536):
                shown += part
    os.close(ours)
    text = shown.decode()

    assert program.returncode == 1
    assert "waiting:" not in text
    assert re.search(r"pod/seedcore-api-\S+\x1b\S+ +\d+ s +\S", text), text
    assert "\x1b[2K" in text
    assert "InvalidImageName" in text.partition(IN_VAIN)[2]


@pytest.mark.parametrize("case", params(CLUSTER_CASES))
def test_doom_of_the_cluster_is_told_in_time(tiny: Tiny, case: Case) -> None:
    check(tiny, case)


def test_what_apply_can_mend_is_no_doom(tiny: Tiny) -> None:
    """The head crashes for a mistake; once that is mended, apply goes on from there."""
    tiny.clear()
    broken = tiny.apply(on_head(container(HEAD, "command", shell("exit 3"))))
    assert broken.code == 1, str(broken)

    with tiny.applying() as run:
        run.await_line("done:    pod/seedcore-head-")
        told = run.interrupt()

    assert IN_VAIN not in told
