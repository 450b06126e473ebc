"""What files say of Ray's address, and where: the facts that the migration rules judge."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from seedcore_deploy.model.manifest_source import YamlPath
from seedcore_deploy.model.source import Edit, Position

ADDRESS = "RAY_ADDRESS"


class Place(StrEnum):
    """The kind of file, or part of one, that gives RAY_ADDRESS a value."""

    ENV_FILE = "env file"
    MANIFEST = "manifest"
    DOCKERFILE = "Dockerfile"
    COMPOSE = "Compose file"
    HELM = "Helm values"
    SHELL = "shell script"
    PYTHON = "Python"


@dataclass(frozen=True, slots=True)
class Setting:
    """RAY_ADDRESS is given a value here.

    `value` is None where it is computed when the program runs. `owner` names who gets it, as
    `deployment/seedcore-api`; `kind` is the kind of that object in manifests, `role` what a Ray
    group's pods are. `in_test` tells a test's file. `edits` take it away without changing anything
    else, and are empty where that is not safe.
    """

    place: Place
    at: Position
    value: str | None
    owner: str = ""
    kind: str = ""
    role: str = ""
    document: int = 0
    path: YamlPath = ()
    in_test: bool = False
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class RayInit:
    """A call of `ray.init`. `address` is the literal one; None where it has none, or None.

    `starts_own` tells that it asks for a Ray of its own (num_cpus and the like). `edits` make it
    connect to the cluster that the environment names; empty where that is not safe.
    """

    at: Position
    address: str | None
    starts_own: bool = False
    in_test: bool = False
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that could not be read, so that nobody can vouch for it.

    `suspect` is False where nothing suggests that it matters: large, and RAY_ADDRESS not in it.
    """

    at: Position
    why: str
    mend: str
    suspect: bool = True
