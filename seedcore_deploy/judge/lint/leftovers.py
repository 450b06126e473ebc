"""SC501 to SC506: RAY_ADDRESS is hard-coded where the pattern has no place for it.

A value that the environment overrides (`${RAY_ADDRESS:-...}`) or gives (`${RAY_ADDRESS}`) is not
hard-coded, and `auto` names no cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from seedcore_deploy.judge.addresses import ray_pod_address_fits
from seedcore_deploy.judge.lint.places import is_named
from seedcore_deploy.judge.lint.rule import LintRule, Words, finding
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.disclosure import without_userinfo
from seedcore_deploy.model.finding import Severity, Subject
from seedcore_deploy.model.lint import LintFacts, SourceFinding
from seedcore_deploy.model.setting import ADDRESS, Place, Setting

_MENDS = {
    Place.ENV_FILE: "remove the line; clients get it from configmap/{client}",
    Place.MANIFEST: "remove the entry, and let clients read configmap/{client}",
    Place.DOCKERFILE: "remove it: an image is for every environment",
    Place.COMPOSE: "remove it, or take it from the environment: RAY_ADDRESS: ${{RAY_ADDRESS}}",
    Place.HELM: "remove it, and let the chart's clients read configmap/{client}",
    Place.SHELL: "remove it, or let the environment win: ${{RAY_ADDRESS:-...}}",
    Place.PYTHON: "remove it: the environment of the pod has it",
}
_RULES = (
    ("SC501", Place.ENV_FILE, "RAY_ADDRESS in an env file"),
    ("SC502", Place.MANIFEST, "RAY_ADDRESS in a manifest"),
    ("SC503", Place.DOCKERFILE, "RAY_ADDRESS in a Dockerfile"),
    ("SC504", Place.COMPOSE, "RAY_ADDRESS in a Compose file"),
    ("SC505", Place.HELM, "RAY_ADDRESS in Helm values"),
    ("SC506", Place.SHELL, "RAY_ADDRESS in a shell script"),
    ("SC509", Place.PYTHON, "Python writes RAY_ADDRESS into its environment"),
)


def _check(rule: str, place: Place) -> Callable[[LintFacts], Iterator[SourceFinding]]:
    def check(facts: LintFacts) -> Iterator[SourceFinding]:
        of_clients = _client_files(facts)
        for setting in facts.settings:
            if setting.place is place and _is_leftover(setting, facts, of_clients):
                yield _claim(rule, setting, facts)

    return check


def _client_files(facts: LintFacts) -> frozenset[str]:
    """The env files that make the client ConfigMap: the address belongs there."""
    client = facts.contract.client_configmap
    return frozenset(
        name
        for tree in facts.trees
        for generator in tree.source.generators(client)
        for name in generator.envs
    )


def _is_leftover(setting: Setting, facts: LintFacts, of_clients: frozenset[str]) -> bool:
    if setting.place is Place.PYTHON:
        return True
    if setting.value is None or not setting.value:
        return False
    if setting.place is Place.ENV_FILE:
        return setting.at.file not in of_clients
    if setting.place is Place.MANIFEST:
        return not _has_its_place(setting, facts)
    if setting.place is Place.HELM and facts.contract.client_configmap in setting.owner.split("."):
        return False
    return setting.value != "auto"


def _has_its_place(setting: Setting, facts: LintFacts) -> bool:
    """The client ConfigMap, under whatever prefix or suffix; and what a Ray pod may have."""
    client = facts.contract.client_configmap
    if setting.kind == "ConfigMap":
        return is_named(client, setting.owner.partition("/")[2])
    if setting.role:
        role = Role(setting.role)
        return ray_pod_address_fits(role, setting.value, "")
    return False


def _claim(rule: str, setting: Setting, facts: LintFacts) -> SourceFinding:
    client = facts.contract.client_configmap
    owner = f" of {setting.owner}" if setting.owner else ""
    computed = "a value of its own"
    words = Words(
        summary=f"{ADDRESS}{owner} is hard-coded"
        if setting.value is not None
        else f"{ADDRESS} is written into the environment",
        expected=f"{ADDRESS} in configmap/{client} alone",
        actual=without_userinfo(setting.value) if setting.value is not None else computed,
        because=f"what sets {ADDRESS} here ({setting.place}) hides what configmap/{client} says, "
        f"and goes on naming the old head when that is renamed",
        mend=_MENDS[setting.place].format(client=client),
    )
    severity = Severity.HINT if setting.in_test else Severity.ERROR
    subject = Subject("File", setting.at.file, ADDRESS)
    return SourceFinding(finding(rule, subject, words, severity), setting.at, (), setting.edits)


RULES = tuple(LintRule(rule, title, _check(rule, place)) for rule, place, title in _RULES)
