"""What is really sent: the render, with a label of ours and the live worker numbers in it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from seedcore_deploy.model.live import OVERLAY_LABEL, OWN_NUMBERS, KeptNumber, LiveWorkers
from seedcore_deploy.sources.rendered import RenderedOverlay, object_name
from seedcore_deploy.sources.yaml_documents import Document, documents
from seedcore_deploy.sources.yaml_edits import Edit, edited

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
    step: RenderedOverlay, label: str, kept: Sequence[KeptNumber], live: Sequence[LiveWorkers]
) -> RenderedOverlay:
    """The step as it is sent. Labels go on the objects only, never on templates or selectors.

    Raises UsageError for a render that cannot be changed in place.
    """
    edits = [
        edit
        for index, document in enumerate(step.documents)
        for path, value in (
            (("metadata", "labels", OVERLAY_LABEL), label),
            *_numbers(document, kept, live),
        )
        for edit in (Edit(index, path, value),)
    ]
    source = f"the render of {step.name}"
    text = edited(step.text, edits, source)
    return replace(step, text=text, documents=documents(text, source))


def _numbers(
    document: Document, kept: Iterable[KeptNumber], live: Iterable[LiveWorkers]
) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    name = object_name(document)
    if (name.group, name.kind) != ("ray.io", "RayCluster"):
        return
    own: dict[str, dict[str, int | None]] = {}
    groups = (document.get("spec") or {}).get("workerGroupSpecs") or ()
    for index, group in enumerate(groups):
        place: tuple[str | int, ...] = ("spec", "workerGroupSpecs", index)
        here = (name.name, str(group.get("groupName")))
        for each in kept:
            if (each.raycluster, each.group) == here:
                yield (*place, str(each.number)), each.live
                own.setdefault(each.group, {})[str(each.number)] = each.overlay
        leaving = _leaving(live, *here)
        if leaving and "scaleStrategy" not in group:
            yield (*place, "scaleStrategy"), {"workersToDelete": list(leaving)}
    if own:
        yield ("metadata", "annotations", OWN_NUMBERS), json.dumps(own, sort_keys=True)


def _leaving(live: Iterable[LiveWorkers], raycluster: str, group: str) -> tuple[str, ...]:
    """What the autoscaler has chosen to go would come back with a list that is replaced whole."""
    for each in live:
        found = each.live.group(group) if each.live.raycluster == raycluster else None
        if found is not None:
            return found.leaving
    return ()
