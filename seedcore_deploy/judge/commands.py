"""Shell lines that mend: quoted, in kubectl's own words, runnable with `sh -c` as they stand."""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from seedcore_deploy.judge.carriers import ROLLING_KINDS, Carrier
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.snapshot import EnvEntry, EnvSource, Target

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | bool | None"

ROLLOUT_S = 300
_TRIES = 150
_READY = (
    "{{range .items}}{{if not .metadata.deletionTimestamp}}{{range .status.conditions}}"
    '{{if eq .type "Ready"}}{{if eq .status "True"}}x{{end}}{{end}}'
    "{{end}}{{end}}{{end}}"
)


@dataclass(frozen=True, slots=True)
class Shell:
    """Builds the lines for one target.

    `paused` are workloads whose rollouts somebody holds. `scaled`: live numbers of pods are not the
    overlay's, which `kubectl apply` would set back, ending pods at work.
    """

    target: Target
    paused: Collection[Subject] = ()
    scaled: bool = False

    def kubectl(self, *words: str) -> str:
        """One kubectl command on the target."""
        return shlex.join((*self.target.kubectl, *words))

    def apply(self) -> tuple[str, ...]:
        """Apply the overlay, keeping what autoscalers did; nothing where it is not known."""
        if not self.target.overlay:
            return ()
        words = ("apply", "-k", self.target.overlay)
        if not self.scaled:
            return (self.kubectl(*words),)
        return (shlex.join(("seedcore-deploy", *words, *self.target.kubectl[1:])),)

    def set_keys(self, configmap: str, data: Mapping[str, str]) -> str:
        """Set keys of a ConfigMap, leaving the others."""
        patch = json.dumps({"data": dict(data)})
        return self.kubectl("patch", "configmap", configmap, "--type=merge", "-p", patch)

    def create_configmap(self, name: str, data: Mapping[str, str]) -> str:
        """Create a ConfigMap."""
        literals = (f"--from-literal={key}={value}" for key, value in data.items())
        return self.kubectl("create", "configmap", name, *literals)

    def remove_key(self, configmap: str, key: str) -> str:
        """Remove a key: `apply` leaves one that it did not set itself."""
        pointer = "/data/" + key.replace("~", "~0").replace("/", "~1")
        return self.patch(Subject("ConfigMap", configmap), [{"op": "remove", "path": pointer}])

    def patch(self, subject: Subject, operations: Sequence[Json]) -> str:
        """A JSON patch; its `test` operations make it fail rather than hit something else."""
        return self.kubectl(
            "patch", subject.kind.lower(), subject.name, "--type=json", "-p",
            json.dumps(list(operations)),
        )  # fmt: skip

    def remove_entries(self, carrier: Carrier, names: Iterable[str]) -> str:
        """Remove entries from a carrier's `env:`.

        By their names where kubectl can: the places of a patch would be wrong after another one.
        """
        if carrier.subject.kind not in ROLLING_KINDS:
            return self.remove_fields(carrier, (), names)
        return self._set_env(carrier, *(f"{name}-" for name in names))

    def remove_fields(
        self, carrier: Carrier, fields: Iterable[str], names: Iterable[str] = ()
    ) -> str:
        """Remove fields of a carrier's container, and entries from its `env:` by their names.

        The last entry goes first, so that the indexes of the others stay right.
        """
        wanted = set(names)
        base = _container_path(carrier)
        operations = _guards(carrier)
        operations += [{"op": "remove", "path": f"{base}/{field}"} for field in fields]
        for index, entry in reversed(list(enumerate(carrier.container.env))):
            if entry.name in wanted:
                operations += [
                    {"op": "test", "path": f"{base}/env/{index}/name", "value": entry.name},
                    {"op": "remove", "path": f"{base}/env/{index}"},
                ]
        return self.patch(carrier.subject, operations)

    def remove_references(self, carrier: Carrier, configmap: str) -> str:
        """Remove all that a carrier's container reads from a ConfigMap."""
        base = _container_path(carrier)
        operations = _guards(carrier)
        for index, source in reversed(list(enumerate(carrier.container.env_from))):
            if not source.secret and source.name == configmap:
                path = f"{base}/envFrom/{index}"
                operations += [
                    {"op": "test", "path": f"{path}/configMapRef/name", "value": configmap},
                    {"op": "remove", "path": path},
                ]
        for index, entry in reversed(list(enumerate(carrier.container.env))):
            if entry.source is EnvSource.CONFIGMAP_KEY and entry.ref_name == configmap:
                path = f"{base}/env/{index}"
                operations += [
                    {"op": "test", "path": f"{path}/name", "value": entry.name},
                    {"op": "remove", "path": path},
                ]
        return self.patch(carrier.subject, operations)

    def add_reference(self, carrier: Carrier, *configmaps: str, first: bool = False) -> str:
        """Let a carrier's container read ConfigMaps, after or before all it reads already."""
        path = f"{_container_path(carrier)}/envFrom"
        references: list[Json] = [{"configMapRef": {"name": name}} for name in configmaps]
        if not carrier.container.env_from:
            operations: list[Json] = [{"op": "add", "path": path, "value": references}]
        else:
            place = "0" if first else "-"
            operations = [
                {"op": "add", "path": f"{path}/{place}", "value": each} for each in references
            ]
        return self.patch(carrier.subject, [*_guards(carrier), *operations])

    def set_entry(self, carrier: Carrier, name: str, value: str) -> str:
        """Set an entry of a carrier's `env:` to a literal."""
        return self._set_env(carrier, f"{name}={value}")

    def _set_env(self, carrier: Carrier, *changes: str) -> str:
        container = f"--containers={carrier.container.name}"
        return self.kubectl("set", "env", owner_path(carrier.subject), container, *changes)

    def copy_entries(self, carrier: Carrier, entries: Sequence[EnvEntry]) -> str:
        """Give a carrier's container another one's entries: literals, and references to Secrets."""
        path = f"{_container_path(carrier)}/env"
        values = [_declared(each) for each in entries]
        operations = _guards(carrier)
        if not carrier.container.env:
            return self.patch(carrier.subject, [*operations, _added(path, values)])
        for entry, value in zip(entries, values, strict=True):
            names = [each.name for each in carrier.container.env]
            if entry.name in names:
                place = f"{path}/{names.index(entry.name)}"
                operations += [
                    {"op": "test", "path": f"{place}/name", "value": entry.name},
                    {"op": "replace", "path": place, "value": value},
                ]
            else:
                operations.append(_added(f"{path}/-", value))
        return self.patch(carrier.subject, operations)

    def without_service_links(self, carrier: Carrier) -> str:
        """Switch service links off in a carrier's template."""
        path = f"{carrier.path}/enableServiceLinks"
        operations: list[Json] = [{"op": "add", "path": path, "value": False}]
        return self.patch(carrier.subject, [*_guards(carrier), *operations])

    def rolled_out(self, subject: Subject) -> tuple[str, ...]:
        """Await a workload's rollout."""
        if subject.kind not in ROLLING_KINDS:
            return ()
        return (*self._resumed(subject), self._status(subject))

    def _resumed(self, subject: Subject) -> tuple[str, ...]:
        """A paused Deployment refuses a restart, and its rollout never ends."""
        if subject not in self.paused:
            return ()
        return (self.kubectl("rollout", "resume", owner_path(subject)),)

    def _status(self, subject: Subject) -> str:
        return self.kubectl("rollout", "status", owner_path(subject), f"--timeout={ROLLOUT_S}s")

    def restart(self, *subjects: Subject) -> tuple[str, ...]:
        """Restart the pods of workloads, of all at once, and await them."""
        rolling = [each for each in subjects if each.kind in ROLLING_KINDS]
        if not rolling:
            return ()
        resumed = (line for each in rolling for line in self._resumed(each))
        restart = self.kubectl("rollout", "restart", *map(owner_path, rolling))
        return (*resumed, restart, *map(self._status, rolling))

    def delete_pod(self, name: str) -> str:
        """Delete a pod and await its end."""
        return self.kubectl("delete", "pod", name, "--ignore-not-found", "--wait=true")

    def group_ready(self, carrier: Carrier) -> str:
        """Await a Ray group's pods by counting those that are ready and not ending.

        `kubectl wait` would be satisfied by a pod that is ending, and fails where none is yet.
        """
        kind = f"ray.io/node-type={carrier.role}"
        if carrier.role is Role.WORKER and carrier.group is not None:
            kind = f"ray.io/group={carrier.group.name}"
        selector = f"ray.io/cluster={carrier.cluster},{kind}"
        ask = self.kubectl("get", "pods", "-l", selector, "-o", f"go-template={_READY}")
        return until(f'[ "$({ask})" = "{"x" * carrier.replicas}" ]', f"{selector}: not ready")


def until(condition: str, complaint: str) -> str:
    """A shell loop that ends with 0 once the condition holds, with 1 after five minutes."""
    failed = shlex.quote(f"{complaint} after {_TRIES * 2} s")
    return (
        f"n=0; until {condition}; do n=$((n+1)); "
        f'[ "$n" -lt {_TRIES} ] || {{ echo {failed} >&2; exit 1; }}; sleep 2; done'
    )


def owner_path(subject: Subject) -> str:
    """What kubectl calls an object."""
    return f"{subject.kind.lower()}/{subject.name}"


def _added(path: str, value: Json) -> Json:
    return {"op": "add", "path": path, "value": value}


def _declared(entry: EnvEntry) -> Json:
    if entry.source is EnvSource.SECRET_KEY:
        reference: Json = {"name": entry.ref_name, "key": entry.ref_key}
        return {"name": entry.name, "valueFrom": {"secretKeyRef": reference}}
    return {"name": entry.name, "value": (entry.value.exact if entry.value else None) or ""}


def _container_path(carrier: Carrier) -> str:
    return f"{carrier.path}/containers/{carrier.index}"


def _guards(carrier: Carrier) -> list[Json]:
    """Tests that the patch hits the container, and the group, that were looked at."""
    guards: list[Json] = []
    if carrier.role is Role.WORKER and carrier.group is not None:
        group = carrier.path.removesuffix("/template/spec")
        guards.append({"op": "test", "path": f"{group}/groupName", "value": carrier.group.name})
    name = carrier.container.name
    return [*guards, {"op": "test", "path": f"{_container_path(carrier)}/name", "value": name}]
