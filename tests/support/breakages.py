"""What is broken around an apply, and mended when the block ends."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator

from .tiny import Tiny


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
