"""Roles, the namespace, and the addresses of Serve and of the dashboard."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from seedcore.utils.ray_config import (
    RaySettingInvalidError,
    decide_target,
    get_ray_dashboard_address,
    get_ray_namespace,
    get_ray_serve_address,
    ray_role,
    redact,
)

SOURCE = Path(__file__).parents[3] / "src"


@pytest.mark.parametrize(
    ("env", "role"),
    [
        ({}, "client"),
        ({"RAY_HOST": "h", "RAY_PORT": "6379"}, "client"),
        ({"RAY_NODE_TYPE_NAME": "headgroup"}, "head"),
        ({"RAY_NODE_TYPE_NAME": "gpu"}, "worker"),
        ({"KUBERAY_GEN_RAY_START_CMD": "ray start --head --block"}, "head"),
        ({"KUBERAY_GEN_RAY_START_CMD": "ray start --address=h:6379"}, "worker"),
    ],
)
def test_role_comes_from_what_kuberay_sets(env: dict[str, str], role: str) -> None:
    assert ray_role(env) == role


def test_namespace_is_returned_as_it_is_set() -> None:
    assert get_ray_namespace({"RAY_NAMESPACE": "seedcore-dev"}) == "seedcore-dev"


def test_namespace_may_be_left_out() -> None:
    assert get_ray_namespace({}) is None


@pytest.mark.parametrize("value", ["", " ", "a ", "a\n", "a\x00b"])
def test_odd_namespace_is_refused(value: str) -> None:
    with pytest.raises(RaySettingInvalidError, match="RAY_NAMESPACE"):
        get_ray_namespace({"RAY_NAMESPACE": value})


@pytest.mark.parametrize(
    ("env", "address"),
    [
        ({"RAY_SERVE_ADDRESS": "http://head:8000"}, "http://head:8000"),
        ({"RAY_SERVE_ADDRESS": "https://serve.example.org/"}, "https://serve.example.org"),
        ({"RAY_SERVE_ADDRESS": "http://head:8000/app/"}, "http://head:8000/app"),
        ({"RAY_SERVE_URL": "http://shared:8000"}, "http://shared:8000"),
        ({"RAY_SERVE_ADDRESS": "http://own:1", "RAY_SERVE_URL": "http://b:2"}, "http://own:1"),
    ],
)
def test_serve_address_is_the_clients_own_or_the_shared_one(
    env: dict[str, str], address: str
) -> None:
    assert get_ray_serve_address(env) == address


def test_dashboard_address_without_scheme_as_kuberay_gives_it_to_job_submitters() -> None:
    env = {"RAY_DASHBOARD_ADDRESS": "seedcore-head-svc:8265"}
    assert get_ray_dashboard_address(env) == "http://seedcore-head-svc:8265"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "ray://head:10001",
        "http://",
        "http://user:geheim@head:8000",
        "http://a b",
        "http://h/?q",
    ],
)
def test_malformed_serve_address_is_refused_without_showing_secrets(value: str) -> None:
    with pytest.raises(RaySettingInvalidError) as caught:
        get_ray_serve_address({"RAY_SERVE_ADDRESS": value})
    assert "RAY_SERVE_ADDRESS" in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_missing_serve_address_names_both_variables() -> None:
    with pytest.raises(RaySettingInvalidError, match=r"RAY_SERVE_ADDRESS.*RAY_SERVE_URL"):
        get_ray_serve_address({})


def test_namespace_of_a_call_is_judged_by_the_pods_own_role() -> None:
    with pytest.raises(RaySettingInvalidError, match=r"\(head\)"):
        decide_target({"RAY_NODE_TYPE_NAME": "headgroup"}, namespace="")


def test_namespace_of_a_call_is_not_blamed_on_the_variable() -> None:
    env = {"RAY_ADDRESS": "ray://h:10001", "RAY_NAMESPACE": "right"}
    with pytest.raises(RaySettingInvalidError, match=r"^namespace='' .*Mend: pass a name"):
        decide_target(env, namespace="")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("ray://head:10001", "ray://head:10001"),
        ("ray://u:p@head:1", "ray://***@head:1"),
        ("u:p@head", "***@head"),
        ("ray://u:p%40head:1", "ray://***@head:1"),
        ("http://h/;token=x", "http://h/?***"),
        ("http://h/?token=x", "http://h/?***"),
        ("", "''"),
        ("a\nb", "'a\\nb'"),
    ],
)
def test_redact_shows_what_is_safe(value: str, shown: str) -> None:
    assert redact(value) == shown


def test_import_needs_only_the_standard_library() -> None:
    # given a Python that sees no site-packages
    code = "import sys, seedcore.utils.ray_config; print('ray' in sys.modules)"
    # when
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(SOURCE)!r}); {code}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    # then
    assert done.stdout == "False\n"
