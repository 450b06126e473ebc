"""A Ray pod matches its group's template but for what KubeRay adds."""

import json
from dataclasses import replace

import pytest

from seedcore_deploy.judge.templates import (
    differences,
    injected_by_kuberay,
    operator_additions,
)
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.snapshot import (
    ContainerSpec,
    EnvEntry,
    EnvFromEntry,
    EnvSource,
    PodTemplate,
)
from tests.support.snapshots import (
    FORK_SUPPORT,
    HEAD,
    WORKER,
    literal,
    ray_pod_template,
    ray_template,
    with_container,
)

GROUP = ray_template(Role.HEAD)
POD = ray_pod_template(Role.HEAD, HEAD)


def changed(template: PodTemplate, **changes: object) -> PodTemplate:
    return with_container(template, **changes)


def with_volume(template: PodTemplate, volume: object) -> PodTemplate:
    return replace(template, volumes=(*template.volumes, json.dumps(volume)))


@pytest.mark.parametrize("role", [Role.HEAD, Role.WORKER])
def test_what_kuberay_adds_is_no_difference(role: Role) -> None:
    assert differences(ray_template(role), ray_pod_template(role, HEAD), role) == ()


@pytest.mark.parametrize(
    ("group", "what"),
    [
        (changed(GROUP, image="localhost/seedcore-ray:0.2.0"), "image"),
        (changed(GROUP, env=(literal(FORK_SUPPORT, "1"),)), f"env {FORK_SUPPORT}"),
        (
            changed(GROUP, env=(*GROUP.containers[0].env, literal("RAY_NEW", "x"))),
            "env RAY_NEW is missing",
        ),
        (changed(GROUP, env=()), f"env {FORK_SUPPORT} is not in the template"),
        (changed(GROUP, env_from=()), "envFrom"),
        (changed(GROUP, env_from=(EnvFromEntry("seedcore-env", optional=True),)), "envFrom"),
        (changed(GROUP, resources=(("limits.memory", "4Gi"),)), "limits.memory"),
        (changed(GROUP, resources=(("limits.cpu", "1"),)), "limits.cpu unset"),
        (changed(GROUP, command=("bash", "-c", "prepare")), "command"),
        (with_volume(GROUP, {"name": "data", "emptyDir": {}}), "volume data"),
        (replace(GROUP, enable_service_links=True), "enableServiceLinks"),
        (
            replace(GROUP, containers=(*GROUP.containers, ContainerSpec("sidecar", "x"))),
            "container sidecar",
        ),
    ],
)
def test_change_of_the_template_is_told(group: PodTemplate, what: str) -> None:
    (difference,) = differences(group, POD, Role.HEAD)

    assert difference.startswith(what)


@pytest.mark.parametrize(
    "pod",
    [
        with_volume(POD, {"name": "kube-api-access-x", "projected": {}}),
        changed(POD, resources=(*POD.containers[0].resources, ("limits.cpu", "8"))),
        changed(POD, env=(*POD.containers[0].env, literal("OTEL_EXPORTER", "x"))),
        replace(POD, containers=(*POD.containers, ContainerSpec("istio-proxy", "x"))),
        replace(POD, containers=(ContainerSpec("linkerd-proxy", "x"), *POD.containers)),
        changed(POD, image=f"{POD.containers[0].image}@sha256:{'0' * 64}"),
    ],
)
def test_what_admission_adds_is_no_difference(pod: PodTemplate) -> None:
    assert differences(GROUP, pod, Role.HEAD) == ()


def test_amounts_are_compared_as_quantities() -> None:
    group = changed(GROUP, resources=(("limits.memory", "3072Mi"), ("requests.cpu", "0.5")))

    assert differences(group, POD, Role.HEAD) == ()


def test_defaults_that_the_server_adds_to_a_volume_are_no_difference() -> None:
    group = with_volume(GROUP, {"name": "c", "configMap": {"name": "c"}})
    pod = with_volume(POD, {"name": "c", "configMap": {"name": "c", "defaultMode": 420}})

    assert differences(group, pod, Role.HEAD) == ()


def test_field_entries_are_the_same_whatever_they_resolve_to() -> None:
    entry = EnvEntry("RAY_POD", EnvSource.FIELD, None, ref_key="metadata.name")
    resolved = replace(entry, value=literal("X", HEAD).value)
    group = changed(GROUP, env=(*GROUP.containers[0].env, entry))
    pod = changed(POD, env=(resolved, *POD.containers[0].env))

    assert differences(group, pod, Role.HEAD) == ()


@pytest.mark.parametrize(
    "wrapped",
    [
        " bash  -c  prepare  && ulimit -n 65536; ray start --head --block",
        " bash  -c  prepare  && ulimit -n 65536; ray start",
    ],
)
def test_own_command_is_found_in_what_kuberay_makes_of_it(wrapped: str) -> None:
    group = changed(GROUP, command=("bash", "-c"), args=("prepare",))

    assert differences(group, changed(POD, args=(wrapped,)), Role.HEAD) == ()


def test_command_that_the_template_no_longer_has_is_told() -> None:
    pod = changed(POD, args=(" prepare  && ulimit -n 65536; ray start --block",))

    assert differences(GROUP, pod, Role.HEAD) == ("command",)


def test_address_of_a_former_template_is_not_taken_for_kuberays() -> None:
    assert injected_by_kuberay(literal("RAY_ADDRESS", "127.0.0.1:6379"), Role.HEAD)
    assert injected_by_kuberay(literal("RAY_ADDRESS", "h.ns.svc.cluster.local:6379"), Role.WORKER)
    assert not injected_by_kuberay(literal("RAY_ADDRESS", "ray://h:10001"), Role.HEAD)
    assert not injected_by_kuberay(literal("RAY_ADDRESS", "ray://h.ns.svc.x:10001"), Role.WORKER)
    assert not injected_by_kuberay(literal("RAY_OTHER", "x"), Role.HEAD)


def test_what_every_ray_pod_has_beyond_its_template_is_the_operators() -> None:
    extra = literal("RAY_EVERYWHERE", "x")
    groups = [
        (ray_template(role), [changed(ray_pod_template(role, name), env=(extra,))])
        for role, name in ((Role.HEAD, HEAD), (Role.WORKER, WORKER))
    ]

    names = operator_additions(groups)

    assert names == {"RAY_EVERYWHERE"}
    pod = changed(POD, env=(*POD.containers[0].env, extra))
    assert differences(GROUP, pod, Role.HEAD, names) == ()
    assert differences(GROUP, pod, Role.HEAD) != ()


def test_one_pod_cannot_tell_its_past_from_the_operators_configuration() -> None:
    extra = literal("RAY_EVERYWHERE", "x")

    assert operator_additions([(GROUP, [changed(POD, env=(extra,))])]) == frozenset()


def test_names_that_the_operator_adds_are_found_behind_a_sidecar_that_stands_first() -> None:
    with_addition = changed(POD, env=(*POD.containers[0].env, literal("RAY_OPERATORS_OWN", "1")))
    sidecar_first = replace(
        with_addition, containers=(ContainerSpec("linkerd-proxy", "x"), *with_addition.containers)
    )

    found = operator_additions([(GROUP, [sidecar_first]), (GROUP, [sidecar_first])])

    assert found == {"RAY_OPERATORS_OWN"}


def test_another_digest_than_the_templates_is_a_difference() -> None:
    image = POD.containers[0].image
    group = changed(GROUP, image=f"{image}@sha256:{'0' * 64}")
    pod = changed(POD, image=f"{image}@sha256:{'1' * 64}")

    (difference,) = differences(group, pod, Role.HEAD)

    assert difference.startswith("image")
