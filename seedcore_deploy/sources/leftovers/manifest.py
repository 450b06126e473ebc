"""Kubernetes manifests: RAY_ADDRESS as a literal in a pod spec, or as a ConfigMap's key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seedcore_deploy.model.manifest_source import (
    KustomizationSource,
    Mention,
    Mentioned,
    ObjectSource,
)
from seedcore_deploy.model.setting import ADDRESS, Place, Setting
from seedcore_deploy.sources.manifest_objects import objects_in
from seedcore_deploy.sources.source_text import SourceText


def read_manifests(source: SourceText) -> tuple[Setting, ...]:
    """Where the objects of a file give RAY_ADDRESS a value. Raises YamlFault."""
    return tuple(settings_of(objects_in(source)))


def settings_of(objects: Iterable[ObjectSource]) -> Iterator[Setting]:
    """Where objects, or patches of them, give RAY_ADDRESS a value."""
    for each in objects:
        for mention in each.mentions:
            literal = mention.what in (Mentioned.ENV, Mentioned.DATA) and mention.value
            if mention.name == ADDRESS and literal:
                yield _setting(each, mention)


def literals_of(kustomizations: Iterable[KustomizationSource]) -> Iterator[Setting]:
    """Where the literals of a generator, in the kustomization itself, have RAY_ADDRESS."""
    for each in kustomizations:
        for generator in each.generators:
            for key in generator.keys:
                if key.key == ADDRESS and key.value and key.at.file == each.at.file:
                    edits = (key.removal,) if key.removal else ()
                    owner = f"configmap/{generator.configmap}"
                    yield Setting(
                        Place.MANIFEST, key.at, key.value, owner, "ConfigMap", edits=edits
                    )


def _setting(each: ObjectSource, mention: Mention) -> Setting:
    role = ""
    if "headGroupSpec" in mention.path:
        role = "head"
    elif "workerGroupSpecs" in mention.path:
        role = "worker"
    return Setting(
        Place.MANIFEST,
        mention.at,
        mention.value,
        f"{each.kind.lower() or 'patch'}/{each.name}",
        each.kind,
        role,
        each.document,
        () if each.patch or mention.what is Mentioned.DATA else mention.path[:-2],
        edits=(mention.removal,) if mention.removal else (),
    )
