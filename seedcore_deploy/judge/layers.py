"""The four layers of each variable of a pod; the first one that departs names the cause."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from seedcore_deploy.judge.environment import Evaluation, Resolved, link_service, same
from seedcore_deploy.model.disclosure import EnvValue, is_connection_variable
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import PodFacts
from seedcore_deploy.model.variable import LayerVerdict, Origin, OriginKind, VariableLine


class Layer(StrEnum):
    """The places where a variable's value can be read, in the order in which it travels."""

    MANIFEST = "manifest"
    CLUSTER = "cluster"
    CONTAINER = "container"
    PROCESS = "process"


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a pod. A layer that is absent from `cells` could not be read there.

    In a cell None means that the layer lacks the variable. `opaque` layers set the variable to
    something that nobody can know (a Secret).
    """

    name: str
    cells: Mapping[Layer, EnvValue | None]
    origin: Origin
    verdict: LayerVerdict
    opaque: bool = False

    def live(self) -> tuple[bool, EnvValue | None]:
        """What the process has, else what the container was started with; (False, _): unread."""
        for layer in (Layer.PROCESS, Layer.CONTAINER):
            if layer in self.cells:
                return True, self.cells[layer]
        return False, None

    def is_stale_against_cluster(self) -> bool:
        """Whether the container differs from the cluster, whatever the manifests say."""
        if Layer.CLUSTER not in self.cells or Layer.CONTAINER not in self.cells:
            return False
        if self.origin.kind in (OriginKind.KUBERAY, OriginKind.SERVICE_LINK):
            return False
        return same(self.cells[Layer.CLUSTER], self.cells[Layer.CONTAINER]) is False

    def line(self) -> VariableLine:
        """The variable as the report shows it."""
        shown = tuple((layer.value, _display(value)) for layer, value in self.cells.items())
        last = "(hidden)" if not shown else shown[-1][1]
        return VariableLine(self.name, last, self.origin, self.verdict, shown)


def _display(value: EnvValue | None) -> str:
    return "(unset)" if value is None else value.display()


def read_layers(
    pod: PodFacts,
    planned: Evaluation | None,
    live: Evaluation | None,
    contracted: Collection[str],
    services: Collection[str] = (),
) -> tuple[Variable, ...]:
    """Every connection variable of the pod, by name.

    `planned` is layer 1 and `live` layer 2, each None where it could not be looked at.
    `contracted` are the names that matter though no template sets them.
    """
    started = pod.process.value.container if isinstance(pod.process, Seen) else None
    process = None
    if isinstance(pod.process, Seen) and isinstance(pod.process.value.process, Seen):
        process = pod.process.value.process.value
    names = {
        name
        for source in (
            planned.variables if planned else {},
            live.variables if live else {},
            started or {},
            process or {},
        )
        for name in source
        if is_connection_variable(name)
    }
    return tuple(
        _variable(name, planned, live, started, process, name in contracted, services)
        for name in sorted(names)
    )


def _variable(
    name: str,
    planned: Evaluation | None,
    live: Evaluation | None,
    started: Mapping[str, EnvValue] | None,
    process: Mapping[str, EnvValue] | None,
    contracted: bool,
    services: Collection[str],
) -> Variable:
    cells: dict[Layer, EnvValue | None] = {}
    first = planned.get(name) if planned else None
    second = live.get(name) if live else None
    injected = second is not None and second.origin.kind is OriginKind.KUBERAY
    if planned is not None and not injected and _is_known(planned, first):
        cells[Layer.MANIFEST] = first.value if first else None
    if live is not None and _is_known(live, second):
        cells[Layer.CLUSTER] = second.value if second else None
    if started is not None:
        cells[Layer.CONTAINER] = started.get(name)
    if process is not None:
        cells[Layer.PROCESS] = process.get(name)
    origin = _origin(name, first, second, cells, services)
    opaque = bool(second and second.value is None)
    return Variable(name, cells, origin, _verdict(cells, origin, contracted), opaque)


def _is_known(evaluation: Evaluation, resolved: Resolved | None) -> bool:
    if evaluation.blocking:
        return False  # the kubelet would start no container, so there is nothing to compare with
    if resolved is None:
        return not evaluation.open
    return resolved.certain and resolved.value is not None


def _origin(
    name: str,
    first: Resolved | None,
    second: Resolved | None,
    cells: Mapping[Layer, EnvValue | None],
    services: Collection[str],
) -> Origin:
    if second is not None:
        return second.origin
    started = cells.get(Layer.CONTAINER)
    if service := link_service(name, started, services) if started else "":
        return Origin(OriginKind.SERVICE_LINK, service)
    if started is None and cells.get(Layer.PROCESS) is not None:
        return Origin(OriginKind.ENTRYPOINT)
    return first.origin if first is not None else Origin(OriginKind.IMAGE)


def _verdict(
    cells: Mapping[Layer, EnvValue | None], origin: Origin, contracted: bool
) -> LayerVerdict:
    """The first departure. What KubeRay injects is its own, and an addition of no weight is none.

    A variable that only the container or only the process has departs only where the contract
    speaks of it: images and entrypoints may set what they like beside it.
    """
    order = [layer for layer in Layer if layer in cells]
    verdict = LayerVerdict.AGREED
    for earlier, later in itertools.pairwise(order):
        equal = same(cells[earlier], cells[later])
        if equal is None:
            verdict = LayerVerdict.UNKNOWN
        if equal is not False:
            continue
        if earlier is Layer.MANIFEST and later is not Layer.CLUSTER:
            verdict = LayerVerdict.UNKNOWN  # nobody saw where between the two it changed
            continue
        added = all(cells[layer] is None for layer in order[: order.index(later)])
        if later in (Layer.CONTAINER, Layer.PROCESS) and added and not contracted:
            continue
        if origin.kind is OriginKind.SERVICE_LINK and later is Layer.CONTAINER:
            continue
        if origin.kind is OriginKind.KUBERAY and later is not Layer.PROCESS:
            continue
        if origin.kind is OriginKind.KUBERAY and not contracted:
            continue
        return _CAUSE[later]
    return verdict


_CAUSE = {
    Layer.CLUSTER: LayerVerdict.NOT_APPLIED,
    Layer.CONTAINER: LayerVerdict.STALE,
    Layer.PROCESS: LayerVerdict.ENTRYPOINT,
}
