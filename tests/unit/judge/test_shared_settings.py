"""Every role of the contract reads the shared settings."""

from dataclasses import replace

from seedcore_deploy.judge.verdict import judge, judge_render
from seedcore_deploy.model.contract import Contract
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import Manifests, Snapshot
from seedcore_deploy.model.verdict import Outcome
from tests.support import snapshots as s
from tests.support.faults.settings import no_settings_read, shared_settings_not_read


def without_shared_in_ray_groups(manifests: Manifests) -> Manifests:
    """The overlay with no envFrom in any Ray group."""
    (cluster,) = manifests.rayclusters
    groups = tuple(
        replace(group, template=s.with_container(group.template, env_from=()))
        for group in cluster.groups
    )
    return replace(manifests, rayclusters=(replace(cluster, groups=groups),))


def test_render_whose_ray_groups_lack_the_shared_settings_is_wrong() -> None:
    found = judge_render(without_shared_in_ray_groups(s.manifests()), Contract())

    assert [(each.rule, str(each.subject)) for each in found] == [
        ("SC109", "raycluster/seedcore headgroup"),
        ("SC109", "raycluster/seedcore workers"),
    ]


def test_mend_of_a_client_is_the_overlay_that_has_it_right() -> None:
    (finding,) = judge(shared_settings_not_read()).findings

    assert any("apply" in line for line in finding.fix.commands)
    assert any("rollout status" in line for line in finding.fix.commands)


def test_without_an_overlay_the_shared_settings_are_put_before_the_clients_own() -> None:
    (finding,) = judge(s.without_manifests(shared_settings_not_read())).findings

    assert "/envFrom/0" in finding.fix.commands[0]


def test_client_that_reads_nothing_is_given_both_in_one_patch() -> None:
    (finding,) = judge(s.without_manifests(no_settings_read())).findings

    line = finding.fix.commands[0]
    assert line.index('"seedcore-env"') < line.index('"seedcore-client-env"')


def reader_without_shared_settings() -> Snapshot:
    """A workload that only reads the client settings, and that no selector picks."""
    template = s.with_container(s.client_template("batch"), env_from=(s.CLIENT_SOURCE,))
    extra = replace(s.deployment("batch"), template=template)
    pod = replace(s.client_pod("batch-1", "batch", "10.244.0.70"), template=template)
    snapshot = s.with_added_pod(s.without_manifests(s.healthy()), pod)
    assert isinstance(snapshot.workloads, Seen)
    snapshot = replace(snapshot, workloads=Seen((*snapshot.workloads.value, extra)))
    lost = {name: None for name in s.SHARED if name not in s.CLIENT}
    return s.with_environment(snapshot, "batch-1", **lost)


def test_client_that_no_selector_picks_may_do_without() -> None:
    verdict = judge(reader_without_shared_settings())

    assert verdict.findings == ()
    assert verdict.outcome is Outcome.PROVEN


def test_pod_without_a_template_that_lacks_them_is_found() -> None:
    snapshot = s.without_manifests(shared_settings_not_read())
    assert isinstance(snapshot.workloads, Seen)
    left = tuple(each for each in snapshot.workloads.value if each.name != "seedcore-api")
    snapshot = s.with_pod(
        replace(snapshot, workloads=Seen(left)), s.API, owner="statefulset/seedcore-api"
    )

    verdict = judge(snapshot)

    assert [(x.rule, str(x.subject)) for x in verdict.findings] == [("SC109", f"pod/{s.API}")]


def read_last_with_another_ray_namespace() -> Snapshot:
    """By hand the API reads the shared settings last; they have another Ray namespace."""
    snapshot = s.with_key(s.healthy(), "seedcore-env", RAY_NAMESPACE="shared")
    assert isinstance(snapshot.manifests, Seen)
    (shared,) = (
        each
        for each in (snapshot.configmaps.value if isinstance(snapshot.configmaps, Seen) else ())
        if each.name == "seedcore-env"
    )
    planned = snapshot.manifests.value
    others = tuple(each for each in planned.configmaps if each.name != "seedcore-env")
    snapshot = replace(snapshot, manifests=Seen(replace(planned, configmaps=(shared, *others))))
    for pod in (s.HEAD, s.WORKER, s.API):
        snapshot = s.with_environment(snapshot, pod, RAY_NAMESPACE="shared")
    sources = (s.CLIENT_SOURCE, s.SHARED_SOURCE)
    return s.with_client_container(snapshot, "api", env_from=sources)


def test_other_ray_namespace_follows_from_the_order_where_the_overlay_has_another_one() -> None:
    (finding,) = judge(read_last_with_another_ray_namespace()).findings

    assert finding.rule == "SC204"
    assert str(finding.subject) == "deployment/seedcore-api envFrom"
    assert any(each.startswith("SC107") for each in finding.consequences)


def test_other_ray_namespace_by_order_is_found_without_the_overlay() -> None:
    snapshot = s.without_manifests(read_last_with_another_ray_namespace())

    (finding,) = judge(snapshot).findings

    assert finding.rule == "SC107"
    assert "after" in finding.fix.text


ADDRESS = s.CLIENT["RAY_ADDRESS"]


def test_clients_that_live_on_the_shared_address_get_their_own_before_it_goes() -> None:
    """The old pattern: well as it is, and without an address once the key is away."""
    old = s.with_key(s.without_manifests(s.healthy()), "seedcore-env", RAY_ADDRESS=ADDRESS)
    old = s.with_key(old, "seedcore-client-env", RAY_ADDRESS=None)

    (finding,) = judge(old).findings

    assert finding.rule == "SC106"
    given, removed, *_ = finding.fix.commands
    assert "patch configmap seedcore-client-env" in given
    assert ADDRESS in given
    assert "remove" in removed


def test_client_that_reads_the_shared_settings_alone_is_given_its_own_first() -> None:
    old = s.with_key(s.without_manifests(s.healthy()), "seedcore-env", **s.CLIENT)
    old = s.with_client_container(old, "api", env_from=(s.SHARED_SOURCE,))

    found = {each.rule: each for each in judge(old).findings}

    given, removed, *_ = found["SC106"].fix.commands
    assert "seedcore-client-env" in given
    assert "deployment seedcore-api" in given
    assert "remove" in removed
