"""What `--fix` does beyond taking leftovers away: clients get the settings that they lack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from seedcore_deploy.judge.addresses import HeadPlace, expected_address, parse_url
from seedcore_deploy.judge.lint.places import group_path, is_under, objects_named
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
    if rule == "SC501":
        return _unshared(facts, each)
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
    """A literal goes only where its reader gets the same address by the client settings.

    A manifest that no overlay takes in is left alone: nobody could tell what comes of it.
    """
    setting = next(
        (it for it in facts.settings if it.place is Place.MANIFEST and it.at == each.at), None
    )
    tree = next((it for it in facts.trees if it.manifests and _takes_in(it, each)), None)
    if setting is None or tree is None or not each.changes:
        return ()
    if setting.role:
        return each.changes
    if not _leads_here(tree, setting.value):
        return ()
    shared, client = facts.contract.shared_configmap, facts.contract.client_configmap
    if setting.kind == "ConfigMap":
        return each.changes if setting.owner == f"configmap/{shared}" else ()
    if not setting.path:
        return ()
    reads = any(
        mention.what is Mentioned.CONFIGMAP
        and mention.name == client
        and mention.path[: len(setting.path)] == setting.path
        for source in tree.source.objects
        if source.at.file == each.at.file and source.document == setting.document
        for mention in source.mentions
    )
    if reads:
        return each.changes
    added = AddReference(each.at.file, setting.document, setting.path, client)
    return (*each.changes, added)


def _unshared(facts: LintFacts, each: SourceFinding) -> tuple[Change, ...]:
    """What every role reads may be taken away only if clients get the same address otherwise."""
    shared = facts.contract.shared_configmap
    feeding = [
        tree
        for tree in facts.trees
        for generator in tree.source.generators(shared)
        if each.at.file in generator.envs
    ]
    value = next((it.value for it in facts.settings if it.at == each.at), None)
    return each.changes if all(_leads_here(tree, value) for tree in feeding) else ()


def _takes_in(tree: Tree, each: SourceFinding) -> bool:
    files = {source.at.file for source in tree.source.objects}
    return each.at.file in files | {it.at.file for it in tree.source.kustomizations}


def _leads_here(tree: Tree, value: str | None) -> bool:
    """Whether an address is that of the overlay's own head, or names no cluster."""
    clusters = tree.manifests.rayclusters if tree.manifests else ()
    url = parse_url(value or "")
    return value == "auto" or any(
        url is not None
        and HeadPlace(cluster.name, cluster.head_service, tree.namespace).is_here(url.host)
        for cluster in clusters
    )


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
    group: YamlPath = ()
    if subject.kind.startswith("Ray"):
        group = group_path(tree, subject.name, subject.detail) or ("headGroupSpec",)
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
