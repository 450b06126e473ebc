"""What `--fix` does beyond taking leftovers away: clients get the settings that they lack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from seedcore_deploy.judge.addresses import HeadPlace, expected_address
from seedcore_deploy.judge.lint.places import is_under, objects_named
from seedcore_deploy.model.change import AddGenerator, AddReference, Change
from seedcore_deploy.model.finding import Finding
from seedcore_deploy.model.lint import LintFacts, SourceFinding, Tree
from seedcore_deploy.model.manifest_source import Mention, Mentioned, ObjectSource, YamlPath
from seedcore_deploy.model.setting import Place

_LACKS = ("SC101", "SC104")


def with_changes(facts: LintFacts, findings: Sequence[SourceFinding]) -> tuple[SourceFinding, ...]:
    """The findings with the changes that need more than their own line."""
    trees = {tree.overlay: tree for tree in facts.trees}
    return tuple(
        replace(each, changes=changes)
        if (changes := _changes(facts, trees, each)) is not None
        else each
        for each in findings
    )


def _changes(
    facts: LintFacts, trees: dict[str, Tree], each: SourceFinding
) -> tuple[Change, ...] | None:
    """What mends a finding; None where it has what it needs already."""
    mine = [trees[name] for name in each.overlays if name in trees]
    rule, contract = each.finding.rule, facts.contract
    if rule == "SC502":
        return _moved(facts, each)
    if not mine:
        return None
    if rule == "SC103":
        return tuple(_removals(mine[0], each)) or None
    if rule == "SC201" and each.finding.subject.name == contract.client_configmap:
        return tuple(_generators(facts, mine)) or None
    unread = not each.finding.subject.detail and each.finding.subject.kind != "ConfigMap"
    if rule in _LACKS and unread:
        return tuple(_references(mine[0], each.finding, contract.client_configmap)) or None
    if rule == "SC109":
        shared = contract.shared_configmap
        return tuple(_references(mine[0], each.finding, shared, first=True)) or None
    return None


def _moved(facts: LintFacts, each: SourceFinding) -> tuple[Change, ...]:
    """A literal goes only where its reader gets the address otherwise: by the client settings.

    A manifest that no overlay takes in is left alone: nobody could tell what comes of it.
    """
    setting = next(
        (it for it in facts.settings if it.place is Place.MANIFEST and it.at == each.at), None
    )
    taken_in = any(
        source.at.file == each.at.file for tree in facts.trees for source in _sources(tree)
    )
    if setting is None or not taken_in:
        return ()
    if setting.role:
        return each.changes
    if not setting.path or not each.changes:
        return ()
    client = facts.contract.client_configmap
    owner = next(
        source
        for tree in facts.trees
        for source in tree.source.objects
        if source.at.file == each.at.file and source.document == setting.document
    )
    reads = any(
        mention.what is Mentioned.CONFIGMAP
        and mention.name == client
        and mention.path[: len(setting.path)] == setting.path
        for mention in owner.mentions
    )
    if reads:
        return each.changes
    added = AddReference(each.at.file, setting.document, setting.path, client)
    return (*each.changes, added)


def _sources(tree: Tree) -> Iterable[ObjectSource]:
    return tree.source.objects


def _removals(tree: Tree, each: SourceFinding) -> Iterator[Change]:
    """A reference to the whole ConfigMap; an entry that takes one key may be needed for it."""
    for source in tree.source.objects:
        for mention in source.mentions:
            whole = mention.what is Mentioned.CONFIGMAP
            if whole and mention.at == each.at and mention.removal:
                yield mention.removal


def _references(
    tree: Tree, finding: Finding, configmap: str, *, first: bool = False
) -> Iterator[Change]:
    """The container of the workload or Ray group that the finding is about reads the ConfigMap."""
    subject = finding.subject
    group: YamlPath = _group(tree, finding) if subject.kind.startswith("Ray") else ()
    sources = list(objects_named(tree.source, subject.kind, subject.name))
    if group and any(it.patch and _has_containers(it, group) for it in sources):
        return  # kustomize replaces the lists of a custom resource as a whole: the patch decides
    for source in (it for it in sources if not it.patch):
        containers = [
            mention
            for mention in source.mentions
            if mention.what is Mentioned.CONTAINER
            and "containers" in mention.path
            and is_under(mention.path, group)
        ]
        if containers:
            chosen = next((it for it in containers if _reads_any(source, it)), containers[0])
            yield AddReference(source.at.file, source.document, chosen.path, configmap, first)
        return


def _has_containers(source: ObjectSource, group: YamlPath) -> bool:
    return any(
        it.what is Mentioned.CONTAINER and is_under(it.path, group) for it in source.mentions
    )


def _group(tree: Tree, finding: Finding) -> YamlPath:
    name = finding.subject.detail.split()[0] if finding.subject.detail else ""
    for cluster in tree.manifests.rayclusters if tree.manifests else ():
        names = [group.name for group in cluster.groups[1:]]
        if name in names:
            return ("workerGroupSpecs", names.index(name))
    return ("headGroupSpec",)


def _reads_any(source: ObjectSource, container: Mention) -> bool:
    return any(
        mention.what is Mentioned.CONFIGMAP
        and mention.path[: len(container.path)] == container.path
        for mention in source.mentions
    )


def _generators(facts: LintFacts, trees: Iterable[Tree]) -> Iterator[Change]:
    """The client settings, in the overlay itself, as the structure of its RayCluster says them."""
    contract = facts.contract
    for tree in trees:
        clusters = tree.manifests.rayclusters if tree.manifests else ()
        namespace = _ray_namespace(facts, tree)
        if len(clusters) != 1 or not namespace:
            continue
        place = HeadPlace(clusters[0].name, clusters[0].head_service)
        literals = (
            f"{name}={expected_address(name, place) or namespace}"
            for name in contract.client_variables
            if expected_address(name, place) or name == "RAY_NAMESPACE"
        )
        yield AddGenerator(tree.source.at.file, contract.client_configmap, tuple(literals))


def _ray_namespace(facts: LintFacts, tree: Tree) -> str:
    """The shared settings' own, else the namespace that the overlay is for."""
    for each in tree.manifests.configmaps if tree.manifests else ():
        if each.name == facts.contract.shared_configmap and "RAY_NAMESPACE" in each.data:
            return each.data["RAY_NAMESPACE"].exact or ""
    return tree.namespace
