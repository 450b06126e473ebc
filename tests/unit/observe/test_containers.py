"""Pod specs, live or rendered, in the words of the model."""

from typing import Any

import pytest

from seedcore_deploy.judge.templates import differences
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.disclosure import Discloser
from seedcore_deploy.model.snapshot import ContainerSpec, EnvEntry, EnvSource, PodTemplate
from seedcore_deploy.observe.containers import Parser, reads_configmap

DISCLOSER = Discloser(b"salt")
POD = {
    "metadata": {"name": "p", "namespace": "ns", "labels": {"app": "a"}},
    "spec": {
        "nodeName": "n",
        "containers": [
            {"name": "other", "resources": {"limits": {"cpu": "1500m", "memory": "0"}}},
        ],
        "initContainers": [{"name": "before", "resources": {"limits": {"cpu": "3"}}}],
    },
    "status": {"podIP": "1.2.3.4", "podIPs": [{"ip": "1.2.3.4"}, {"ip": "::1"}]},
}


def entry(pod: dict[str, Any] | None = None, **fields: Any) -> EnvEntry:
    resources = {
        "limits": {"cpu": "250m", "memory": "1Gi"},
        "requests": {"cpu": "0", "ephemeral-storage": "5e6"},
    }
    container = {"name": "c", "env": [{"name": "RAY_ADDRESS", **fields}], "resources": resources}
    template = Parser(DISCLOSER, pod).template({"containers": [container]}, {})
    return template.containers[0].env[0]


def text(parsed: EnvEntry) -> str | None:
    return parsed.value.text if parsed.value else None


def field(path: str) -> dict[str, Any]:
    return {"valueFrom": {"fieldRef": {"fieldPath": path}}}


def resource(name: str, **fields: str) -> dict[str, Any]:
    return {"valueFrom": {"resourceFieldRef": {"resource": name, **fields}}}


def test_a_literal_is_kept_and_its_references_are_noticed() -> None:
    parsed = entry(value="ray://$(HOST):10001")

    assert (parsed.source, text(parsed)) == (EnvSource.LITERAL, "ray://$(HOST):10001")
    assert parsed.expands


@pytest.mark.parametrize("raw", ["$(HOST)", "pa$$word", "$$(HOST)", "$()"])
def test_what_the_kubelet_would_replace_is_noticed(raw: str) -> None:
    assert entry(value=raw).expands


@pytest.mark.parametrize("raw", ["pa$word", "$", "$(HOST", "$ (HOST)", "(HOST)"])
def test_what_the_kubelet_leaves_as_it_is_is_not_taken_for_a_reference(raw: str) -> None:
    assert not entry(value=raw).expands


def test_an_entry_without_a_value_is_the_empty_text() -> None:
    assert text(entry()) == ""


def test_a_secret_is_named_and_never_valued() -> None:
    reference = {"name": "s", "key": "k", "optional": True}

    parsed = entry(valueFrom={"secretKeyRef": reference})

    assert parsed == EnvEntry("RAY_ADDRESS", EnvSource.SECRET_KEY, None, "s", "k", True)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.name", "p"),
        ("metadata.labels['app']", "a"),
        ("metadata.labels['gone']", ""),
        ("metadata.annotations['gone']", ""),
        ("spec.nodeName", "n"),
        ("status.podIP", "1.2.3.4"),
        ("status.podIPs", "1.2.3.4,::1"),
        ("status.hostIP", None),
    ],
)
def test_fields_are_resolved_on_a_live_pod(path: str, value: str | None) -> None:
    assert text(entry(POD, **field(path))) == value


def test_fields_stay_open_in_a_template() -> None:
    parsed = entry(None, **field("metadata.name"))

    assert (parsed.value, parsed.ref_key) == (None, "metadata.name")


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        (resource("limits.cpu"), "1"),
        (resource("limits.cpu", divisor="1m"), "250"),
        (resource("limits.cpu", divisor="0"), "1"),
        (resource("limits.memory", divisor="1Mi"), "1024"),
        (resource("requests.cpu"), "0"),
        (resource("requests.cpu", divisor="1m"), "0"),
        (resource("requests.ephemeral-storage"), "5000000"),
        (resource("limits.ephemeral-storage"), None),
        (resource("limits.cpu", containerName="other"), "2"),
        (resource("limits.memory", containerName="other"), None),
        (resource("limits.cpu", containerName="before"), "3"),
        (resource("requests.cpu", containerName="before"), "0"),
        (resource("limits.cpu", containerName="gone"), None),
        (resource("requests.cpu", containerName="gone"), None),
    ],
)
def test_resources_are_resolved_where_the_node_does_not_decide(
    reference: dict[str, Any], value: str | None
) -> None:
    assert text(entry(POD, **reference)) == value


@pytest.mark.parametrize(
    "words",
    [
        ["ray start --head --redis-password=hunter2 --block"],
        ["app", "--api-key hunter2"],
        ["app", "redis://user:hunter2@host"],
        ["--auth-token='hunter2'"],
        ["ray", "start", "--redis-password", "hunter2"],
        ["sh", "-c", "RAY_AUTH_TOKEN=hunter2 ray start"],
        ["sh", "-c", "export RAY_AUTH_TOKEN='a hunter2' && ray start"],
        ["app", "--password", "a hunter2"],
        ["app", "--use-key", "--password", "hunter2"],
        ["curl", "-H", "Authorization: Bearer hunter2"],
        ["app", "--connect", "user:hunter2@head:10001"],
        ["app", "ray://u:a/hunter2@head"],
        ["app", "http://head/?token=hunter2"],
    ],
)
def test_what_looks_like_a_secret_in_a_command_is_not_kept(words: list[str]) -> None:
    spec = {"containers": [{"name": "c", "command": words, "args": words}]}

    container = Parser(DISCLOSER).template(spec, {}).containers[0]

    assert "hunter2" not in repr(container)


def test_two_different_secrets_in_a_command_stay_different() -> None:
    def args(secret: str) -> tuple[str, ...]:
        spec = {"containers": [{"name": "c", "args": [f"--redis-password={secret}"]}]}
        return Parser(DISCLOSER).template(spec, {}).containers[0].args

    assert args("a") == args("a") != args("b")


@pytest.mark.parametrize(
    "words",
    [
        ("--redis-password", "{}"),
        ("sh", "-c", "RAY_AUTH_TOKEN={} app"),
        ("app", "redis://user:{}@host"),
        ("app", "user:{}@host"),
    ],
)
def test_two_secrets_are_told_apart_and_equal_ones_are_not(words: tuple[str, ...]) -> None:
    def command(secret: str) -> tuple[str, ...]:
        own = [word.format(secret) for word in words]
        spec = {"containers": [{"name": "c", "command": own}]}
        return Parser(DISCLOSER).template(spec, {}).containers[0].command

    assert command("a") == command("a") != command("b")
    assert len(command("a")) == len(words)


@pytest.mark.parametrize(
    "own",
    [
        ["app", "--redis-password", "hunter2", "--block"],
        ["app", "--redis-password", "hunter2"],
        ["app", "--no-auth"],
        ["app", "--use-key", "--password", "hunter2", "url://u:hunter2@head"],
        ["RAY_AUTH_TOKEN=hunter2", "app"],
    ],
)
def test_a_command_that_kuberay_wraps_is_still_found_in_the_pod(own: list[str]) -> None:
    wrapped = "".join(f" {word} " for word in own) + " && ulimit -n 65536; ray start --head "

    def container(**fields: Any) -> ContainerSpec:
        return (
            Parser(DISCLOSER).template({"containers": [{"name": "c", **fields}]}, {}).containers[0]
        )

    template = PodTemplate((container(command=own),))
    pod = PodTemplate((container(command=["/bin/bash", "-c", "--"], args=[wrapped]),))
    other = PodTemplate((container(command=[*own[:-1], "--password=another"]),))

    assert differences(template, pod, Role.WORKER) == ()
    assert differences(other, pod, Role.WORKER) == ("command",)


def test_the_token_volume_of_the_api_server_is_left_out() -> None:
    spec = {"containers": [], "volumes": [{"name": "kube-api-access-x"}, {"name": "tmp"}]}

    assert Parser(DISCLOSER).template(spec, {}).volumes == ('{"name":"tmp"}',)


@pytest.mark.parametrize(
    ("container", "reads"),
    [
        ({"envFrom": [{"configMapRef": {"name": "x"}}]}, True),
        ({"envFrom": [{"secretRef": {"name": "x"}}]}, False),
        ({"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "x"}}}]}, True),
        ({"env": [{"name": "A", "value": "x"}]}, False),
        ({}, False),
    ],
)
def test_reading_a_configmap_is_seen_in_both_places(container: Any, reads: bool) -> None:
    assert reads_configmap({"containers": [container]}, "x") is reads
