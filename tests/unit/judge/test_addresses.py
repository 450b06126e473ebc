"""What the addresses of clients must be."""

import pytest

from seedcore_deploy.judge.addresses import (
    HeadPlace,
    address_fault,
    parse_url,
    ray_pod_address_fits,
)
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.disclosure import Discloser

SERVICE = "seedcore-head-svc"
PORTS = frozenset({6379, 8000, 8265, 10001})
HERE = HeadPlace(
    "seedcore", SERVICE, "dev", {"ray-alias": PORTS, "ray-web": frozenset({80})}, PORTS
)


def rule(variable: str, text: str, place: HeadPlace | None = HERE) -> str:
    fault = address_fault(variable, text, place)
    return fault.rule if fault else ""


@pytest.mark.parametrize(
    "host",
    [
        SERVICE,
        f"{SERVICE}.dev",
        f"{SERVICE}.dev.svc",
        f"{SERVICE}.dev.svc.cluster.local",
        f"{SERVICE}.dev.svc.example.org.",
        "Seedcore-Head-Svc",
        "ray-alias",
    ],
)
def test_every_name_of_the_head_service_here_is_right(host: str) -> None:
    assert rule("RAY_ADDRESS", f"ray://{host}:10001") == ""


@pytest.mark.parametrize(
    "host",
    ["other-head-svc", f"{SERVICE}.prod", f"{SERVICE}.prod.svc.cluster.local", "10.244.0.9", "x.y"],
)
def test_any_other_host_is_wrong(host: str) -> None:
    assert rule("RAY_ADDRESS", f"ray://{host}:10001") == "SC203"
    assert rule("RAY_SERVE_ADDRESS", f"http://{host}:8000") == "SC203"


@pytest.mark.parametrize(
    "text",
    ["", "auto", "local", SERVICE, f"{SERVICE}:10001", f"http://{SERVICE}:10001", "ray://",
     f"ray://{SERVICE}", f"ray://{SERVICE}:6379", f"ray:/{SERVICE}:10001", "ray://a b:10001",
     f"ray://{SERVICE}:10001\\n", f"ray://{SERVICE}:999999", f"ray://{SERVICE}:10001/",
     f"ray://{SERVICE}:10001?***", f"ray://***@{SERVICE}:10001"],
)  # fmt: skip
def test_address_that_leads_to_no_ray_client_is_wrong(text: str) -> None:
    assert rule("RAY_ADDRESS", text) == "SC104"


def test_other_namespace_is_named_as_the_reason() -> None:
    fault = address_fault("RAY_ADDRESS", f"ray://{SERVICE}.prod:10001", HERE)

    assert fault is not None
    assert "another namespace" in fault.why


def test_client_port_of_a_service_that_has_another_one_is_right() -> None:
    place = HeadPlace("seedcore", SERVICE, "dev", ports=frozenset({6379, 20001}))

    assert rule("RAY_ADDRESS", f"ray://{SERVICE}:20001", place) == ""
    assert rule("RAY_ADDRESS", f"ray://{SERVICE}:20001") == "SC104"


def test_http_addresses_need_scheme_and_a_port_of_the_service() -> None:
    assert rule("RAY_SERVE_ADDRESS", f"http://{SERVICE}:8000/app") == ""
    assert rule("RAY_SERVE_ADDRESS", f"http://{SERVICE}:9999") == "SC102"
    assert rule("RAY_SERVE_ADDRESS", f"{SERVICE}:8000") == "SC102"
    assert rule("RAY_SERVE_ADDRESS", "") == "SC101"
    assert rule("RAY_NAMESPACE", "") == "SC101"
    assert rule("RAY_NAMESPACE", "anything") == ""


@pytest.mark.parametrize("raw", [" dev", "dev ", "dev\n", "\tdev", "d\x00ev"])
def test_namespace_that_the_library_refuses_is_wrong(raw: str) -> None:
    text = Discloser(b"salt").value("RAY_NAMESPACE", raw).text

    assert text is not None
    assert rule("RAY_NAMESPACE", text) == "SC102"


@pytest.mark.parametrize("port", [6379, 10001, 8265])
def test_serve_address_with_the_port_of_something_else_is_wrong(port: int) -> None:
    assert rule("RAY_SERVE_ADDRESS", f"http://{SERVICE}:{port}") == "SC102"


@pytest.mark.parametrize("port", [6379, 10001, 8000])
def test_dashboard_address_with_the_port_of_something_else_is_wrong(port: int) -> None:
    assert rule("RAY_DASHBOARD_ADDRESS", f"http://{SERVICE}:{port}") == "SC102"


def test_http_address_may_have_another_port_of_the_service() -> None:
    place = HeadPlace("seedcore", SERVICE, "dev", ports=PORTS | {18000})

    assert rule("RAY_SERVE_ADDRESS", f"http://{SERVICE}:18000", place) == ""


def test_without_a_known_head_only_the_form_is_judged() -> None:
    assert rule("RAY_ADDRESS", "ray://anything:10001", None) == ""
    assert rule("RAY_ADDRESS", "auto", None) == "SC104"


@pytest.mark.parametrize(
    ("role", "text", "fits"),
    [
        (Role.HEAD, None, True),
        (Role.HEAD, "auto", True),
        (Role.HEAD, "127.0.0.1:6379", True),
        (Role.HEAD, f"ray://{SERVICE}:10001", False),
        (Role.HEAD, "10.0.0.1:6379", False),
        (Role.HEAD, "local", False),
        (Role.WORKER, None, True),
        (Role.WORKER, f"{SERVICE}.dev.svc.cluster.local:6379", True),
        (Role.WORKER, "auto", False),
        (Role.WORKER, f"ray://{SERVICE}:10001", False),
        (Role.WORKER, "other-head-svc.dev.svc.cluster.local:6379", False),
    ],
)
def test_addresses_of_ray_pods(role: Role, text: str | None, *, fits: bool) -> None:
    assert ray_pod_address_fits(role, text, SERVICE) is fits


def test_userinfo_that_was_hidden_is_no_host() -> None:
    url = parse_url("ray://***@host:10001")

    assert url is not None
    assert (url.scheme, url.host, url.port) == ("ray", "host", 10001)


def test_address_of_an_alias_may_use_the_ports_that_the_alias_has() -> None:
    assert rule("RAY_DASHBOARD_ADDRESS", "http://ray-web") == ""
    assert rule("RAY_DASHBOARD_ADDRESS", "http://ray-web:81") == "SC102"
