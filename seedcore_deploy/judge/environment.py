"""Layer 2: a container's environment, put together as the kubelet does it.

Source of the order of evaluation: kubelet 1.34.4, `makeEnvironmentVariables`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from seedcore_deploy.model.disclosure import EnvValue
from seedcore_deploy.model.snapshot import (
    ConfigMapFacts,
    ContainerSpec,
    EnvEntry,
    EnvFromEntry,
    EnvSource,
)
from seedcore_deploy.model.variable import Origin, OriginKind

_VALID_NAME = re.compile(r"^[\x20-\x3c\x3e-\x7e]+$")
_LINK = r"(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)"
_API_SERVER = "kubernetes"
"""The Service whose links every container gets, also where the pod has links off."""
_EXPANSION = re.compile(r"\$(?:\$|\((?P<name>[^)]*)\))")


@dataclass(frozen=True, slots=True)
class Resolved:
    """A variable that is set: to what (None: nobody can know), and from where.

    Not `certain` where a Secret that is read later may have replaced the value.
    """

    value: EnvValue | None
    origin: Origin
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Missing:
    """A ConfigMap, or a key in one, that is referred to and not there."""

    configmap: str
    key: str = ""
    optional: bool = False

    def __str__(self) -> str:
        return f"configmap/{self.configmap}" + (f" key {self.key}" if self.key else "")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a container would get now; `open` when something unseen may set more variables."""

    variables: Mapping[str, Resolved] = field(default_factory=dict)
    missing: tuple[Missing, ...] = ()
    open: bool = False

    @property
    def blocking(self) -> tuple[Missing, ...]:
        """The references without which the kubelet will not start the container."""
        return tuple(missing for missing in self.missing if not missing.optional)

    def get(self, name: str) -> Resolved | None:
        """The variable, or None where it is not set (or, when `open`, not known to be)."""
        return self.variables.get(name)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a container's references are looked up in.

    `complete`: a ConfigMap that is not among `configmaps` does not exist (live), as against
    being defined elsewhere (a render). `services` are the names that give service links, where
    the pod has them enabled.
    """

    configmaps: Mapping[str, ConfigMapFacts]
    complete: bool = True
    services: Collection[str] = ()
    workload: str = ""
    origins: Mapping[str, Origin] = field(default_factory=dict)


def same(one: EnvValue | None, other: EnvValue | None) -> bool | None:
    """Whether two values are equal (None is "unset"); None when that cannot be told.

    Digests are compared where both have one; an expanded value has none, so its text is.
    """
    if one is None or other is None:
        return one is other
    if one.digest and other.digest:
        return one.digest == other.digest
    if one.exact is None or other.exact is None:
        return None
    return one.exact == other.exact


def link_service(name: str, value: EnvValue | None, services: Collection[str]) -> str:
    """The Service whose link the variable is, or "". `RAY_PORT=6379` is none: links are URLs."""
    for service in sorted(services, key=len, reverse=True):
        prefix = service.upper().replace("-", "_")
        if not re.fullmatch(f"{re.escape(prefix)}_{_LINK}", name):
            continue
        url_expected = re.fullmatch(rf"{re.escape(prefix)}_PORT(_\d+_(TCP|UDP|SCTP))?", name)
        text = value.text if value else None
        if url_expected and text is not None and "://" not in text:
            continue
        return service
    return ""


def evaluate(container: ContainerSpec, around: Surroundings) -> Evaluation:
    """The environment that the kubelet would give the container if it started it now."""
    variables: dict[str, Resolved] = {}
    missing: list[Missing] = []
    unseen = False
    for source in container.env_from:
        configmap = None if source.secret else around.configmaps.get(source.name)
        if configmap is not None:
            variables.update(_from_configmap(source, configmap))
        elif source.secret or not around.complete:
            unseen = True
            variables = {
                name: Resolved(known.value, known.origin, certain=False)
                for name, known in variables.items()
            }
        else:
            missing.append(Missing(source.name, optional=source.optional))
    for entry in container.env:
        absent, resolved = _resolve(entry, variables, around, unseen)
        if absent is not None:
            missing.append(absent)
        if resolved is not None:
            variables[entry.name] = resolved
    return Evaluation(variables, tuple(missing), unseen)


def _from_configmap(source: EnvFromEntry, configmap: ConfigMapFacts) -> dict[str, Resolved]:
    named = ((source.prefix + key, key) for key in configmap.data)
    return {
        name: Resolved(configmap.data[key], Origin(OriginKind.CONFIGMAP, configmap.name, key))
        for name, key in named
        if _VALID_NAME.match(name)
    }


def _resolve(
    entry: EnvEntry, so_far: Mapping[str, Resolved], around: Surroundings, unseen: bool
) -> tuple[Missing | None, Resolved | None]:
    place = around.origins.get(entry.name, Origin(OriginKind.WORKLOAD, around.workload, entry.name))
    if entry.source is EnvSource.SECRET_KEY:
        secret = Origin(OriginKind.SECRET, entry.ref_name, entry.ref_key)
        return None, Resolved(None, secret, certain=not entry.optional)
    if entry.source is EnvSource.CONFIGMAP_KEY:
        return _resolve_key(entry, around)
    if entry.source is EnvSource.LITERAL:
        return None, Resolved(_expanded(entry, so_far, around.services, unseen), place)
    return None, Resolved(entry.value, place)


def _resolve_key(entry: EnvEntry, around: Surroundings) -> tuple[Missing | None, Resolved | None]:
    origin = Origin(OriginKind.CONFIGMAP, entry.ref_name, entry.ref_key)
    configmap = around.configmaps.get(entry.ref_name)
    if configmap is None and not around.complete:
        return None, Resolved(None, origin, certain=False)
    if configmap is None:
        return Missing(entry.ref_name, optional=entry.optional), None
    if entry.ref_key not in configmap.data:
        return Missing(entry.ref_name, entry.ref_key, entry.optional), None
    return None, Resolved(configmap.data[entry.ref_key], origin)


def _expanded(
    entry: EnvEntry, so_far: Mapping[str, Resolved], services: Collection[str], unseen: bool
) -> EnvValue | None:
    """The literal with `$(VAR)` and `$$` replaced; None where a part of it cannot be known."""
    value = entry.value
    if value is None or value.text is None:
        return None if entry.expands else value
    if not _EXPANSION.search(value.text):
        # A reference may be in a part that is hidden.
        return None if entry.expands and value.exact is None else value

    def lookup(name: str) -> str | None:
        known = so_far.get(name)
        if known is not None:
            certain = known.certain and known.value is not None
            return known.value.text if certain and known.value is not None else None
        links = (_API_SERVER, *services)
        return None if unseen or link_service(name, None, links) else f"$({name})"

    text = expand(value.text, lookup)
    if text == value.text and value.exact is not None:
        return value  # else what is hidden may have been expanded, and the digest is of the rest
    return None if text is None else EnvValue(text, "")


def expand(text: str, lookup: Callable[[str], str | None]) -> str | None:
    """The text with each `$(NAME)` looked up and `$$` made `$`; None once a lookup gives None."""
    parts: list[str] = []
    end = 0
    for found in _EXPANSION.finditer(text):
        name = found["name"]
        replacement = "$" if name is None else lookup(name)
        if replacement is None:
            return None
        parts += [text[end : found.start()], replacement]
        end = found.end()
    return "".join(parts) + text[end:]
