"""Which address a process must use: the shared table, and hypothesis on top."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedcore.utils import ray_config
from seedcore.utils.ray_config import RayConfigError, RayTarget, decide_target, ray_role
from tests.support.ray_addresses import CASES, environment


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_address_or_error_is_the_one_in_the_table(case: dict[str, Any]) -> None:
    # given
    env = environment(case)
    assert ray_role(env) == case["role"]
    # when
    if "error" in case:
        with pytest.raises(RayConfigError) as caught:
            decide_target(env, case.get("argument"))
        # then
        assert type(caught.value) is getattr(ray_config, case["error"])
        assert caught.value.variable
        assert caught.value.variable in str(caught.value)
        assert caught.value.mend
        assert caught.value.role == case["role"]
        assert "geheim" not in str(caught.value)
        assert str(caught.value).isprintable()
    else:
        assert decide_target(env, case.get("argument")).address == case["address"]


def test_every_error_of_an_address_has_a_case() -> None:
    tested = {case["error"] for case in CASES if "error" in case}
    assert tested == {
        "RayAddressInvalidError",
        "RayAddressMissingError",
        "RayAddressRoleError",
        "LocalRayRefusedError",
    }


NAMES = st.sampled_from(
    [
        "RAY_ADDRESS",
        "RAY_HOST",
        "RAY_PORT",
        "RAY_CLIENT_PORT",
        "RAY_NAMESPACE",
        "RAY_NODE_TYPE_NAME",
        "KUBERAY_GEN_RAY_START_CMD",
        "SEEDCORE_ALLOW_LOCAL_RAY",
    ]
)
LIKELY = st.sampled_from(
    ["", "auto", "local", "1", "ray://", "ray://a:1", "http://a:1", "tcp://1.2.3.4:1", "a", "6379"]
)
VALUES = st.text() | LIKELY | st.builds("{}{}".format, LIKELY, st.text(max_size=6))


def outcome(env: dict[str, str], address: str | None) -> tuple[RayTarget | None, str]:
    try:
        return decide_target(env, address), ""
    except RayConfigError as error:
        return None, str(error)


@given(env=st.dictionaries(NAMES, VALUES), address=st.none() | VALUES)
def test_any_environment_gives_an_address_or_an_error_of_ours(
    env: dict[str, str], address: str | None
) -> None:
    # when
    target, message = outcome(env, address)
    # then
    assert message.isprintable()
    assert len(message) < 700
    if target is None:
        return
    assert target.address.isprintable()
    assert (target.mode == "client") == target.address.startswith("ray://")
    if target.mode == "local":
        assert address == "local" or env["SEEDCORE_ALLOW_LOCAL_RAY"]
    if target.role != "client":
        assert target.address == "auto"


@given(secret=st.text(min_size=6).filter(lambda text: text not in "ray://***@head:10001"))
def test_credentials_are_never_shown(secret: str) -> None:
    # when
    shown = ray_config.redact(f"ray://user:{secret}@head:10001")
    # then
    assert secret not in shown
