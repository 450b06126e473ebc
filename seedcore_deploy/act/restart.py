"""Replacing pods: clients by a rollout, Ray pods through the Eviction API."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from seedcore_deploy.act.ledger import Ledger
from seedcore_deploy.errors import Refused
from seedcore_deploy.kube.client import Connection
from seedcore_deploy.kube.errors import ApiError, Conflict, NotFound
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.snapshot import PodFacts

_BUDGET = re.compile(r"disruption budget|PodDisruptionBudget")
"""In the message of a 429, and of the 500 for a pod of two budgets (Kubernetes 1.34, eviction.go);
a 429 without it is an API server that has too much to do."""
_PATCH = "application/strategic-merge-patch+json"
_RESOURCES = {
    "Deployment": "deployments",
    "StatefulSet": "statefulsets",
    "DaemonSet": "daemonsets",
}


class BudgetForbids(Refused):
    """A PodDisruptionBudget keeps a pod from being evicted."""


def rollout_restart(
    connection: Connection, namespace: str, workload: Subject, ledger: Ledger
) -> None:
    """What `kubectl rollout restart` does. Raises ApiError, and Refused for other kinds."""
    resource = _RESOURCES.get(workload.kind)
    if resource is None:
        raise Refused(
            f"{workload} runs with old settings, and a {workload.kind} cannot be restarted",
            f"delete and make {workload} again",
        )
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    annotations = {"kubectl.kubernetes.io/restartedAt": now}
    patch = {"spec": {"template": {"metadata": {"annotations": annotations}}}}
    path = f"/apis/apps/v1/namespaces/{namespace}/{resource}/{workload.name}"
    connection.send("PATCH", path, patch, _PATCH, repeatable=True)
    ledger.record((f"{workload} restarted",))


def evict(connection: Connection, namespace: str, pod: PodFacts, ledger: Ledger) -> None:
    """Have this very pod replaced. A pod that is gone already is fine.

    Raises BudgetForbids (never forced), else ApiError.
    """
    body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": pod.name, "namespace": namespace},
        "deleteOptions": {"preconditions": {"uid": pod.uid}},
    }
    path = f"/api/v1/namespaces/{namespace}/pods/{pod.name}/eviction"
    try:
        connection.send("POST", path, body)
    except (NotFound, Conflict):
        return
    except ApiError as fault:
        if _BUDGET.search(fault.what):
            raise BudgetForbids(
                f"a PodDisruptionBudget forbids to evict pod/{pod.name}: {fault.what}",
                "wait until the budget allows it, or change it, and run apply again",
            ) from fault
        raise
    ledger.record((f"pod/{pod.name} evicted",))
