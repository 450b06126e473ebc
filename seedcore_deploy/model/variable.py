"""One variable of one pod as a person reads it: the value, where it comes from, what departs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class OriginKind(StrEnum):
    """The kinds of places that put a variable into a container."""

    CONFIGMAP = "ConfigMap"
    SECRET = "Secret"  # noqa: S105 - the name of a kind
    WORKLOAD = "env"
    POD = "pod"
    KUBERAY = "KubeRay"
    SERVICE_LINK = "service link"
    IMAGE = "image or unknown"
    ENTRYPOINT = "entrypoint"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from: the kind of place, the object, and the key or entry in it."""

    kind: OriginKind
    name: str = ""
    key: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.kind.value, self.name, self.key) if part)


class LayerVerdict(StrEnum):
    """What comparing a variable's layers says; the first layer that departs names the cause."""

    AGREED = "agreed"
    NOT_APPLIED = "overlay not applied"
    STALE = "pod stale"
    ENTRYPOINT = "entrypoint changed it"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class VariableLine:
    """A RAY_* variable of a pod, with what each layer says of it.

    `layers` are ("manifest" | "cluster" | "container" | "process", displayed value) for each
    layer that exists; "(unset)" where the layer lacks the variable.
    """

    name: str
    value: str
    origin: Origin
    verdict: LayerVerdict
    layers: tuple[tuple[str, str], ...] = ()

    @property
    def layer(self) -> str:
        """The layer that `value` was read in: the last one that exists; "" where none could be."""
        return self.layers[-1][0] if self.layers else ""
