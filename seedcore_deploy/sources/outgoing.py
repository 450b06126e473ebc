"""What is really sent: the render, with a label of ours and the live numbers in it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.live import OVERLAY_LABEL, OWN_NUMBERS, KeptNumber, LiveWorkers
from seedcore_deploy.model.replicas import KeptReplicas
from seedcore_deploy.sources.rendered import RenderedOverlay, object_name
from seedcore_deploy.sources.yaml_documents import Document, documents
from seedcore_deploy.sources.yaml_edits import Edit, edited

Kept: TypeAlias = KeptNumber | KeptReplicas
"""A live number that goes out in place of the overlay's own."""

_Place: TypeAlias = tuple[str | int, ...]
_GROUPS: dict[str, _Place] = {
    "RayCluster": ("spec", "workerGroupSpecs"),
    "RayService": ("spec", "rayClusterConfig", "workerGroupSpecs"),
}
_LONGEST_LABEL = 63
_DIGEST = 8


def overlay_label(directory: Path, root: Path | None) -> str:
    """The overlay's name as a label's value: the same in every checkout of the repository.

    `root` is the repository; an overlay outside of it is known by its place on this machine.
    """
    place = directory.resolve()
    within = root is not None and place.is_relative_to(root.resolve())
    text = place.relative_to(root.resolve()).as_posix() if within and root else place.as_posix()
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGEST]
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", place.name).strip("-._")
    return f"{name[: _LONGEST_LABEL - _DIGEST - 1]}-{digest}".lstrip("-._")


def outgoing(
    step: RenderedOverlay, label: str, kept: Sequence[Kept], live: Sequence[LiveWorkers]
) -> RenderedOverlay:
    """The step as it is sent. Labels go on the objects only, never on templates or selectors.

    Raises UsageError for a render that cannot be changed in place.
    """
    edits = [
        edit
        for index, document in enumerate(step.documents)
        for path, value in (
            (("metadata", "labels", OVERLAY_LABEL), label),
            *_replicas(document, kept),
            *_numbers(document, kept, live),
        )
        for edit in (Edit(index, path, value),)
    ]
    source = f"the render of {step.name}"
    text = edited(step.text, edits, source)
    return replace(step, text=text, documents=documents(text, source))


def _replicas(document: Document, kept: Iterable[Kept]) -> Iterator[tuple[_Place, Any]]:
    name = object_name(document)
    for each in kept:
        here = Subject(name.kind, name.name)
        if isinstance(each, KeptReplicas) and (name.group, here) == ("apps", each.workload):
            yield ("spec", "replicas"), each.live
            own = json.dumps({"replicas": each.overlay})
            yield ("metadata", "annotations", OWN_NUMBERS), own


def _numbers(
    document: Document, kept: Iterable[Kept], live: Iterable[LiveWorkers]
) -> Iterator[tuple[_Place, Any]]:
    name = object_name(document)
    if name.group != "ray.io" or name.kind not in _GROUPS:
        return
    own: dict[str, dict[str, int | None]] = {}
    found: Any = document
    for step in _GROUPS[name.kind]:
        found = (found or {}).get(step)
    for index, group in enumerate(found or ()):
        place = (*_GROUPS[name.kind], index)
        here = (Subject(name.kind, name.name), str(group.get("groupName")))
        for each in kept:
            if isinstance(each, KeptNumber) and (each.owner, each.group) == here:
                yield (*place, str(each.number)), each.live
                own.setdefault(each.group, {})[str(each.number)] = each.overlay
        leaving = _leaving(live, *here)
        if leaving and "scaleStrategy" not in group:
            yield (*place, "scaleStrategy"), {"workersToDelete": list(leaving)}
    if own:
        yield ("metadata", "annotations", OWN_NUMBERS), json.dumps(own, sort_keys=True)


def _leaving(live: Iterable[LiveWorkers], owner: Subject, group: str) -> tuple[str, ...]:
    """What the autoscaler has chosen to go would come back with a list that is replaced whole."""
    for each in live:
        found = each.live.group(group) if each.live.owner == owner else None
        if found is not None:
            return found.leaving
    return ()
