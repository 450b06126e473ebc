"""Which variables of a container have their values from Secrets, where its spec can tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from seedcore_deploy.model.address_answer import AddressAnswer
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.disclosure import HIDDEN, EnvValue
from seedcore_deploy.model.look import Look, Seen
from seedcore_deploy.model.snapshot import (
    ConfigMapFacts,
    ContainerSpec,
    EnvEntry,
    EnvSource,
    PodFacts,
    ProbeFacts,
    ProcessFacts,
    Snapshot,
)

_REFERENCE = re.compile(r"\$\(([^)]*)\)")
_SCHEME = re.compile(r"\A[A-Za-z][A-Za-z0-9+.-]*://")
_OF_NO_WORTH = 2
"""A part of an address with so few characters tells nothing, and is in any sentence."""


def without_secret_values(
    process: Look[ProcessFacts], pod: PodFacts, configmaps: Mapping[str, ConfigMapFacts]
) -> Look[ProcessFacts]:
    """What was read in the pod, without the text of what comes from Secrets; digests stay."""
    if not isinstance(process, Seen):
        return process
    facts = process.value
    secret = from_secrets(pod, configmaps, facts.container)

    def hide(values: Mapping[str, EnvValue]) -> Mapping[str, EnvValue]:
        return {name: value.hidden() if name in secret else value for name, value in values.items()}

    live = Seen(hide(facts.process.value)) if isinstance(facts.process, Seen) else facts.process
    return Seen(replace(facts, container=hide(facts.container), process=live))


def without_secret_answers(probe: Look[ProbeFacts], pod: PodFacts) -> Look[ProbeFacts]:
    """What the pod's probe told, without the text of what the pod has from Secrets.

    `address` and `namespace` are then empty, as where they are not known.
    """
    if not isinstance(probe, Seen):
        return probe
    facts = probe.value
    if _is_hidden(pod, "RAY_NAMESPACE"):
        facts = replace(facts, namespace="")
    if _is_hidden(pod, "RAY_ADDRESS"):
        error, diagnosis = (
            _without(facts.address, each) for each in (facts.error, facts.diagnosis)
        )
        facts = replace(facts, address="", error=error, diagnosis=diagnosis)
    asked = pod.role is Role.CLIENT  # a head is asked about its own pod
    if asked and _is_hidden(pod, "RAY_DASHBOARD_ADDRESS"):
        facts = replace(facts, dashboard=_unasked(facts.dashboard))
    if asked and _is_hidden(pod, "RAY_SERVE_ADDRESS"):
        facts = replace(facts, serve=_unasked(facts.serve))
    return Seen(facts)


def _unasked(answer: AddressAnswer | None) -> AddressAnswer | None:
    """How it ended, and not where: what follows the colon can quote any part of the address."""
    if answer is None:
        return None
    authority = _SCHEME.sub("", answer.asked).partition("/")[0]
    return replace(answer, asked=HIDDEN, said=_without(authority, answer.said).partition(": ")[0])


def _is_hidden(pod: PodFacts, name: str) -> bool:
    """Whether the live process has the variable, and from a Secret (without_secret_values)."""
    live = pod.process.value.process if isinstance(pod.process, Seen) else None
    value = live.value.get(name) if isinstance(live, Seen) else None
    return value is not None and value.text is None


def _without(address: str, text: str) -> str:
    """The text without the address, its host and its other parts, in either case."""
    bare = _SCHEME.sub("", address)
    parts = {address, bare, bare.rpartition(":")[0], *re.split(r"[/?#@]", bare)}
    parts |= {part.rpartition(":")[0].strip("[]") for part in parts}
    wanted = sorted((part for part in parts if len(part) > _OF_NO_WORTH), key=len, reverse=True)
    pattern = "|".join(map(re.escape, wanted))
    return re.sub(pattern, HIDDEN, text, flags=re.IGNORECASE) if pattern else text


def from_secrets(
    pod: PodFacts, configmaps: Mapping[str, ConfigMapFacts], started_with: Mapping[str, EnvValue]
) -> frozenset[str]:
    """Names, of those that the pod's container was started with, that have secret values.

    Those of a `secretKeyRef`, those whose literal refers to one (or may, where it is hidden),
    and those that a Secret in `envFrom` may have set: nothing else that was seen has such a
    value for the name.
    """
    container = next((each for each in pod.template.containers if each.name == pod.container), None)
    if container is None:
        return frozenset()
    secret: set[str] = set()
    declared: set[str] = set()
    for entry in container.env:
        declared.add(entry.name)
        if _is_secret(entry, container, configmaps, secret, declared):
            secret.add(entry.name)
        else:
            secret.discard(entry.name)
    secret |= {
        name
        for name, value in started_with.items()
        if name not in declared and _may_be_of_a_secret(name, value, container, configmaps)
    }
    return frozenset(secret)


def seen_configmaps(snapshot: Snapshot) -> dict[str, ConfigMapFacts]:
    """The snapshot's ConfigMaps by name; none where they could not be looked at."""
    found = snapshot.configmaps
    return {each.name: each for each in found.value} if isinstance(found, Seen) else {}


def _is_secret(
    entry: EnvEntry,
    container: ContainerSpec,
    configmaps: Mapping[str, ConfigMapFacts],
    secret: set[str],
    declared: set[str],
) -> bool:
    if entry.source is EnvSource.SECRET_KEY:
        return True
    if entry.source is not EnvSource.LITERAL or entry.value is None:
        return False
    if entry.expands and entry.value.exact is None:
        return _has_secrets(container)  # a reference may be in what is hidden of it
    return any(
        name in secret
        or (name not in declared and _may_be_of_a_secret(name, None, container, configmaps))
        for name in _REFERENCE.findall(entry.value.text or "")
    )


def _has_secrets(container: ContainerSpec) -> bool:
    return any(each.secret for each in container.env_from) or any(
        each.source is EnvSource.SECRET_KEY for each in container.env
    )


def _may_be_of_a_secret(
    name: str,
    value: EnvValue | None,
    container: ContainerSpec,
    configmaps: Mapping[str, ConfigMapFacts],
) -> bool:
    """Whether the last source in `envFrom` that can have set the name is a Secret."""
    possible = False
    for source in container.env_from:
        if not name.startswith(source.prefix):
            continue
        if source.secret:
            possible = True
            continue
        settings = configmaps.get(source.name)
        given = settings.data.get(name.removeprefix(source.prefix)) if settings else None
        if given is not None:
            possible = False
    if not possible or value is None:
        return possible
    return not any(
        given.digest == value.digest
        for source in container.env_from
        if not source.secret and name.startswith(source.prefix)
        if (settings := configmaps.get(source.name)) is not None
        if (given := settings.data.get(name.removeprefix(source.prefix))) is not None
    )
