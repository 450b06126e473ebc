"""The addresses of a native cluster; all but the veth pair exist only inside it."""

from __future__ import annotations

from dataclasses import dataclass

BRIDGE = "10.244.0.1"
"""The node's address, on the bridge of the pods."""

POD_NETWORK = "10.244.0.0/16"
SERVICE_NETWORK = "10.96.0.0/16"
KUBERNETES_SERVICE = "10.96.0.1"
API_PORT = 6443
HIGHEST_INDEX = 63
"""172.31.255.252/30 is the last network of four addresses in 172.31.255.0/24."""


@dataclass(frozen=True, slots=True)
class Veth:
    """The one link between a cluster and the machine, by the cluster's index."""

    index: int

    @property
    def outside(self) -> str:
        """Name of the end that the machine sees."""
        return f"scd{self.index}"

    @property
    def inside(self) -> str:
        """Name of the end that the cluster sees."""
        return "machine0"

    @property
    def outside_address(self) -> str:
        """Address of the machine's end."""
        return f"172.31.255.{4 * self.index + 1}"

    @property
    def inside_address(self) -> str:
        """Address of the cluster's end, where the API server is reached."""
        return f"172.31.255.{4 * self.index + 2}"
