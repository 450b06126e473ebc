"""Stored snapshots: written, read back, and refused when they are not what they say."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedcore_deploy.errors import UsageError
from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.disclosure import Discloser
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import (
    ConfigMapFacts,
    ContainerSpec,
    EnvEntry,
    EnvFromEntry,
    EnvSource,
    NodeFacts,
    PodFacts,
    PodTemplate,
    ProbeFacts,
    ProcessFacts,
)
from seedcore_deploy.sources.stored_snapshots import dump, load
from tests.support.faults.catalogue import FAULTS, Fault
from tests.support.verdicts import SNAPSHOT

VALUE = Discloser(b"salt").value("RAY_ADDRESS", "ray://head:10001")
CONTAINER = ContainerSpec(
    "api",
    "image",
    env=(EnvEntry("RAY_HOST", EnvSource.LITERAL, VALUE),),
    env_from=(EnvFromEntry("seedcore-env"),),
    resources=(("limits.cpu", "1"),),
)
PROBE = ProbeFacts(
    ok=True, stage="done", address="auto", nodes=(NodeFacts("id", "10.0.0.1", True, True),)
)
POD = PodFacts(
    name="api-1",
    uid="1",
    role=Role.CLIENT,
    workload="api",
    group="seedcore-api",
    container="api",
    template=PodTemplate((CONTAINER,), labels={"app": "seedcore-api"}),
    phase="Running",
    ready=True,
    cpu_limit=0.5,
    process=Seen(ProcessFacts({"A": VALUE}, NotSeen("unreadable"), Seen(("10.0.0.1:10001",)))),
    probe=Seen(PROBE),
)
WHOLE = replace(
    SNAPSHOT,
    configmaps=Seen((ConfigMapFacts("seedcore-env", {"RAY_HOST": VALUE}),)),
    pods=Seen((POD, replace(POD, probe=None), replace(POD, probe=NotSeen("no", "yes")))),
    services=NotSeen("forbidden", "grant it"),
)


def test_snapshot_survives_being_stored() -> None:
    assert load(dump(WHOLE)) == WHOLE


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_stored_snapshot_is_judged_as_the_one_that_was_seen(fault: Fault) -> None:
    snapshot = fault.make()

    assert judge(load(dump(snapshot))) == judge(snapshot)


def test_secret_value_is_not_in_what_is_stored() -> None:
    secret = Discloser(b"salt").value("RAY_AUTH_TOKEN", "canary-4711")
    stored = dump(
        replace(SNAPSHOT, configmaps=Seen((ConfigMapFacts("x", {"RAY_AUTH_TOKEN": secret}),)))
    )

    assert "canary-4711" not in stored


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"version": 2}', "[" * 100_000])
def test_what_is_no_snapshot_is_refused_with_the_mend(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(text)

    assert "--save-snapshot" in caught.value.mend


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("pods", {"seen": 1}),
        ("pods", {"neither": 1}),
        ("pods", None),
        ("taken_at", 5),
        ("extra", 1),
        ("contract", {"workloads": "x"}),
    ],
)
def test_damaged_snapshot_is_refused(part: str, value: object) -> None:
    raw = json.loads(dump(WHOLE)) | {part: value}

    with pytest.raises(UsageError, match="damaged"):
        load(json.dumps(raw))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.sampled_from(sorted(json.loads(dump(WHOLE)))), JSON)
def test_any_damage_is_refused_or_harmless(part: str, value: object) -> None:
    raw = json.loads(dump(WHOLE)) | {part: value}

    try:
        load(json.dumps(raw))
    except UsageError as refused:
        assert refused.mend  # noqa: PT017 (either is right)
