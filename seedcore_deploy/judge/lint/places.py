"""Where in the source a finding about a render stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from seedcore_deploy.model.contract import Contract
from seedcore_deploy.model.finding import Finding
from seedcore_deploy.model.lint import Tree
from seedcore_deploy.model.manifest_source import (
    Mention,
    Mentioned,
    ObjectSource,
    TreeSource,
    YamlPath,
)
from seedcore_deploy.model.source import Position

_REFERENCES = (Mentioned.CONFIGMAP, Mentioned.CONFIGMAP_KEY)


def place_of(finding: Finding, tree: Tree, contract: Contract) -> Position:
    """The most telling place; the overlay's own file where nothing in it speaks of the subject."""
    subject = finding.subject
    found = (
        _of_configmap(finding, tree.source)
        if subject.kind == "ConfigMap"
        else _of_object(finding, tree, contract)
    )
    return next(found, tree.source.at)


def _of_configmap(finding: Finding, source: TreeSource) -> Iterator[Position]:
    name, key = finding.subject.name, finding.subject.detail
    if finding.rule == "SC205":
        yield from (each.affix for each in source.kustomizations if each.affix)
    generators = source.generators(name) or [
        generator
        for each in source.kustomizations
        for generator in each.generators
        if is_named(generator.configmap, name)
    ]
    plain = [
        each for each in source.objects if each.kind == "ConfigMap" and is_named(each.name, name)
    ]
    if key:
        for generator in generators:
            yield from (each.at for each in generator.keys if each.key == key)
        for each in plain:
            yield from (m.at for m in each.mentions if (m.what, m.name) == (Mentioned.DATA, key))
    yield from (generator.at for generator in generators)
    yield from (each.at for each in plain if not each.patch)
    for each in source.objects:
        yield from (m.at for m in each.mentions if m.what in _REFERENCES and m.name == name)


def _of_object(finding: Finding, tree: Tree, contract: Contract) -> Iterator[Position]:
    subject = finding.subject
    objects = list(objects_named(tree.source, subject.kind, subject.name))
    wanted = group_path(tree, subject.name, subject.detail)
    for what, name, key in _telling(finding, contract):
        yield from (
            each.at
            for each in _mentions(objects)
            if (each.what, each.name) == (what, name)
            and key in ("", each.value)
            and is_under(each.path, wanted)
        )
    own = [each for each in objects if not each.patch]
    if subject.kind.startswith("Ray"):
        yield from (
            each.at
            for each in _mentions(objects)
            if each.what is Mentioned.CONTAINER and wanted and is_under(each.path, wanted)
        )
    yield from (each.at for each in own)


def objects_named(source: TreeSource, kind: str, name: str) -> Iterator[ObjectSource]:
    """The sources of a rendered object: patches first, since they have the last word."""
    for patch in (True, False):
        for each in source.objects:
            fits = each.kind in ("", kind) if patch else each.kind == kind
            if each.patch is patch and fits and (is_named(each.name, name) or _targets(each, name)):
                yield each


def is_under(path: YamlPath, wanted: YamlPath) -> bool:
    """Whether a path leads through the wanted steps, in this order and one after the other."""
    size = len(wanted)
    return not wanted or any(
        path[start : start + size] == wanted for start in range(len(path) - size + 1)
    )


def _telling(finding: Finding, contract: Contract) -> Iterator[tuple[Mentioned, str, str]]:
    """The parts of an object that a finding of this rule is about, the most telling first.

    Each as what it is, what it names, and the key that it must have; "" where any will do.
    """
    detail = finding.subject.detail.split()
    variable = detail[-1] if detail else ""
    if finding.rule == "SC103":
        for what in _REFERENCES:
            yield what, contract.client_configmap, ""
    if finding.rule == "SC202":
        names = [word.removeprefix("configmap/") for word in detail]
        yield from ((Mentioned.CONFIGMAP_KEY, name, variable) for name in names)
        yield from ((what, name, "") for name in names for what in _REFERENCES)
    yield Mentioned.ENV, variable, ""


def group_path(tree: Tree, name: str, detail: str) -> YamlPath:
    """The steps that lead to a Ray group, told by its name or role; none for other objects."""
    first = detail.split(maxsplit=1)[0] if detail else ""
    if first in ("headgroup", "head"):
        return ("headGroupSpec",)
    if first == "worker":
        return ("workerGroupSpecs",)
    for manifests in (tree.manifests, *tree.others):
        for cluster in manifests.rayclusters if manifests else ():
            names = [group.name for group in cluster.groups[1:]]
            if cluster.declared == name and first in names:
                return ("workerGroupSpecs", names.index(first))
    return ()


def _mentions(objects: Iterable[ObjectSource]) -> Iterator[Mention]:
    return (mention for each in objects for mention in each.mentions)


def is_named(name: str, rendered: str) -> bool:
    """Whether a source's name is that of a rendered object, before or after prefix and suffix."""
    return bool(name) and (
        name == rendered or rendered.startswith(f"{name}-") or rendered.endswith(f"-{name}")
    )


def _targets(patch: ObjectSource, name: str) -> bool:
    """Whether a patch's target is told by a pattern, or not at all."""
    if not patch.patch:
        return False
    try:
        return not patch.name or re.fullmatch(patch.name, name) is not None
    except re.error:
        return False
