"""SC202: a ConfigMap that something needs and the overlay does not define."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from seedcore_deploy.judge.lint.places import objects_named
from seedcore_deploy.judge.lint.rule import LintRule, Words, finding
from seedcore_deploy.model.finding import Severity, Subject
from seedcore_deploy.model.lint import LintFacts, RenderedObject, SourceFinding, Tree
from seedcore_deploy.model.manifest_source import Mentioned
from seedcore_deploy.model.source import Position

_ALIKE = 0.85


def undefined_configmaps(facts: LintFacts) -> Iterator[SourceFinding]:
    """What is named much like a ConfigMap there is, is a mistake; else it may be made elsewhere."""
    contract = facts.contract
    for tree in facts.trees:
        if tree.manifests is None:
            continue
        defined = {each.name for each in tree.manifests.configmaps}
        known = defined | {contract.shared_configmap, contract.client_configmap}
        for each in tree.objects:
            for name in each.needs:
                if name not in known and not _renamed(name, defined):
                    near = difflib.get_close_matches(name, sorted(known), 1, _ALIKE)
                    yield _claim(tree, each, name, near[0] if near else "")


def _renamed(name: str, defined: set[str]) -> bool:
    """Whether it stands there with a prefix, a suffix or a hash: SC205 speaks of that."""
    return any(each.startswith(f"{name}-") or each.endswith(f"-{name}") for each in defined)


def _claim(tree: Tree, each: RenderedObject, name: str, near: str) -> SourceFinding:
    subject = Subject(each.kind, each.name, f"configmap/{name}")
    words = Words(
        summary=f"it needs configmap/{name}, which {tree.overlay} does not define",
        expected=f"configmap/{near}" if near else f"configmap/{name} in the overlay",
        actual=f"configmap/{name}",
        because="without it the kubelet starts no container"
        + (f"; there is configmap/{near}" if near else "; it may be made elsewhere"),
        mend=f"did you mean {near}?"
        if near
        else "define it in the overlay, or make sure that the namespace has it before the apply",
    )
    severity = Severity.ERROR if near else Severity.HINT
    at = _place(tree, each, name)
    return SourceFinding(finding("SC202", subject, words, severity), at, (tree.overlay,))


def _place(tree: Tree, each: RenderedObject, name: str) -> Position:
    sources = list(objects_named(tree.source, each.kind, each.name))
    for source in sources:
        for mention in source.mentions:
            if mention.what is not Mentioned.DATA and mention.name == name:
                return mention.at
    return next((source.at for source in sources), tree.source.at)


RULES = (LintRule("SC202", "a reference leads to nothing", undefined_configmaps),)
