"""Claims: findings together with what they explain, so that one root cause gives one finding.

An effect is a short text that names one thing that can be wrong: a pod's variable, its proof,
a ConfigMap's key. A claim is `about` effects, and `explains` those that follow from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from seedcore_deploy.model.finding import Finding, Subject


@dataclass(frozen=True, slots=True)
class Claim:
    """A finding; it becomes a consequence when deeper claims explain all that it is about.

    A `symptom` is looked at after all other claims, whatever its rule's place.
    """

    finding: Finding
    about: frozenset[str] = frozenset()
    explains: frozenset[str] = frozenset()
    symptom: bool = False


def env_of(pod: str, variable: str) -> str:
    """A variable of a pod is not what it should be."""
    return f"env {pod} {variable}"


def template_of(pod: str) -> str:
    """A Ray pod differs from its group's template."""
    return f"template {pod}"


def ready_of(pod: str) -> str:
    """A pod is not ready."""
    return f"ready {pod}"


def proof_of(pod: str) -> str:
    """The probe in a pod did not prove the connection, or a worker is not in the session."""
    return f"proof {pod}"


def application_of(pod: str) -> str:
    """The application in a pod has no connection of its own."""
    return f"application {pod}"


def answer_of(pod: str, variable: str) -> str:
    """An address of a pod is right, and what it leads to does not answer as it should."""
    return f"answer {pod} {variable}"


def serving_of(pod: str) -> str:
    """Whether Serve should answer a pod could not be told."""
    return f"serving {pod}"


def key_of(configmap: str, key: str) -> str:
    """A ConfigMap's key is wrong or missing."""
    return f"key {configmap} {key}"


def configmap_of(name: str) -> str:
    """A ConfigMap is missing."""
    return f"configmap {name}"


def lack_of(carrier: Subject, configmap: str, key: str = "") -> str:
    """A template refers to a ConfigMap that is not there, or to a key that it has not."""
    return f"lack {carrier} {configmap} {key}".rstrip()


def entry_of(carrier: Subject, variable: str) -> str:
    """A template's own entry for a variable is wrong or missing."""
    return f"entry {carrier} {variable}"


def presence_of(what: str) -> str:
    """A workload, or the RayCluster (""), is not there with its pods."""
    return f"presence {what}"


def effects(*each: str | Iterable[str]) -> frozenset[str]:
    """Single effects and collections of them, as one set."""
    flat: set[str] = set()
    for one in each:
        flat.update((one,) if isinstance(one, str) else one)
    return frozenset(flat)
