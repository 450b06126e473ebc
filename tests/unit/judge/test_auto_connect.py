"""When Ray's own ray.init() counts as off, and what the hint stands under."""

from __future__ import annotations

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.snapshot import EnvEntry, EnvSource, Snapshot
from seedcore_deploy.model.verdict import Outcome
from tests.support import snapshots as s

NAME = "RAY_ENABLE_AUTO_CONNECT"


def found(snapshot: Snapshot) -> list[tuple[str, str]]:
    return [(each.rule, str(each.subject)) for each in judge(snapshot).findings]


def without_the_key() -> Snapshot:
    return s.with_key(s.without_manifests(s.healthy()), "seedcore-client-env", **{NAME: None})


def test_one_hint_for_all_clients_with_the_commands_that_mend_it() -> None:
    snapshot = without_the_key()
    for pod in (s.API, s.SERVE):
        snapshot = s.with_environment(snapshot, pod, **{NAME: None})

    verdict = judge(snapshot)

    (hint,) = verdict.findings
    assert verdict.outcome is Outcome.PROVEN
    assert any(NAME in line for line in hint.fix.commands)
    restarted = " ".join(line for line in hint.fix.commands if "rollout restart" in line)
    assert "deployment/seedcore-api" in restarted
    assert "deployment/seedcore-serve" in restarted


def test_key_that_only_the_cluster_lacks_is_one_finding_about_the_overlay() -> None:
    snapshot = s.with_key(s.healthy(), "seedcore-client-env", **{NAME: None})

    assert [rule for rule, _ in found(snapshot)] == ["SC204"]


def test_clients_that_have_it_off_from_elsewhere_are_right() -> None:
    assert found(without_the_key()) == []


def test_value_from_a_secret_says_nothing() -> None:
    secret = EnvEntry(NAME, EnvSource.SECRET_KEY, None, "ray", "auto")
    snapshot = s.with_client_container(s.without_manifests(s.healthy()), "api", env=(secret,))

    assert found(s.with_environment(snapshot, s.API, **{NAME: "1"})) == []


def test_workload_with_a_value_of_its_own_is_named() -> None:
    entry = s.literal(NAME, "1")
    snapshot = s.with_client_container(s.without_manifests(s.healthy()), "api", env=(entry,))

    assert found(s.with_environment(snapshot, s.API, **{NAME: "1"})) == [
        ("SC110", f"deployment/seedcore-api {NAME}")
    ]


def test_a_client_without_its_settings_has_a_deeper_fault() -> None:
    snapshot = s.with_client_container(s.healthy(), "api", env_from=(s.SHARED_SOURCE,))

    assert "SC110" not in {rule for rule, _ in found(snapshot)}


def test_workload_that_takes_its_settings_one_by_one_is_named_and_not_the_key() -> None:
    each = tuple(
        EnvEntry(name, EnvSource.CONFIGMAP_KEY, None, "seedcore-client-env", name)
        for name in s.CLIENT
        if name != NAME
    )
    sources = {"env": each, "env_from": (s.SHARED_SOURCE,)}
    snapshot = s.with_client_container(s.without_manifests(s.healthy()), "api", **sources)

    (hint,) = judge(s.with_environment(snapshot, s.API, **{NAME: None})).findings

    assert (hint.rule, str(hint.subject)) == ("SC110", f"deployment/seedcore-api {NAME}")
    assert any(f"{NAME}" in line for line in hint.fix.commands)
