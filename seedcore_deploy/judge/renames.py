"""ConfigMaps that stand there under another name: kustomize's prefixes, suffixes and hashes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from seedcore_deploy.judge.carriers import Carrier
from seedcore_deploy.judge.facts import Facts
from seedcore_deploy.model.disclosure import is_connection_variable
from seedcore_deploy.model.snapshot import ContainerSpec, EnvSource

_HASH = re.compile(r"-[2456789bcdfghkmt]{10}")
"""What kustomize's configMapGenerator puts behind a name: kustomize 5, hasher.encode."""


@dataclass(frozen=True, slots=True)
class Rename:
    """A ConfigMap `name` that is missing, and the one that stands there as `now`.

    `in_vain` are the templates that still refer to `name`, `readers` those that read `now`.
    """

    name: str
    now: str
    in_vain: tuple[Carrier, ...]
    readers: tuple[Carrier, ...]

    @property
    def hashed(self) -> bool:
        """Whether it has the suffix of a generator, which changes with every change of content."""
        return _HASH.fullmatch(self.affixes[1]) is not None

    @property
    def affixes(self) -> tuple[str, str]:
        """What was put before and behind the name."""
        before, _, behind = self.now.partition(self.name)
        return before, behind

    @property
    def source(self) -> tuple[str, str]:
        """What renames of one origin have in common."""
        return ("", "hash") if self.hashed else self.affixes


def renames(facts: Facts) -> tuple[Rename, ...]:
    """The renames that matter: of the contract's ConfigMaps, and of what a template needs."""
    if facts.configmaps is None:
        return ()
    ours = (facts.contract.shared_configmap, facts.contract.client_configmap)
    needed = (name for carrier in facts.carriers for name in required(carrier.container))
    found = []
    for name in dict.fromkeys((*ours, *needed)):
        now = _now(facts, name) if name not in facts.configmaps else ""
        in_vain = tuple(carrier for carrier in facts.carriers if carrier.reads(name))
        readers = tuple(carrier for carrier in facts.carriers if now and carrier.reads(now))
        if now and (in_vain or readers):
            found.append(Rename(name, now, in_vain, readers))
    return tuple(found)


def required(container: ContainerSpec) -> Iterable[str]:
    """The ConfigMaps without which the kubelet does not start the container."""
    for source in container.env_from:
        if not source.secret and not source.optional:
            yield source.name
    for entry in container.env:
        if entry.source is EnvSource.CONFIGMAP_KEY and not entry.optional:
            yield entry.ref_name


def _now(facts: Facts, name: str) -> str:
    """The ConfigMap with Ray's settings that has the name with something before or behind it."""
    contract = facts.contract
    others = {contract.shared_configmap, contract.client_configmap} - {name}
    longer = [other for other in others if name in other]
    candidates = [
        each
        for each, settings in (facts.configmaps or {}).items()
        if _fits(each, name)
        and each not in others
        and not any(_fits(each, other) for other in longer)
        and any(map(is_connection_variable, settings.data))
    ]
    read = {each for each in candidates if any(carrier.reads(each) for carrier in facts.carriers)}
    return min(candidates, key=lambda each: (each not in read, len(each), each), default="")


def _fits(candidate: str, name: str) -> bool:
    before, found, behind = candidate.partition(name)
    return (
        bool(found)
        and candidate != name
        and (not before or before.endswith(("-", ".")))
        and (not behind or behind.startswith(("-", ".")))
    )
