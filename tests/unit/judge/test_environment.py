"""Layer 2 is put together as the kubelet does it."""

import pytest

from seedcore_deploy.judge.environment import (
    Evaluation,
    Missing,
    Surroundings,
    evaluate,
    expand,
    link_service,
    same,
)
from seedcore_deploy.model.disclosure import Discloser, EnvValue
from seedcore_deploy.model.snapshot import ContainerSpec, EnvEntry, EnvFromEntry, EnvSource
from seedcore_deploy.model.variable import Origin, OriginKind
from tests.support.snapshots import configmap, literal, value

ONE = configmap("one", {"RAY_ADDRESS": "one", "RAY_HOST": "host"})
TWO = configmap("two", {"RAY_ADDRESS": "two"})


def evaluated(
    *env: EnvEntry,
    sources: tuple[EnvFromEntry, ...] = (),
    complete: bool = True,
    services: tuple[str, ...] = (),
) -> Evaluation:
    container = ContainerSpec("api", "image", env=env, env_from=sources)
    around = Surroundings({"one": ONE, "two": TWO}, complete, services, "deployment/api")
    return evaluate(container, around)


def text_of(evaluation: Evaluation, name: str) -> str | None:
    resolved = evaluation.get(name)
    assert resolved is not None
    assert resolved.value is not None
    return resolved.value.text


def key(name: str, configmap: str, key: str, *, optional: bool = False) -> EnvEntry:
    return EnvEntry(name, EnvSource.CONFIGMAP_KEY, None, configmap, key, optional)


def test_later_env_from_wins() -> None:
    evaluation = evaluated(sources=(EnvFromEntry("one"), EnvFromEntry("two")))

    assert text_of(evaluation, "RAY_ADDRESS") == "two"
    resolved = evaluation.get("RAY_ADDRESS")
    assert resolved is not None
    assert resolved.origin == Origin(OriginKind.CONFIGMAP, "two", "RAY_ADDRESS")


def test_env_wins_over_env_from() -> None:
    evaluation = evaluated(literal("RAY_ADDRESS", "own"), sources=(EnvFromEntry("one"),))

    assert text_of(evaluation, "RAY_ADDRESS") == "own"


def test_later_entry_wins() -> None:
    evaluation = evaluated(literal("RAY_ADDRESS", "first"), literal("RAY_ADDRESS", "second"))

    assert text_of(evaluation, "RAY_ADDRESS") == "second"


def test_prefix_is_put_in_front_of_keys() -> None:
    evaluation = evaluated(sources=(EnvFromEntry("two", prefix="OLD_"),))

    assert text_of(evaluation, "OLD_RAY_ADDRESS") == "two"
    assert evaluation.get("RAY_ADDRESS") is None


def test_names_that_no_environment_takes_are_skipped() -> None:
    evaluation = evaluated(sources=(EnvFromEntry("two", prefix="A=B"),))

    assert evaluation.variables == {}


def test_missing_required_reference_stops_the_container() -> None:
    evaluation = evaluated(sources=(EnvFromEntry("gone"),))

    assert evaluation.blocking == (Missing("gone"),)


def test_missing_optional_references_are_skipped() -> None:
    evaluation = evaluated(
        key("RAY_ADDRESS", "gone", "x", optional=True),
        key("RAY_HOST", "one", "no-such-key", optional=True),
        sources=(EnvFromEntry("gone", optional=True), EnvFromEntry("one")),
    )

    assert evaluation.blocking == ()
    assert text_of(evaluation, "RAY_ADDRESS") == "one"
    assert text_of(evaluation, "RAY_HOST") == "host"


def test_missing_key_stops_the_container() -> None:
    evaluation = evaluated(key("RAY_ADDRESS", "one", "no-such-key"))

    assert evaluation.blocking == (Missing("one", "no-such-key"),)


def test_key_reference_takes_the_keys_value() -> None:
    evaluation = evaluated(key("RAY_ADDRESS", "one", "RAY_HOST"))

    assert text_of(evaluation, "RAY_ADDRESS") == "host"


def test_secret_is_set_and_never_known() -> None:
    evaluation = evaluated(EnvEntry("RAY_ADDRESS", EnvSource.SECRET_KEY, None, "secret", "key"))

    resolved = evaluation.get("RAY_ADDRESS")
    assert resolved is not None
    assert resolved.value is None
    assert resolved.origin == Origin(OriginKind.SECRET, "secret", "key")


def test_secret_read_later_makes_earlier_values_uncertain() -> None:
    evaluation = evaluated(
        sources=(EnvFromEntry("one"), EnvFromEntry("secret", secret=True), EnvFromEntry("two"))
    )

    host, address = evaluation.get("RAY_HOST"), evaluation.get("RAY_ADDRESS")
    assert host is not None
    assert not host.certain
    assert address is not None
    assert address.certain
    assert evaluation.open


def test_configmap_that_a_render_lacks_may_be_defined_elsewhere() -> None:
    evaluation = evaluated(sources=(EnvFromEntry("gone"),), complete=False)

    assert evaluation.missing == ()
    assert evaluation.open


@pytest.mark.parametrize(
    ("raw", "expanded"),
    [
        ("ray://$(RAY_HOST):1", "ray://host:1"),
        ("$$(RAY_HOST)", "$(RAY_HOST)"),
        ("$$$(RAY_HOST)", "$host"),
        ("$(NO_SUCH)", "$(NO_SUCH)"),
        ("$(RAY_HOST", "$(RAY_HOST"),
        ("$RAY_HOST $", "$RAY_HOST $"),
        ("$(RAY_LATER)", "$(RAY_LATER)"),
    ],
)
def test_references_are_expanded_against_what_came_before(raw: str, expanded: str) -> None:
    evaluation = evaluated(
        literal("RAY_ADDRESS", raw), literal("RAY_LATER", "x"), sources=(EnvFromEntry("one"),)
    )

    assert text_of(evaluation, "RAY_ADDRESS") == expanded


def test_reference_to_a_service_link_cannot_be_known() -> None:
    entry = literal("RAY_ADDRESS", "ray://$(HEAD_SERVICE_HOST):1")

    resolved = evaluated(entry, services=("head",)).get("RAY_ADDRESS")

    assert resolved is not None
    assert resolved.value is None


def test_links_of_the_api_server_are_there_with_service_links_off() -> None:
    resolved = evaluated(literal("RAY_HOST", "$(KUBERNETES_SERVICE_HOST)")).get("RAY_HOST")

    assert resolved is not None
    assert resolved.value is None


def test_hidden_literal_with_a_reference_cannot_be_known() -> None:
    hidden = EnvEntry("RAY_TOKEN", EnvSource.LITERAL, EnvValue(None, "digest"), expands=True)

    resolved = evaluated(hidden).get("RAY_TOKEN")

    assert resolved is not None
    assert resolved.value is None


def test_hidden_values_are_compared_by_digest() -> None:
    assert same(EnvValue(None, "a"), EnvValue(None, "a")) is True
    assert same(EnvValue(None, "a"), EnvValue(None, "b")) is False


def test_expanded_value_is_compared_by_text() -> None:
    assert same(EnvValue("x", ""), value("x")) is True
    assert same(EnvValue("y", ""), value("x")) is False


def test_unset_differs_from_set_and_unknown_from_nothing() -> None:
    assert same(None, None) is True
    assert same(None, value("x")) is False
    assert same(EnvValue("x", ""), EnvValue(None, "a")) is None


def test_text_with_hidden_userinfo_cannot_be_compared() -> None:
    assert same(EnvValue("http://***@x", ""), EnvValue("http://***@x", "d")) is None


@pytest.mark.parametrize(
    ("name", "raw", "service"),
    [
        ("RAY_PORT", "tcp://10.96.0.1:6379", "ray"),
        ("RAY_PORT", "6379", ""),
        ("RAY_SERVICE_HOST", "10.96.0.1", "ray"),
        ("RAY_PORT_6379_TCP_ADDR", "10.96.0.1", "ray"),
        ("RAY_SERVICE_PORT_CLIENT", "10001", "ray"),
        ("RAY_HEAD_SERVICE_HOST", "10.96.0.1", "ray-head"),
        ("RAY_ADDRESS", "x", ""),
    ],
)
def test_service_links_are_told_by_name_and_value(name: str, raw: str, service: str) -> None:
    assert link_service(name, EnvValue(raw, "d"), ("ray", "ray-head")) == service


def test_expansion_ends_where_a_part_is_unknown() -> None:
    assert expand("a$(X)b", lambda _name: None) is None


def test_a_reference_in_a_hidden_part_leaves_the_value_open() -> None:
    discloser = Discloser(b"salt")
    value = discloser.value("RAY_ADDRESS", "ray://$(USER):$(PASSWORD)@head:10001")
    entry = EnvEntry("RAY_ADDRESS", EnvSource.LITERAL, value, expands=True)

    evaluation = evaluate(ContainerSpec("c", "i", env=(entry,)), Surroundings({}))

    resolved = evaluation.get("RAY_ADDRESS")
    assert resolved is not None
    assert resolved.value is None


@pytest.mark.parametrize("raw", ["a$b\n", "u:p@head$1", "$(RAY_HOST?q"])
def test_text_that_is_not_kept_whole_is_compared_by_its_digest_where_nothing_is_replaced(
    raw: str,
) -> None:
    kept = Discloser(b"salt").value("RAY_ADDRESS", raw)
    entry = EnvEntry("RAY_ADDRESS", EnvSource.LITERAL, kept)

    resolved = evaluate(ContainerSpec("c", "i", env=(entry,)), Surroundings({})).get("RAY_ADDRESS")

    assert resolved is not None
    assert resolved.value == kept


def test_references_in_hidden_and_shown_parts_leave_no_digest_to_compare_by() -> None:
    raw = Discloser(b"salt").value("RAY_ADDRESS", "ray://$(PASSWORD)@$(NO_SUCH)")
    entry = EnvEntry("RAY_ADDRESS", EnvSource.LITERAL, raw, expands=True)

    evaluation = evaluate(ContainerSpec("c", "i", env=(entry,)), Surroundings({}))

    resolved = evaluation.get("RAY_ADDRESS")
    assert resolved is not None
    assert resolved.value == EnvValue("ray://***@$(NO_SUCH)", "")


def test_expanded_escape_is_not_taken_for_the_text_that_it_is_shown_as() -> None:
    discloser = Discloser(b"salt")
    parts = (
        EnvEntry("RAY_HOST", EnvSource.LITERAL, discloser.value("RAY_HOST", "a\nb")),
        EnvEntry(
            "RAY_IP", EnvSource.LITERAL, discloser.value("RAY_IP", "$(RAY_HOST)"), expands=True
        ),
    )

    resolved = evaluate(ContainerSpec("c", "i", env=parts), Surroundings({})).get("RAY_IP")

    assert resolved is not None
    assert same(resolved.value, discloser.value("RAY_IP", r"a\nb")) is None


def test_values_with_hidden_parts_and_no_digest_are_not_compared() -> None:
    shown = EnvValue("***@head:10001", "")

    assert same(shown, shown) is None
