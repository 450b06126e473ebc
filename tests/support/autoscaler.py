"""A HorizontalPodAutoscaler that needs no metrics: it keeps within its bounds first."""

from __future__ import annotations

from typing import Any


def autoscaler(deployment: str, least: int) -> dict[str, Any]:
    """One of the Deployment's name, that wants so many pods at least."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": deployment}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": deployment},
        "spec": {"scaleTargetRef": target, "minReplicas": least, "maxReplicas": 5},
    }


def scaled_to(replicas: int) -> str:
    """What `kubectl wait` waits for."""
    return f"--for=jsonpath={{.spec.replicas}}={replicas}"
