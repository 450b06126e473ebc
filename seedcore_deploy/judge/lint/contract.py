"""The rules that `verify` has, over renders: each finding at its place in the source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from seedcore_deploy.judge.lint.places import place_of
from seedcore_deploy.judge.rule import Rule
from seedcore_deploy.judge.verdict import judge_render
from seedcore_deploy.model.finding import Finding
from seedcore_deploy.model.lint import LintFacts, SourceFinding, Tree

_OF_READERS = ("SC201", "SC205")


def render_findings(facts: LintFacts, rules: Sequence[Rule]) -> Iterator[SourceFinding]:
    """What the offline rules say of every overlay that renders."""
    for tree in facts.trees:
        for finding in _of_tree(facts, tree, rules):
            at = place_of(finding, tree, facts.contract)
            yield SourceFinding(finding, at, (tree.overlay,))


def _of_tree(facts: LintFacts, tree: Tree, rules: Sequence[Rule]) -> Iterator[Finding]:
    if tree.manifests is None:
        return
    yield from judge_render(tree.manifests, facts.contract, tree.namespace, rules)
    for manifests in tree.others:
        for finding in judge_render(manifests, facts.contract, tree.namespace, rules):
            # What does not depend on the cluster was said above.
            if finding.subject.kind != "ConfigMap" or finding.rule in _OF_READERS:
                yield _of_a_rayjob(finding, tree)


def _of_a_rayjob(finding: Finding, tree: Tree) -> Finding:
    """A RayJob is judged as the RayCluster that KubeRay makes of it."""
    names = {each.name for each in tree.objects if each.kind == "RayJob"}
    if finding.subject.kind != "RayCluster" or finding.subject.name not in names:
        return finding
    return replace(finding, subject=replace(finding.subject, kind="RayJob"))
