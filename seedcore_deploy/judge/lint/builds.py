"""SC206, SC207, SC208: an overlay that does not build, or not everywhere, or defines twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from seedcore_deploy.judge.lint.rule import LintRule, Words, finding
from seedcore_deploy.model.finding import Finding, Severity, Subject
from seedcore_deploy.model.lint import LintFacts, SourceFinding, Tree
from seedcore_deploy.model.manifest_source import TreeSource
from seedcore_deploy.model.source import Position


def files_outside(facts: LintFacts) -> Iterator[SourceFinding]:
    """SC206: a kustomization names a file outside of its own folder."""
    for tree in facts.trees:
        for each in tree.source.kustomizations:
            for name, at in each.leads_out:
                yield SourceFinding(_leads_out(name, tree), at, (tree.overlay,))
            for name, at in each.restricted:
                yield SourceFinding(_restricted(name, each.at, tree), at, (tree.overlay,))


def _restricted(name: str, file: Position, tree: Tree) -> Finding:
    words = Words(
        summary=f"{name} lies outside of the kustomization's own folder",
        expected="files in or below the kustomization's folder",
        actual=name,
        because="kustomize's load restrictor refuses it, and so do `kubectl apply -k`, Argo CD and "
        "Flux; seedcore-deploy renders it without the restrictor",
        mend=f"move the file beside {file.file}, and leave a link to it in its old place",
    )
    return finding("SC206", Subject("Kustomization", tree.overlay), words, Severity.HINT)


def _leads_out(name: str, tree: Tree) -> Finding:
    words = Words(
        summary=f"{name} leads out of the repository",
        expected="files of this repository",
        actual=name,
        because="it was not read, and the overlay was not rendered: what it holds depends on the "
        "machine",
        mend="copy what is needed into the repository, and name it there",
    )
    return finding("SC206", Subject("Kustomization", tree.overlay), words)


def does_not_build(facts: LintFacts) -> Iterator[SourceFinding]:
    """SC207: kustomize refuses the overlay, for another reason than an object defined twice."""
    for tree in facts.trees:
        if not tree.failure or tree.twice is not None:
            continue
        words = Words(
            summary="the overlay does not build",
            expected="an overlay that `kubectl kustomize` renders",
            actual=tree.failure,
            because=tree.failure,
            mend=tree.mend,
        )
        subject = Subject("Kustomization", tree.overlay)
        at = tree.failed_at or tree.source.at
        yield SourceFinding(finding("SC207", subject, words), at, (tree.overlay,))


def defined_twice(facts: LintFacts) -> Iterator[SourceFinding]:
    """SC208: one object in two places: in one overlay, or in two that meet in a namespace."""
    for tree in facts.trees:
        if tree.twice is not None:
            yield _refused(tree, tree.twice)
        for subject in tree.differing:
            yield _in_two_steps(tree, subject)
    for one, other in combinations(facts.trees, 2):
        if _meet(one, other):
            yield from _different(one, other)


def _refused(tree: Tree, subject: Subject) -> SourceFinding:
    places = list(_definitions(tree.source, subject))
    others = ", ".join(str(each) for each in places[1:])
    words = Words(
        summary=f"{subject} is defined twice",
        expected="one definition; a generator that adds to another has `behavior: merge`",
        actual=f"also at {others}" if others else "two definitions",
        because="kustomize builds no overlay with two objects of one name"
        + (f"; the other one is at {others}" if others else ""),
        mend="keep one of them, or let the overlay's generator say `behavior: merge`",
    )
    at = places[0] if places else tree.source.at
    return SourceFinding(finding("SC208", subject, words), at, (tree.overlay,))


def _definitions(source: TreeSource, subject: Subject) -> Iterable[Position]:
    if subject.kind == "ConfigMap":
        yield from (each.at for each in source.generators(subject.name))
    for each in source.objects:
        if not each.patch and (each.kind, each.name) == (subject.kind, subject.name):
            yield each.at


def _in_two_steps(tree: Tree, subject: Subject) -> SourceFinding:
    words = Words(
        summary=f"configmap/{subject.name} has other values than in the base applied before it",
        expected="one definition; an overlay that builds on the base, with `behavior: merge`",
        actual=f"{subject.detail} differs",
        because="the overlay does not build on the base, so base and overlay are applied one after "
        "the other, and pods that start in between have the base's values",
        mend="let the overlay build on the base, or keep one of the definitions",
    )
    places = (*_keys(tree.source, subject), *_definitions(tree.source, subject))
    at = next(iter(places), tree.source.at)
    return SourceFinding(finding("SC208", subject, words), at, (tree.overlay,))


def _meet(one: Tree, other: Tree) -> bool:
    """Whether both go into one namespace, by what they say themselves, as no layers of one."""
    layers = _builds_on(one, other) or _builds_on(other, one)
    return bool(one.namespace) and one.namespace == other.namespace and not layers


def _builds_on(upper: Tree, lower: Tree) -> bool:
    return any(each.at.file == lower.source.at.file for each in upper.source.kustomizations)


def _different(one: Tree, other: Tree) -> Iterator[SourceFinding]:
    if one.manifests is None or other.manifests is None:
        return
    theirs = {each.name: each for each in other.manifests.configmaps}
    for mine in one.manifests.configmaps:
        there = theirs.get(mine.name)
        if there is None:
            continue
        keys = [
            key
            for key in sorted({*mine.data, *there.data})
            if (mine.data[key].digest if key in mine.data else None)
            != (there.data[key].digest if key in there.data else None)
        ]
        if keys:
            subject = Subject("ConfigMap", mine.name, keys[0])
            yield _conflict(one, other, subject, keys)


def _conflict(one: Tree, other: Tree, subject: Subject, keys: list[str]) -> SourceFinding:
    words = Words(
        summary=f"configmap/{subject.name} has other values in {one.overlay}",
        expected=f"one definition for namespace {one.namespace}",
        actual=f"{', '.join(keys)} differ between {one.overlay} and {other.overlay}",
        because=f"both overlays are for namespace {one.namespace}, so the one applied last wins",
        mend="give each overlay a namespace of its own, or let one build on the other",
    )
    places = [*_keys(other.source, subject), *_definitions(other.source, subject)]
    at = places[0] if places else other.source.at
    overlays = (one.overlay, other.overlay)
    return SourceFinding(finding("SC208", subject, words), at, overlays)


def _keys(source: TreeSource, subject: Subject) -> Iterator[Position]:
    for generator in source.generators(subject.name):
        yield from (each.at for each in generator.keys if each.key == subject.detail)
    for each in source.objects:
        if (each.kind, each.name) == ("ConfigMap", subject.name):
            yield from (m.at for m in each.mentions if m.name == subject.detail)


RULES = (
    LintRule("SC206", "a kustomization reads outside of its folder", files_outside),
    LintRule("SC207", "an overlay does not build", does_not_build),
    LintRule("SC208", "an object is defined twice", defined_twice),
)
