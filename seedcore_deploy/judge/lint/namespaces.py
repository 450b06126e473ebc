"""SC209: the objects of one overlay are in different namespaces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from seedcore_deploy.judge.lint.rule import LintRule, Words, finding
from seedcore_deploy.model.contract import Contract
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.lint import LintFacts, RenderedObject, SourceFinding, Tree
from seedcore_deploy.model.source import Position

_RAY = ("RayCluster", "RayService", "RayJob")


def different_namespaces(facts: LintFacts) -> Iterator[SourceFinding]:
    """The contract's objects name two namespaces: a pod reads ConfigMaps of its own only.

    The one that departs from most, and at last from the RayCluster, is called wrong.
    """
    for tree in facts.trees:
        mine = [each for each in tree.objects if _of_the_contract(each, facts.contract)]
        named = [each for each in mine if each.namespace]
        counts = Counter(each.namespace for each in named)
        if len(counts) < 2:
            continue
        ray = {each.namespace for each in named if each.kind in _RAY}
        usual = max(counts, key=lambda name: (counts[name], name in ray))
        for each in named:
            if each.namespace != usual:
                yield _claim(tree, each, usual)


def _of_the_contract(each: RenderedObject, contract: Contract) -> bool:
    settings = {contract.shared_configmap, contract.client_configmap}
    if each.kind == "ConfigMap":
        return each.name in settings
    return each.kind in _RAY or bool(settings & set(each.needs))


def _claim(tree: Tree, each: RenderedObject, usual: str) -> SourceFinding:
    subject = Subject(each.kind, each.name)
    words = Words(
        summary=f"it is in namespace {each.namespace}, the others are in {usual}",
        expected=f"one namespace in {tree.overlay}",
        actual=each.namespace,
        because="a pod reads ConfigMaps of its own namespace only, and a host without one means "
        "the pod's own",
        mend=f"take metadata.namespace out, and say `namespace: {usual}` in the overlay",
    )
    return SourceFinding(finding("SC209", subject, words), _place(tree, each), (tree.overlay,))


def _place(tree: Tree, each: RenderedObject) -> Position:
    for source in tree.source.objects:
        if (source.kind, source.name) == (each.kind, each.name) and source.namespace_at:
            return source.namespace_at
    for generator in tree.source.generators(each.name):
        return generator.at
    return tree.source.at


RULES = (LintRule("SC209", "an overlay is spread over namespaces", different_namespaces),)
