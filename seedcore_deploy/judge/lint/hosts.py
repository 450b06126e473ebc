"""SC203: a host in the settings, whoever reads them, that is not the head service."""

from __future__ import annotations

from collections.abc import Iterator

from seedcore_deploy.judge.addresses import HeadPlace, parse_url
from seedcore_deploy.judge.facts import gather
from seedcore_deploy.judge.lint.places import is_named, place_of
from seedcore_deploy.judge.lint.rule import LintRule, Words, finding
from seedcore_deploy.judge.values import head_place
from seedcore_deploy.judge.verdict import render_snapshot
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.lint import LintFacts, SourceFinding, Tree
from seedcore_deploy.model.snapshot import ConfigMapFacts

_HOSTS = ("RAY_HOST", "RAY_SERVE_URL", "RAY_DASHBOARD_URL", "RAY_SERVE_ADDRESS",
          "RAY_DASHBOARD_ADDRESS")  # fmt: skip


def foreign_hosts(facts: LintFacts) -> Iterator[SourceFinding]:
    """The shared settings are looked at here: those of clients are judged with their readers."""
    shared = facts.contract.shared_configmap
    for tree in facts.trees:
        if tree.manifests is None:
            continue
        snapshot = render_snapshot(tree.manifests, facts.contract, tree.namespace)
        place = head_place(gather(snapshot, rendered=True))
        for each in tree.manifests.configmaps:
            if place is not None and is_named(shared, each.name):
                yield from _of_settings(facts, tree, each, place)


def _of_settings(
    facts: LintFacts, tree: Tree, settings: ConfigMapFacts, place: HeadPlace
) -> Iterator[SourceFinding]:
    services = {each.name for each in tree.manifests.services} if tree.manifests else set()
    for name in _HOSTS:
        value = settings.data.get(name)
        url = parse_url(value.text) if value and value.text else None
        if url is None or place.is_here(url.host):
            continue
        local = "." not in url.host or ".svc" in url.host or place.is_other_namespace(url.host)
        if not local or url.host.split(".")[0] in services:
            continue  # an address outside of the cluster, or of another workload here
        subject = Subject("ConfigMap", settings.name, name)
        words = Words(
            summary=f"{name} leads to {url.host}",
            expected=f"{place.service}, the head service of raycluster/{place.cluster}",
            actual=url.host,
            because=f"host {url.host} is not {place.service}, the service that KubeRay makes for "
            f"raycluster/{place.cluster}",
            mend=f"say {place.service} there, or take the prefix or suffix away that renamed it",
        )
        found = finding("SC203", subject, words)
        yield SourceFinding(found, place_of(found, tree, facts.contract), (tree.overlay,))


RULES = (LintRule("SC203", "a host is not the head service here", foreign_hosts),)
