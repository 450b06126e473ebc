"""The first layer that departs names the cause."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from seedcore_deploy.judge.environment import Evaluation, Missing, Resolved
from seedcore_deploy.judge.layers import Layer, Variable, read_layers
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.disclosure import EnvValue
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import PodFacts
from seedcore_deploy.model.variable import LayerVerdict, Origin, OriginKind
from tests.support.snapshots import API, API_IP, client_pod, process, value

FROM_CONFIGMAP = Origin(OriginKind.CONFIGMAP, "seedcore-client-env", "RAY_ADDRESS")


def layer(raw: str | None, kind: OriginKind = OriginKind.CONFIGMAP) -> Evaluation:
    if raw is None:
        return Evaluation({})
    origin = replace(FROM_CONFIGMAP, kind=kind)
    return Evaluation({"RAY_ADDRESS": Resolved(value(raw), origin)})


def pod(container: Mapping[str, str], live: Mapping[str, str] | None = None) -> PodFacts:
    facts = process(container)
    if live is not None:
        facts = replace(facts, process=Seen({name: value(raw) for name, raw in live.items()}))
    return replace(client_pod(API, "api", API_IP), process=Seen(facts))


def address(
    planned: Evaluation | None,
    live: Evaluation | None,
    container: Mapping[str, str],
    running: Mapping[str, str] | None = None,
) -> Variable:
    (variable,) = read_layers(pod(container, running), planned, live, {"RAY_ADDRESS"}, ("ray",))
    return variable


@pytest.mark.parametrize(
    ("planned", "live", "container", "running", "verdict"),
    [
        ("a", "a", "a", "a", LayerVerdict.AGREED),
        ("a", "b", "b", "b", LayerVerdict.NOT_APPLIED),
        ("a", "a", "b", "b", LayerVerdict.STALE),
        ("a", "a", "a", "b", LayerVerdict.ENTRYPOINT),
        ("a", "b", "c", "d", LayerVerdict.NOT_APPLIED),
    ],
)
def test_first_departure_names_the_cause(
    planned: str, live: str, container: str, running: str, verdict: LayerVerdict
) -> None:
    variable = address(
        layer(planned), layer(live), {"RAY_ADDRESS": container}, {"RAY_ADDRESS": running}
    )

    assert variable.verdict is verdict


def test_layer_that_is_absent_is_skipped() -> None:
    variable = address(None, None, {"RAY_ADDRESS": "a"}, {"RAY_ADDRESS": "b"})

    assert list(variable.cells) == [Layer.CONTAINER, Layer.PROCESS]
    assert variable.verdict is LayerVerdict.ENTRYPOINT


def test_unreadable_process_is_no_drift() -> None:
    facts = replace(process({"RAY_ADDRESS": "a"}), process=NotSeen("another uid"))
    hidden = replace(client_pod(API, "api", API_IP), process=Seen(facts))

    (variable,) = read_layers(hidden, layer("a"), layer("a"), {"RAY_ADDRESS"})

    assert variable.verdict is LayerVerdict.AGREED
    assert variable.live() == (True, value("a"))


def test_variable_that_went_is_stale() -> None:
    variable = address(None, layer(None), {"RAY_ADDRESS": "a"})

    assert variable.verdict is LayerVerdict.STALE


def test_variable_that_the_entrypoint_removed() -> None:
    variable = address(None, layer("a"), {"RAY_ADDRESS": "a"}, {})

    assert variable.verdict is LayerVerdict.ENTRYPOINT
    assert variable.live() == (True, None)


def test_addition_that_the_contract_does_not_speak_of_is_no_drift() -> None:
    facts = pod({"RAY_OWN": "x"}, {"RAY_OWN": "x", "RAY_LATER": "y"})

    variables = read_layers(facts, Evaluation(), Evaluation(), {"RAY_ADDRESS"})

    assert {each.verdict for each in variables} == {LayerVerdict.AGREED}
    assert {str(each.origin) for each in variables} == {"image or unknown", "entrypoint"}


def test_what_kuberay_injects_is_never_drift() -> None:
    variable = address(
        layer("ray://x:10001"), layer("127.0.0.1:6379", OriginKind.KUBERAY), {"RAY_ADDRESS": "z"}
    )

    assert Layer.MANIFEST not in variable.cells
    assert variable.verdict is not LayerVerdict.STALE
    assert str(variable.origin).startswith("KubeRay")


def test_value_from_a_secret_is_compared_with_nothing() -> None:
    secret = Evaluation(
        {"RAY_ADDRESS": Resolved(None, Origin(OriginKind.SECRET, "ray", "address"))}
    )

    variable = address(None, secret, {"RAY_ADDRESS": "a"})

    assert variable.verdict is LayerVerdict.AGREED
    assert Layer.CLUSTER not in variable.cells


def test_container_that_cannot_start_is_compared_with_nothing() -> None:
    blocked = Evaluation({}, (Missing("gone"),))

    variable = address(None, blocked, {"RAY_ADDRESS": "a"})

    assert variable.verdict is LayerVerdict.AGREED


def test_service_link_has_that_origin() -> None:
    facts = pod({"RAY_SERVICE_HOST": "10.96.0.1"})

    (variable,) = read_layers(facts, None, Evaluation(), set(), ("ray",))

    assert variable.origin == Origin(OriginKind.SERVICE_LINK, "ray")


def test_hidden_values_are_shown_as_hidden() -> None:
    facts = process({})
    hidden = {"RAY_TOKEN": EnvValue(None, "digest")}
    facts = replace(facts, container=hidden, process=Seen(hidden))
    with_hidden = replace(client_pod(API, "api", API_IP), process=Seen(facts), role=Role.CLIENT)

    (variable,) = read_layers(with_hidden, None, None, set())

    assert variable.line().value == "(hidden)"


def test_variables_that_are_not_rays_are_left_out() -> None:
    live = Evaluation({"PATH": Resolved(value("x"), FROM_CONFIGMAP)})

    assert read_layers(pod({}), None, live, set()) == ()
