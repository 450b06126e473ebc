"""Values that come from Secrets are compared and never shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

import pytest

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.address_answer import AddressAnswer, AnswerEnd
from seedcore_deploy.model.disclosure import Discloser, EnvValue
from seedcore_deploy.model.look import Look, Seen
from seedcore_deploy.model.snapshot import (
    ConfigMapFacts,
    ContainerSpec,
    EnvEntry,
    EnvFromEntry,
    EnvSource,
    PodFacts,
    PodTemplate,
    ProbeFacts,
    ProcessFacts,
    Snapshot,
    WorkloadFacts,
)
from seedcore_deploy.observe.secret_values import (
    seen_configmaps,
    without_secret_answers,
    without_secret_values,
)
from tests.support import snapshots as s

T = TypeVar("T")

DISCLOSER = Discloser(b"salt")
VALUE = DISCLOSER.value("RAY_ADDRESS", "ray://canary-4711:10001")
OTHER = DISCLOSER.value("RAY_ADDRESS", "ray://head:10001")
SECRET, SETTINGS = EnvFromEntry("secret", secret=True), EnvFromEntry("settings")
REFERENCE = EnvEntry("RAY_ADDRESS", EnvSource.SECRET_KEY, None, "secret", "address")
EXPANDED = EnvEntry(
    "RAY_ADDRESS", EnvSource.LITERAL, DISCLOSER.value("RAY_ADDRESS", "ray://$(H):10001")
)
PART = EnvEntry("H", EnvSource.SECRET_KEY, None, "secret", "host")
CHAIN = EnvEntry("C", EnvSource.LITERAL, DISCLOSER.value("C", "$(H)"), expands=True)
CHAINED = EnvEntry(
    "RAY_ADDRESS", EnvSource.LITERAL, DISCLOSER.value("RAY_ADDRESS", "ray://$(C)"), expands=True
)


def _seen(look: Look[T]) -> T:
    assert isinstance(look, Seen)
    return look.value


def shown(container: ContainerSpec, data: EnvValue | None = None) -> tuple[str | None, str | None]:
    """The texts of layers 3 and 4."""
    values = {"RAY_ADDRESS": VALUE}
    configmaps = {"settings": ConfigMapFacts("settings", {"RAY_ADDRESS": data})} if data else {}
    pod = replace(
        _seen(s.healthy().pods)[0], container=container.name, template=PodTemplate((container,))
    )
    facts = ProcessFacts(values, Seen(values), Seen(()))

    found = without_secret_values(Seen(facts), pod, configmaps)

    assert isinstance(found, Seen)
    assert isinstance(found.value.process, Seen)
    layers = found.value.container["RAY_ADDRESS"], found.value.process.value["RAY_ADDRESS"]
    assert {each.digest for each in layers} == {VALUE.digest}
    return layers[0].text, layers[1].text


@pytest.mark.parametrize(
    "container",
    [
        ContainerSpec("c", "i", env=(REFERENCE,)),
        ContainerSpec("c", "i", env=(PART, EXPANDED)),
        ContainerSpec("c", "i", env=(PART, CHAIN, CHAINED)),
        ContainerSpec("c", "i", env=(EXPANDED,), env_from=(SECRET,)),
        ContainerSpec("c", "i", env_from=(SECRET,)),
        ContainerSpec("c", "i", env_from=(SETTINGS, SECRET)),
    ],
)
def test_values_of_secrets_are_hidden(container: ContainerSpec) -> None:
    assert shown(container, OTHER) == (None, None)


@pytest.mark.parametrize(
    "container",
    [
        ContainerSpec("c", "i"),
        ContainerSpec("c", "i", env=(EXPANDED,)),
        ContainerSpec("c", "i", env=(EnvEntry("RAY_ADDRESS", EnvSource.LITERAL, VALUE),)),
        ContainerSpec("c", "i", env=(REFERENCE, replace(REFERENCE, source=EnvSource.FIELD))),
        ContainerSpec("c", "i", env_from=(EnvFromEntry("secret", secret=True, prefix="X_"),)),
        ContainerSpec("c", "i", env_from=(SECRET, SETTINGS)),
        ContainerSpec("c", "i", env_from=(SETTINGS, SECRET)),
    ],
)
def test_values_of_other_sources_are_shown(container: ContainerSpec) -> None:
    assert shown(container, VALUE) == (VALUE.text, VALUE.text)


def with_secret_address(snapshot: Snapshot) -> Snapshot:
    """The healthy client with its address from a Secret instead of its ConfigMap."""

    def changed(template: PodTemplate) -> PodTemplate:
        first = template.containers[0]
        return replace(template, containers=(replace(first, env=(*first.env, REFERENCE)),))

    def pod(each: PodFacts) -> PodFacts:
        if each.workload != "seedcore-api":
            return each
        own = replace(each, template=changed(each.template))
        return replace(own, process=without_secret_values(own.process, own, configmaps))

    def workloads(found: tuple[WorkloadFacts, ...]) -> tuple[WorkloadFacts, ...]:
        return tuple(
            replace(each, template=changed(each.template)) if each.name == "seedcore-api" else each
            for each in found
        )

    configmaps = seen_configmaps(snapshot)
    planned = _seen(snapshot.manifests)
    pods = _seen(snapshot.pods)
    return replace(
        snapshot,
        manifests=Seen(replace(planned, workloads=workloads(planned.workloads))),
        workloads=Seen(workloads(_seen(snapshot.workloads))),
        pods=Seen(tuple(pod(each) for each in pods)),
    )


def test_a_hidden_address_is_no_fault_of_a_healthy_client() -> None:
    verdict, usual = judge(with_secret_address(s.healthy())), judge(s.healthy())

    assert (verdict.findings, verdict.gaps, verdict.outcome) == ((), usual.gaps, usual.outcome)
    assert [line.application for line in verdict.pods] == [line.application for line in usual.pods]


def test_a_hidden_address_with_another_port_is_not_called_unconnected() -> None:
    snapshot = with_secret_address(s.healthy())
    pods = tuple(
        replace(each, process=Seen(replace(each.process.value, connections=Seen(("1.1.1.1:2",)))))
        if each.workload == "seedcore-api" and isinstance(each.process, Seen)
        else each
        for each in _seen(snapshot.pods)
    )

    verdict = judge(replace(snapshot, pods=Seen(pods)))

    assert verdict.findings == ()


def probed(hidden: tuple[str, ...], **changes: Any) -> ProbeFacts:
    """What is kept of a client's probe where these variables are from Secrets."""
    return _kept(s.pod_of(s.healthy(), s.API), hidden, **changes)


def _kept(pod: PodFacts, hidden: tuple[str, ...], **changes: Any) -> ProbeFacts:
    facts = _seen(pod.process)
    live = {
        name: value.hidden() if name in hidden else value
        for name, value in _seen(facts.process).items()
    }
    pod = replace(pod, process=Seen(replace(facts, process=Seen(live))))
    return _seen(without_secret_answers(Seen(replace(s.proof(), **changes)), pod))


def test_what_the_probe_met_is_told_without_the_address_of_a_secret() -> None:
    facts = probed(
        ("RAY_ADDRESS",),
        address="ray://Canary-4711.example:10001",
        error="ValueError: Canary-4711.example:10001 is no host",
        diagnosis="the name canary-4711.example does not resolve in this pod: not known",
    )

    assert "4711" not in repr(facts)
    assert facts.address == ""
    assert facts.error == "ValueError: *** is no host"
    assert facts.diagnosis == "the name *** does not resolve in this pod: not known"


@pytest.mark.parametrize("address", ["canary-4711", "ray://[canary-4711", "http://c/canary-4711"])
def test_addresses_that_are_none_are_hidden_as_well(address: str) -> None:
    facts = probed(("RAY_ADDRESS",), address=address, error=f"cannot use {address!r}")

    assert "4711" not in repr(facts)


def test_answers_are_told_without_the_address_of_a_secret() -> None:
    ended = AnswerEnd.DNS
    answer = AddressAnswer(
        "http://canary-4711.example:8265/api/version",
        ended,
        said="the name Canary-4711.example does not resolve: [Errno -2]",
    )

    facts = probed(("RAY_DASHBOARD_ADDRESS", "RAY_SERVE_ADDRESS"), dashboard=answer, serve=answer)

    expected = AddressAnswer("***", ended, said="the name *** does not resolve")
    assert (facts.dashboard, facts.serve) == (expected, expected)
    assert probed(("RAY_ADDRESS",), serve=answer).serve == answer


def test_own_answers_of_a_head_are_told_whole() -> None:
    """They are asked on the pod itself, wherever the variables lead."""
    own = AddressAnswer("http://127.0.0.1:8000/-/healthz", AnswerEnd.REFUSED, said="a: b")
    addresses = {"RAY_DASHBOARD_ADDRESS": "http://h:1", "RAY_SERVE_ADDRESS": "http://h:2"}
    head = s.pod_of(s.with_environment(s.healthy(), s.HEAD, **addresses), s.HEAD)

    told = _kept(head, tuple(addresses), dashboard=own, serve=own)

    assert (told.dashboard, told.serve) == (own, own)


def test_answer_in_words_that_quote_a_path_is_told_without_them() -> None:
    said = "the address cannot be asked: URL can't contain control characters. '/4711 x'"
    answer = AddressAnswer("http://head:8265/api/version", AnswerEnd.UNKNOWN, said=said)

    facts = probed(("RAY_DASHBOARD_ADDRESS",), dashboard=answer)

    assert facts.dashboard is not None
    assert facts.dashboard.said == "the address cannot be asked"


def test_namespace_that_a_secret_names_is_not_told() -> None:
    assert probed(("RAY_NAMESPACE",), namespace="canary").namespace == ""
    assert probed(("RAY_ADDRESS",), namespace="canary").namespace == "canary"


def test_probe_is_told_whole_where_nothing_comes_from_secrets() -> None:
    facts = replace(s.proof(), namespace="seedcore-dev", error="seedcore-head-svc is away")

    assert probed((), namespace=facts.namespace, error=facts.error) == facts
