"""Layer 1: what the rendered overlay says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from seedcore_deploy.errors import UsageError
from seedcore_deploy.model.disclosure import Discloser
from seedcore_deploy.model.snapshot import Manifests
from seedcore_deploy.observe import objects
from seedcore_deploy.observe.containers import Json

T = TypeVar("T")


def manifests_from_documents(
    documents: Sequence[Json], overlay: str, discloser: Discloser
) -> Manifests:
    """The rendered documents in the same shapes as the live objects.

    Raises UsageError, naming the object, for one that is not shaped as Kubernetes wants it.
    """

    def parsed(kinds: tuple[str, ...], parse: Callable[[Json], T]) -> tuple[T, ...]:
        return tuple(
            _shaped(each, parse, overlay) for each in documents if each.get("kind") in kinds
        )

    return Manifests(
        overlay=overlay,
        configmaps=parsed(("ConfigMap",), lambda each: objects.configmap(each, discloser)),
        rayclusters=parsed(objects.RAY_KINDS, lambda each: objects.raycluster(each, discloser)),
        workloads=parsed(objects.WORKLOAD_KINDS, lambda each: objects.workload(each, discloser)),
        services=parsed(("Service",), objects.service),
    )


def _shaped(document: Json, parse: Callable[[Json], T], overlay: str) -> T:
    try:
        return parse(document)
    except (AttributeError, KeyError, TypeError, ValueError) as fault:
        metadata = document.get("metadata")
        name = metadata.get("name") if isinstance(metadata, dict) else None
        raise UsageError(
            f"{document.get('kind')} {name or '(without a name)'} of {overlay} is malformed: "
            f"{type(fault).__name__}: {fault}",
            "compare it with `kubectl explain`, and mend it",
        ) from fault
