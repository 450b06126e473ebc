"""The pods: a head as KubeRay 1.6.1 starts it for deploy/kustomize/base, and a standing client."""

from __future__ import annotations

from rayclientrace.model import Variant

LABEL = "seedcore.dev/ray-client-race"
"""On the namespace, with a value of this run's own: only what this run made is deleted."""

CLIENT = "client"
FORK_SUPPORT = {"name": "GRPC_ENABLE_FORK_SUPPORT", "value": "0"}
FAULTHANDLER = {"name": "PYTHONFAULTHANDLER", "value": "1"}
START = (
    "ulimit -n 65536; ray start --head --block --dashboard-agent-listen-port=52365 "
    "--dashboard-host=0.0.0.0 --memory=3221225472 --metrics-export-port=8080 --num-cpus=1 "
    "--object-store-memory=100000000"
)
"""KubeRay's own command for the head of deploy/kustomize/base, from the pod's args."""

Manifest = dict[str, object]


def namespace(name: str, run: str) -> Manifest:
    """Return the namespace with this run's label."""
    metadata = {"name": name, "labels": {LABEL: run}}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def head_name(number: int, variant: Variant) -> str:
    """Return a name that no other head of the run has."""
    return f"head-{number}-{variant}"


def head(number: int, variant: Variant, image: str, *, trace: bool) -> Manifest:
    """Return a bare head; Ready as soon as its client port accepts, looked at once a second."""
    env = [FORK_SUPPORT] if variant is Variant.WITH else []
    container: Manifest = {
        "name": "ray-head",
        "image": image,
        "command": ["/bin/bash", "-c", "--"],
        "args": [START],
        "env": env + ([FAULTHANDLER] if trace else []),
        "readinessProbe": {
            "tcpSocket": {"port": 10001},
            "periodSeconds": 1,
            "failureThreshold": 1,
        },
        "resources": {
            "requests": {"cpu": "250m", "memory": "1Gi"},
            "limits": {"memory": "3Gi"},
        },
    }
    return _pod(head_name(number, variant), container)


def client(image: str) -> Manifest:
    """Return the pod that every connection comes from; it only waits."""
    container: Manifest = {
        "name": "client",
        "image": image,
        "command": ["sleep", "infinity"],
        "resources": {
            "requests": {"cpu": "100m", "memory": "256Mi"},
            "limits": {"memory": "1Gi"},
        },
    }
    return _pod(CLIENT, container)


def _pod(name: str, container: Manifest) -> Manifest:
    security = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    container |= {"imagePullPolicy": "IfNotPresent", "securityContext": security}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {
            "restartPolicy": "Never",
            "enableServiceLinks": False,
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 1,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 1000,
                "runAsGroup": 1000,
                "fsGroup": 1000,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [container],
        },
    }
