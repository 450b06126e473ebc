"""Whether a Ray pod still matches its group's template, but for what KubeRay adds.

KubeRay replaces no pod when a template changes, and its status does not tell. What it adds is
taken from KubeRay 1.6.1, controllers/ray/common/pod.go.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from seedcore_deploy.judge.environment import same
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.disclosure import is_connection_variable
from seedcore_deploy.model.snapshot import ContainerSpec, EnvEntry, EnvSource, PodTemplate

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

INJECTED = frozenset(
    """
    RAY_ADDRESS RAY_PORT RAY_IP FQ_RAY_IP RAY_CLUSTER_NAME RAY_CLUSTER_NAMESPACE
    RAY_CLOUD_INSTANCE_ID RAY_NODE_TYPE_NAME KUBERAY_GEN_RAY_START_CMD
    RAY_USAGE_STATS_KUBERAY_IN_USE RAY_USAGE_STATS_EXTRA_TAGS
    RAY_DASHBOARD_ENABLE_K8S_DISK_USAGE RAY_timeout_ms_task_wait_for_death_info
    RAY_gcs_server_request_timeout_seconds RAY_SERVE_KV_TIMEOUT_S RAY_enable_autoscaler_v2
    RAY_AUTH_MODE RAY_AUTH_TOKEN RAY_ENABLE_K8S_TOKEN_AUTH RAY_external_storage_namespace
    RAY_gcs_rpc_server_reconnect_timeout_s RAY_REDIS_ADDRESS REDIS_USERNAME REDIS_PASSWORD
    """.split()
)
"""What KubeRay 1.6.1 puts into container 0 where the template's `env:` lacks the name."""

_UNITS = {
    **{f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", 1)},
    **{letter: Decimal(1000) ** power for power, letter in enumerate("kMGTPE", 1)},
    "m": Decimal(1) / 1000,
    "u": Decimal(1) / 10**6,
    "n": Decimal(1) / 10**9,
}
SUBMITTER = frozenset({"RAY_DASHBOARD_ADDRESS", "RAY_JOB_SUBMISSION_ID"})


def injected_by_kuberay(entry: EnvEntry, role: Role) -> bool:
    """Whether an entry that the template lacks is one of KubeRay's, by name and by value.

    The value is what tells KubeRay's RAY_ADDRESS from one that the template had before.
    """
    if entry.name not in INJECTED:
        return False
    text = entry.value.text if entry.value else None
    if text is None or entry.source is not EnvSource.LITERAL:
        return True
    if entry.name == "RAY_ADDRESS":
        host, _, port = text.rpartition(":")
        here = host == "127.0.0.1" if role is Role.HEAD else ".svc." in host and "/" not in host
        return here and port.isdecimal()
    return text.isdecimal() if entry.name == "RAY_PORT" else True


def of_a_submitter(container: ContainerSpec) -> frozenset[str]:
    """The names of the entries that KubeRay gives the container that submits a RayJob.

    Its RAY_DASHBOARD_ADDRESS has no scheme, which the submitter puts in front by itself
    (KubeRay 1.6.1, rayjob_controller.go, getSubmitterTemplate).
    """
    literal = {entry.name for entry in container.env if entry.source is EnvSource.LITERAL}
    return SUBMITTER if literal >= SUBMITTER else frozenset()


def differences(
    template: PodTemplate, pod: PodTemplate, role: Role, operator_adds: Collection[str] = ()
) -> tuple[str, ...]:
    """What differs, as short phrases; empty when the pod is what KubeRay would make now.

    `operator_adds` are names that the operator's configuration puts into every Ray container.
    What the pod has beyond the template (a webhook's sidecar, a LimitRange's default) is no
    difference, but for RAY_* entries, which only a former template can have left.
    """
    found: list[str] = []
    for index, wanted in enumerate(template.containers):
        has = _container(wanted, index, pod.containers)
        if has is None:
            found.append(f"container {wanted.name} is missing")
            continue
        found += _container_differences(wanted, has, role, index == 0, operator_adds)
    found += volume_differences(template.volumes, pod.volumes)
    if template.enable_service_links != pod.enable_service_links:
        found.append("enableServiceLinks")
    return tuple(found)


def _container(
    wanted: ContainerSpec, index: int, containers: Sequence[ContainerSpec]
) -> ContainerSpec | None:
    """The pod's container of that name; a webhook may have put a sidecar before all of them."""
    named = next((each for each in containers if each.name == wanted.name), None)
    if named is None and index == 0 and containers:
        return containers[0]
    return named


def _container_differences(
    wanted: ContainerSpec,
    has: ContainerSpec,
    role: Role,
    ray: bool,
    operator_adds: Collection[str],
) -> Iterable[str]:
    if not same_image(wanted.image, has.image):
        yield f"image {has.image}, the template has {wanted.image}"
    if [_source(each) for each in wanted.env_from] != [_source(each) for each in has.env_from]:
        yield "envFrom"
    yield from _env_differences(wanted, has, role, operator_adds if ray else ())
    resources = dict(has.resources)
    for name, amount in wanted.resources:
        if not _equal_amounts(amount, resources.get(name, "")):
            yield f"{name} {resources.get(name, 'unset')}, the template has {amount}"
    if not _runs(wanted, has, ray):
        yield "command"


def same_image(wanted: str, has: str) -> bool:
    """Whether the images are the same; an admission webhook may pin one to its digest."""
    return has == wanted or ("@" not in wanted and has.startswith(f"{wanted}@sha256:"))


def same_resources(wanted: Iterable[tuple[str, str]], has: Iterable[tuple[str, str]]) -> bool:
    """Whether all requests and limits that are wanted are there, in any of their spellings."""
    amounts = dict(has)
    return all(_equal_amounts(amount, amounts.get(name, "")) for name, amount in wanted)


def _source(entry: object) -> tuple[object, ...]:
    return tuple(getattr(entry, name) for name in ("name", "secret", "prefix", "optional"))


def _env_differences(
    wanted: ContainerSpec, has: ContainerSpec, role: Role, operator_adds: Collection[str]
) -> Iterable[str]:
    in_pod = {entry.name: entry for entry in has.env}
    in_template = {entry.name: entry for entry in wanted.env}
    for name, entry in in_template.items():
        if name not in in_pod:
            yield f"env {name} is missing"
        elif not same_entry(entry, in_pod[name]):
            yield f"env {name}"
    for name, entry in in_pod.items():
        if name in in_template or name in operator_adds or not is_connection_variable(name):
            continue
        if not injected_by_kuberay(entry, role):
            yield f"env {name} is not in the template"


def same_entry(one: EnvEntry, other: EnvEntry) -> bool:
    """Whether two entries declare the same; what a field resolves to is the pod's own."""
    if one.source is not other.source:
        return False
    if one.source is EnvSource.LITERAL:
        return same(one.value, other.value) is not False
    return (one.ref_name, one.ref_key) == (other.ref_name, other.ref_key)


def operator_additions(
    groups: Iterable[tuple[PodTemplate, Iterable[PodTemplate]]],
) -> frozenset[str]:
    """Names of RAY_* entries that every pod of two or more groups has and no template sets.

    KubeRay's `defaultContainerEnvs` looks like this, and no former template does.
    """
    additions: list[set[str]] = []
    for template, pods in groups:
        declared = {entry.name for each in template.containers[:1] for entry in each.env}
        for pod in pods:
            ray = [_container(each, 0, pod.containers) for each in template.containers[:1]]
            names = {entry.name for each in ray if each for entry in each.env}
            additions.append(names - declared)
    if len(additions) < 2:
        return frozenset()
    return frozenset(set.intersection(*additions) - INJECTED)


def _runs(wanted: ContainerSpec, has: ContainerSpec, ray: bool) -> bool:
    """Whether the pod's command can be the template's: KubeRay wraps it in bash before its own."""
    if not has.command and not has.args:
        return True  # not recorded, or the image's own
    if (wanted.command, wanted.args) == (has.command, has.args):
        return True
    if not ray:
        return False
    own = "".join(f" {part} " for part in (*wanted.command, *wanted.args))
    if "ray start" in own:
        return False
    generated = has.args[-1] if has.args else ""
    if own:
        return generated.startswith(own)
    return not (" && ulimit " in generated and "ray start" in generated)


def volume_differences(wanted: Sequence[str], has: Sequence[str]) -> Iterable[str]:
    """The wanted volumes that are not there, or are there otherwise, as `volume NAME`."""
    in_pod = {_name(volume): volume for volume in map(json.loads, has)}
    for text in wanted:
        volume = json.loads(text)
        name = _name(volume)
        if name not in in_pod or not _contains(in_pod[name], volume):
            yield f"volume {name}"


def _name(volume: Json) -> str:
    return str(volume.get("name", "")) if isinstance(volume, dict) else ""


def _contains(has: Json, wanted: Json) -> bool:
    """Whether all that is wanted is there: the API server adds defaults to what was written."""
    if isinstance(wanted, dict):
        return isinstance(has, dict) and all(
            key in has and _contains(has[key], value) for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(has, list)
            and len(has) == len(wanted)
            and all(_contains(one, two) for one, two in zip(has, wanted, strict=True))
        )
    if isinstance(wanted, str) and isinstance(has, str):
        return _equal_amounts(wanted, has)
    return has == wanted


def _equal_amounts(one: str, other: str) -> bool:
    """Whether two texts are equal, or the same Kubernetes quantity (`1000m` and `1`)."""
    if one == other:
        return True
    amounts = _amount(one), _amount(other)
    return None not in amounts and amounts[0] == amounts[1]


def _amount(text: str) -> Decimal | None:
    number = text.rstrip("KMGTPEikmun") if text else ""
    unit = text[len(number) :]
    if unit and unit not in _UNITS:
        return None
    try:
        return Decimal(number) * _UNITS.get(unit, Decimal(1))
    except InvalidOperation:
        return None
