"""Pod templates and pod specs, live or rendered, in the words of the model."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, TypeAlias

from seedcore_deploy.model.disclosure import HIDDEN, Discloser, EnvValue
from seedcore_deploy.model.snapshot import (
    ContainerSpec,
    EnvEntry,
    EnvFromEntry,
    EnvSource,
    PodTemplate,
)
from seedcore_deploy.observe.quantities import quantity

Json: TypeAlias = Mapping[str, Any]

_TELLING_NAMES = "password|passwd|passphrase|token|secret|credential|auth|key"
_BREAK = "\0"  # between the words of a command line; no word can have it
_VALUE = rf"""(?:"[^"{_BREAK}]*"|'[^'{_BREAK}]*'|[^\s{_BREAK}]+)"""
_NO_VALUE = r"(?!--|[&|;<>])"
_TELLING = rf"(?<![\w.-])(?=[\w.-]*?(?:{_TELLING_NAMES}))"
# An option and its word are the same secret where KubeRay joins them with blanks.
_COMMAND_SECRET = re.compile(
    rf"(?i)({_TELLING}[\w.-]++[\"']?(?:=|:[ ]*+)(?:(?:bearer|basic)[ ]++)?"
    rf"|{_TELLING}-[\w.-]++\s++{_NO_VALUE})({_VALUE})"
    rf"|({_TELLING}-[\w.-]++{_BREAK}{_NO_VALUE})([^{_BREAK}]+)"
    rf"|(://|(?<![\w/.:+-])(?=[\w.+-]++:[^\s/@{_BREAK}]++@))([^\s{_BREAK}]{{0,1024}})(?=@)"
)
_SUBSCRIPT = re.compile(r"^metadata\.(labels|annotations)\['([^']+)'\]$")
_INJECTED_VOLUME = "kube-api-access-"
_REPLACED = re.compile(r"\$(?:\$|\([^)]*\))")  # what the kubelet replaces in a literal


@dataclass(frozen=True, slots=True)
class Parser:
    """Reads specs; with `pod`, a live pod, its field references are resolved."""

    discloser: Discloser
    pod: Json | None = None

    def template(self, spec: Json, labels: Json | None) -> PodTemplate:
        """The template for a `spec` (of a pod or a pod template) and its labels."""
        return PodTemplate(
            containers=tuple(self._container(each) for each in spec.get("containers") or []),
            enable_service_links=spec.get("enableServiceLinks") is not False,
            volumes=_volumes(spec),
            labels=dict(labels or {}),
            scheduling=_scheduling(spec),
        )

    def _container(self, container: Json) -> ContainerSpec:
        return ContainerSpec(
            name=container["name"],
            image=str(container.get("image") or ""),
            env=tuple(self._entry(each, container) for each in container.get("env") or []),
            env_from=tuple(_env_from(each) for each in container.get("envFrom") or []),
            command=self._words(container.get("command")),
            args=self._words(container.get("args")),
            resources=_resources(container),
        )

    def _entry(self, entry: Json, container: Json) -> EnvEntry:
        name, origin = entry["name"], entry.get("valueFrom")
        if not origin:
            raw = "" if entry.get("value") is None else str(entry["value"])
            literal = self.discloser.value(name, raw)
            return EnvEntry(name, EnvSource.LITERAL, literal, expands=bool(_REPLACED.search(raw)))
        for kind in (EnvSource.CONFIGMAP_KEY, EnvSource.SECRET_KEY):
            if reference := origin.get(kind.value):
                return EnvEntry(
                    name,
                    kind,
                    ref_name=str(reference.get("name") or ""),
                    ref_key=str(reference.get("key") or ""),
                    optional=bool(reference.get("optional")),
                )
        if reference := origin.get(EnvSource.RESOURCE.value):
            resolved = self._resource(reference, container)
            return self._resolved(
                name, EnvSource.RESOURCE, resolved, reference.get("resource"), reference
            )
        reference = origin.get(EnvSource.FIELD.value) or {}
        resolved = self._field(str(reference.get("fieldPath") or ""))
        return self._resolved(name, EnvSource.FIELD, resolved, reference.get("fieldPath"), {})

    def _resolved(
        self, name: str, source: EnvSource, text: str | None, path: object, reference: Json
    ) -> EnvEntry:
        """A field's entry; its path stands as `ref_key`, since there is no object to name."""
        value: EnvValue | None = None if text is None else self.discloser.value(name, text)
        return EnvEntry(
            name, source, value, str(reference.get("containerName") or ""), str(path or "")
        )

    def _field(self, path: str) -> str | None:
        """What the kubelet gives for a fieldRef of this pod; None where it cannot be known."""
        if self.pod is None:
            return None
        if found := _SUBSCRIPT.match(path):
            return str((self.pod["metadata"].get(found[1]) or {}).get(found[2], ""))
        if path in {"status.podIPs", "status.hostIPs"}:
            addresses = self.pod.get("status", {}).get(path.partition(".")[2]) or []
            return ",".join(str(each.get("ip")) for each in addresses)
        part, _, key = path.partition(".")
        value = (self.pod.get(part) or {}).get(key)
        return None if value is None else str(value)

    def _resource(self, reference: Json, container: Json) -> str | None:
        """What the kubelet gives for a resourceFieldRef; None where the node would decide."""
        if self.pod is None:
            return None
        named = reference.get("containerName") or container["name"]
        spec = self.pod["spec"]
        others = (*(spec.get("containers") or []), *(spec.get("initContainers") or []))
        meant: Json = next((each for each in (container, *others) if each["name"] == named), {})
        part, _, key = str(reference.get("resource") or "").partition(".")
        amount = quantity(((meant.get("resources") or {}).get(part) or {}).get(key))
        if not amount and part == "limits":
            return None  # then it is what the node has to give
        if amount is None:
            return "0" if meant else None
        divisor = quantity(reference.get("divisor") or 1)
        # The API server stores an unset divisor as "0".
        return str(ceil(amount / (divisor or 1)))  # a Decimal's own text may be "0E+3"

    def _words(self, words: Any) -> tuple[str, ...]:
        """The words of a command line; what looks like a secret is replaced by its digest."""

        def hidden(found: re.Match[str]) -> str:
            named = found.lastindex or 2
            digest = self.discloser.value("", found[named]).digest
            return f"{found[named - 1]}{HIDDEN}{digest}"

        line = _BREAK.join(str(word) for word in words or [])
        return tuple(_COMMAND_SECRET.sub(hidden, line).split(_BREAK)) if words else ()


def reads_configmap(spec: Json, *names: str) -> bool:
    """Whether any container of the spec takes variables from one of the ConfigMaps."""
    return any(container_reads(each, *names) for each in spec.get("containers") or [])


def container_reads(container: Json, *names: str) -> bool:
    """Whether the container takes variables from one of the ConfigMaps."""
    for source in container.get("envFrom") or []:
        if ((source.get("configMapRef") or {}).get("name")) in names:
            return True
    for entry in container.get("env") or []:
        reference = (entry.get("valueFrom") or {}).get(EnvSource.CONFIGMAP_KEY.value) or {}
        if reference.get("name") in names:
            return True
    return False


def _env_from(source: Json) -> EnvFromEntry:
    secret = "secretRef" in source
    reference = source.get("secretRef") or source.get("configMapRef") or {}
    return EnvFromEntry(
        name=str(reference.get("name") or ""),
        secret=secret,
        prefix=str(source.get("prefix") or ""),
        optional=bool(reference.get("optional")),
    )


def _resources(container: Json) -> tuple[tuple[str, str], ...]:
    resources = container.get("resources") or {}
    pairs = (
        (f"{part}.{key}", str(amount))
        for part in ("limits", "requests")
        for key, amount in (resources.get(part) or {}).items()
    )
    return tuple(sorted(pairs))


def _volumes(spec: Json) -> tuple[str, ...]:
    """Volumes as canonical JSON, without the token volume that the API server adds to pods."""
    return tuple(
        sorted(
            _canonical(volume)
            for volume in spec.get("volumes") or []
            if not str(volume.get("name", "")).startswith(_INJECTED_VOLUME)
        )
    )


def _scheduling(spec: Json) -> dict[str, str]:
    """What decides where the pod may run; unset and empty are the same."""
    names = ("nodeSelector", "affinity", "tolerations")
    return {name: _canonical(spec[name]) for name in names if spec.get(name)}


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
