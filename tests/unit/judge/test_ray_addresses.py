"""The shared table of addresses: what verify says of pods is what the library says inside them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedcore.utils.ray_config import RayConfigError, decide_target
from seedcore_deploy.judge.addresses import HeadPlace, address_fault
from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.disclosure import Discloser
from seedcore_deploy.model.finding import Severity
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import EnvEntry, EnvSource, ServiceFacts, Snapshot
from tests.support import snapshots as s
from tests.support.ray_addresses import SETTINGS, environment

SHARED = ("RAY_HOST", "RAY_PORT", "RAY_CLIENT_PORT")
PLACE = HeadPlace("seedcore", "seedcore-head-svc", s.NAMESPACE, {}, frozenset({6379, 8265, 10001}))
DISCLOSER = Discloser(b"salt")


def disclosed(env: dict[str, str], name: str) -> str | None:
    """The value as a snapshot keeps it: without credentials, control characters as escapes."""
    return None if name not in env else DISCLOSER.value(name, env[name]).text


def clients(env: dict[str, str]) -> Snapshot:
    """Clients with these settings, which came with their ConfigMaps, or by a service link."""
    linked = {name: env[name] for name in SHARED if env.get(name, "").startswith("tcp://")}
    shared = {name: None if name in linked else disclosed(env, name) for name in SHARED}
    own = {"RAY_ADDRESS": disclosed(env, "RAY_ADDRESS")}
    snapshot = s.with_key(s.without_manifests(s.healthy()), "seedcore-env", **shared)
    snapshot = s.with_key(snapshot, "seedcore-client-env", **own)
    names = (name.removesuffix("_PORT").replace("_", "-").lower() for name in linked)
    services = (s.head_service(), *(ServiceFacts(name, (1,)) for name in names))
    snapshot = replace(snapshot, services=Seen(services))
    for name in (s.HEAD, s.WORKER):
        given = {key: raw for key, raw in shared.items() if key != "RAY_PORT"}
        snapshot = s.with_environment(snapshot, name, **given)
    for name in (s.API, s.SERVE):
        snapshot = s.with_environment(snapshot, name, **{**shared, **own, **linked})
    return snapshot


def ray_pods(role: Role, env: dict[str, str]) -> Snapshot:
    """A group whose own template sets the address, where that is not KubeRay's."""
    raw = env.get("RAY_ADDRESS")
    entry = EnvEntry("RAY_ADDRESS", EnvSource.LITERAL, DISCLOSER.value("RAY_ADDRESS", raw or ""))
    declared = s.ray_template(role).containers[0].env
    env_now = declared if raw is None else (*declared, entry)
    return s.with_group_template(s.without_manifests(s.healthy()), role, env=env_now)


def rules_about_settings(snapshot: Snapshot) -> list[str]:
    errors = (each for each in judge(snapshot).findings if each.severity is Severity.ERROR)
    return sorted({each.rule for each in errors if each.rule[:3] in ("SC1", "SC2")})


@pytest.mark.parametrize("case", SETTINGS, ids=lambda case: case["name"])
def test_rules_are_those_of_the_table(case: dict[str, Any]) -> None:
    # given
    env, role = environment(case), Role(case["role"])
    snapshot = clients(env) if role is Role.CLIENT else ray_pods(role, env)
    # then
    assert rules_about_settings(snapshot) == case.get("on_cluster", case["rules"])


PARTS = st.sampled_from(
    ["ray", "http", "://", "seedcore-head-svc", ":", "10001", "6379", "@", "/", "?", "#", " ", "\n",
     ".", "-", "auto", "local", "[", "]", "svc", "\x1b", "é", "0", "\\"]
)  # fmt: skip
NEARLY = st.lists(PARTS, max_size=9).map("".join) | st.builds(
    "ray://seedcore-head-svc{}:10001{}".format, PARTS | st.just(""), PARTS | st.just("")
)


@given(NEARLY)
def test_what_verify_passes_the_library_connects_to(raw: str) -> None:
    # given
    text = DISCLOSER.value("RAY_ADDRESS", raw).text
    assert text is not None
    fault = address_fault("RAY_ADDRESS", text, PLACE)
    # when
    try:
        decide_target({"RAY_ADDRESS": raw})
    except RayConfigError:
        # then
        assert fault is not None
        assert fault.rule in ("SC104", "SC203")
