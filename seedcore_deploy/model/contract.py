"""The contract: which ConfigMaps and RAY_* variables the pods of each role have."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

CLIENT_PORT = 10001
"""Port of Ray Client on the head service (Ray's default, and the document's)."""
GCS_PORT = 6379
DASHBOARD_PORT = 8265
SERVE_PORT = 8000
AUTO_CONNECT, AUTO_CONNECT_OFF = "RAY_ENABLE_AUTO_CONNECT", "0"
"""Ray 2.60.0, ray/_private/auto_init_hook.py: any value but 0 lets a bare .remote() call init()."""


class Role(StrEnum):
    """What a pod is to Ray."""

    HEAD = "head"
    WORKER = "worker"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class WorkloadContract:
    """The pods that `selector` picks have `role` and are judged in `container`.

    `container` empty means: KubeRay's own container (the one with KubeRay's start command, else
    index 0) for head and worker, and for clients the first container that reads the ConfigMaps.
    `required` workloads need a pod. `applications` are the Serve applications, by name, that its
    pods deploy to the Ray cluster, and deploy anew when there is a new head.
    """

    name: str
    role: Role
    selector: str
    container: str = ""
    required: bool = True
    applications: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contract:
    """Names and selectors; the values of variables are never here but in the manifests."""

    shared_configmap: str = "seedcore-env"
    client_configmap: str = "seedcore-client-env"
    workloads: tuple[WorkloadContract, ...] = (
        WorkloadContract("head", Role.HEAD, "ray.io/node-type=head", "ray-head"),
        WorkloadContract("worker", Role.WORKER, "ray.io/node-type=worker", required=False),
        WorkloadContract("api", Role.CLIENT, "app=seedcore-api"),
        WorkloadContract("serve", Role.CLIENT, "app=seedcore-serve", applications=("seedcore",)),
    )
    client_variables: tuple[str, ...] = (
        "RAY_ADDRESS",
        "RAY_NAMESPACE",
        "RAY_SERVE_ADDRESS",
        "RAY_DASHBOARD_ADDRESS",
    )
