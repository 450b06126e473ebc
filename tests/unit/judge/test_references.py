"""References that lead to nothing, and what makes their mend take effect."""

from dataclasses import replace

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import EnvEntry, EnvFromEntry, EnvSource, Snapshot
from tests.support import snapshots as s


def test_head_that_never_started_for_its_reference_is_replaced_after_the_overlay() -> None:
    """KubeRay leaves such a pod as it is when its template is mended."""
    sources = (EnvFromEntry("seedcore-envs"),)
    snapshot = s.with_group_template(s.healthy(), Role.HEAD, env_from=sources)
    template = s.with_container(s.pod_of(snapshot, s.HEAD).template, env_from=sources)
    why = 'container ray-head: CreateContainerConfigError: configmap "seedcore-envs" not found'
    snapshot = s.with_pod(
        snapshot,
        s.HEAD,
        template=template,
        ready=False,
        started_at="",
        why_not_ready=why,
        process=NotSeen("the container is not running"),
        probe=None,
    )

    (finding,) = judge(snapshot).findings

    assert finding.rule == "SC202"
    applied, deleted, *_ = finding.fix.commands
    assert " apply -k " in applied
    assert f"delete pod {s.HEAD}" in deleted


def api_with(entry: EnvEntry) -> Snapshot:
    """The API's live template got an entry by hand."""
    return s.with_client_container(s.healthy(), "api", env=(entry,))


def test_entry_by_hand_for_a_key_that_is_not_there_is_one_finding_and_removed() -> None:
    entry = EnvEntry("RAY_ADDRESS", EnvSource.CONFIGMAP_KEY, None, "seedcore-client-env", "ADDRESS")

    (finding,) = judge(api_with(entry)).findings

    assert finding.rule == "SC202"
    assert "remove RAY_ADDRESS" in finding.fix.text
    assert finding.fix.commands[0].endswith(
        "set env deployment/seedcore-api --containers=api RAY_ADDRESS-"
    )


def test_two_keys_that_one_configmap_lacks_are_two_findings_with_a_mend_each() -> None:
    entries = tuple(
        EnvEntry(name, EnvSource.CONFIGMAP_KEY, None, "seedcore-client-env", f"NO_{name}")
        for name in ("RAY_ONE", "RAY_TWO")
    )

    findings = judge(s.with_client_container(s.healthy(), "api", env=entries)).findings

    assert [finding.rule for finding in findings] == ["SC202", "SC202"]
    assert ["RAY_ONE-" in each.fix.commands[0] for each in findings] == [True, False]
    assert ["RAY_TWO-" in each.fix.commands[0] for each in findings] == [False, True]


def test_reference_that_the_overlay_has_as_well_is_left_to_people() -> None:
    entry = EnvEntry("X", EnvSource.CONFIGMAP_KEY, None, "seedcore-env", "NO_SUCH_KEY")
    broken = api_with(entry)
    assert isinstance(broken.workloads, Seen)
    planned = replace(s.manifests(), workloads=broken.workloads.value)

    (finding,) = judge(replace(broken, manifests=Seen(planned))).findings

    assert finding.rule == "SC202"
    assert finding.fix.commands == ()
