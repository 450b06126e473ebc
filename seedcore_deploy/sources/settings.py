"""deploy/ray-contract.toml: where the contract departs from the defaults, and what is pinned."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from seedcore_deploy.errors import UsageError
from seedcore_deploy.model.contract import Contract, Role, WorkloadContract

SETTINGS_FILE = Path("deploy", "ray-contract.toml")
KUSTOMIZE_FOLDER = Path("deploy", "kustomize")


@dataclass(frozen=True, slots=True)
class NamespacePin:
    """What a namespace is pinned to: an overlay's directory, a context; either may be missing."""

    overlay: Path | None = None
    context: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the repository says; `path` is None where there is no file and all is default.

    `root` is the folder that holds `deploy/`, None outside of such a repository.
    """

    path: Path | None = None
    root: Path | None = None
    contract: Contract = field(default_factory=Contract)
    namespaces: Mapping[str, NamespacePin] = field(default_factory=dict)


def load_settings(start: Path) -> Settings:
    """The settings of the repository that `start` lies in, searched upwards as git does.

    Raises UsageError for TOML errors, unknown keys and wrong types, with file and key.
    """
    root = root_of(start)
    if root is None:
        return Settings()
    file = root / SETTINGS_FILE
    if not file.is_file():
        return Settings(root=root)
    try:
        raw = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as fault:
        raise UsageError(f"{file}: {fault}", "mend the file") from fault
    return _settings(_Table(file, "", raw), root)


def check_context(settings: Settings, namespace: str, context: str) -> None:
    """Raises UsageError when the namespace is pinned to another context than the one in use."""
    pin = settings.namespaces.get(namespace)
    if pin is not None and pin.context and pin.context != context:
        raise UsageError(
            f"{settings.path} pins namespace {namespace} to context {pin.context}; "
            f"the context in use is {context}",
            f"add --context {pin.context}, or name the namespace that you mean",
        )


def root_of(start: Path) -> Path | None:
    """The folder that holds the `deploy/` that `start` lies in; None outside of such a tree."""
    here = start.resolve()
    return next(
        (folder for folder in (here, *here.parents) if _has_deploy(folder)),
        None,
    )


def _has_deploy(folder: Path) -> bool:
    try:
        return (folder / SETTINGS_FILE).is_file() or (folder / KUSTOMIZE_FOLDER).is_dir()
    except PermissionError:
        return False


def _settings(top: _Table, root: Path) -> Settings:
    top.only({"configmaps", "workloads", "namespaces"})
    configmaps = top.table("configmaps").only({"shared", "client"})
    default = Contract()
    contract = replace(
        default,
        shared_configmap=configmaps.text("shared") or default.shared_configmap,
        client_configmap=configmaps.text("client") or default.client_configmap,
        workloads=_workloads(top.tables("workloads"), default.workloads),
    )
    named = top.table("namespaces")
    pins = {name: _pin(named.table(name)) for name in named.raw}
    return Settings(top.file, root, contract, pins)


def _pin(table: _Table) -> NamespacePin:
    table.only({"overlay", "context"})
    overlay = table.text("overlay")
    directory = table.file.parent / overlay if overlay else None
    if directory is not None and not directory.is_dir():
        raise UsageError(f"{table.file}: {table.name}: there is no folder {directory}", "mend it")
    return NamespacePin(directory, table.text("context"))


def _workloads(
    tables: Iterable[_Table], defaults: tuple[WorkloadContract, ...]
) -> tuple[WorkloadContract, ...]:
    known = {workload.name: workload for workload in defaults}
    for table in tables:
        table.only({"name", "role", "selector", "container", "required", "applications"})
        name = table.needed("name")
        role = _role(table)
        if name in known:
            workload = known[name]
        else:
            workload = WorkloadContract(name, Role.CLIENT, table.needed("selector"))
            table.needed("role")
        known[name] = replace(
            workload,
            role=role or workload.role,
            selector=table.text("selector") or workload.selector,
            container=table.text("container") or workload.container,
            required=table.flag("required", workload.required),
            applications=table.texts("applications", workload.applications),
        )
    return tuple(known.values())


def _role(table: _Table) -> Role | None:
    text = table.text("role")
    if not text:
        return None
    known = [role.value for role in Role]
    if text not in known:
        table.refuse("role", f"{text!r} is not one of {', '.join(known)}{_near(text, known)}")
    return Role(text)


@dataclass(frozen=True, slots=True)
class _Table:
    """One TOML table with the place it stands at, for messages."""

    file: Path
    name: str
    raw: Mapping[str, Any]

    def only(self, keys: set[str]) -> _Table:
        for key in self.raw:
            if key not in keys:
                there_are = f"; there are {', '.join(sorted(keys))}"
                self.refuse(key, f"is unknown{_near(key, keys) or there_are}")
        return self

    def table(self, key: str) -> _Table:
        value = self.raw.get(key, {})
        if not isinstance(value, dict):
            self.refuse(key, "must be a table")
        return _Table(self.file, self._at(key), value)

    def tables(self, key: str) -> tuple[_Table, ...]:
        value = self.raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.refuse(key, f"must be written as [[{key}]]")
        return tuple(
            _Table(self.file, f"{self._at(key)}[{number}]", item)
            for number, item in enumerate(value, 1)
        )

    def text(self, key: str) -> str:
        value = self.raw.get(key, "")
        if not isinstance(value, str):
            self.refuse(key, f"must be text, not {value!r}")
        return str(value)

    def needed(self, key: str) -> str:
        value = self.text(key)
        if not value:
            self.refuse(key, "is missing")
        return value

    def texts(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        value = self.raw.get(key, list(default))
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.refuse(key, f"must be a list of texts, not {value!r}")
        return tuple(value)

    def flag(self, key: str, default: bool) -> bool:
        value = self.raw.get(key, default)
        if not isinstance(value, bool):
            self.refuse(key, f"must be true or false, not {value!r}")
        return bool(value)

    def refuse(self, key: str, why: str) -> None:
        raise UsageError(f"{self.file}: {self._at(key)} {why}", "mend the file")

    def _at(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key


def _near(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, sorted(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
