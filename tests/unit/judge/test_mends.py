"""A wrong entry of a template is mended by the overlay only where the overlay has another one."""

from __future__ import annotations

from dataclasses import replace

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.finding import Fix
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import EnvEntry, Snapshot
from tests.support import snapshots as s

WRONG = s.literal("RAY_SERVE_ADDRESS", "http://elsewhere:8000")
RIGHT = s.literal("RAY_SERVE_ADDRESS", s.CLIENT["RAY_SERVE_ADDRESS"])
APPLY = f"kubectl --context kind-seedcore -n seedcore-dev apply -k {s.OVERLAY}"


def wrong_in_the_cluster(planned: EnvEntry) -> Snapshot:
    live = s.with_client_container(s.healthy(), "api", env=(WRONG,))
    live = s.with_environment(live, s.API, RAY_SERVE_ADDRESS="http://elsewhere:8000")
    template = s.with_container(s.client_template("api"), env=(planned,))
    workloads = tuple(
        replace(each, template=template) if each.name == "seedcore-api" else each
        for each in s.manifests().workloads
    )
    return replace(live, manifests=Seen(replace(s.manifests(), workloads=workloads)))


def fix_of(snapshot: Snapshot) -> Fix:
    (finding,) = judge(snapshot).findings
    return finding.fix


def test_entry_that_the_overlay_has_otherwise_is_mended_by_applying_it() -> None:
    fix = fix_of(wrong_in_the_cluster(RIGHT))

    assert fix.text == "apply the overlay again: it has RAY_SERVE_ADDRESS right"
    assert fix.commands[0] == APPLY


def asks_for(snapshot: Snapshot, replicas: int) -> Snapshot:
    """The overlay with another number of the Serve client's pods than the one that runs."""
    assert isinstance(snapshot.manifests, Seen)
    workloads = tuple(
        replace(each, replicas=replicas) if each.name == "seedcore-serve" else each
        for each in snapshot.manifests.value.workloads
    )
    return replace(snapshot, manifests=Seen(replace(snapshot.manifests.value, workloads=workloads)))


def test_overlay_is_not_applied_by_kubectl_where_that_would_set_an_autoscaler_s_number_back() -> (
    None
):
    fix = fix_of(asks_for(wrong_in_the_cluster(RIGHT), 3))

    kept = f"seedcore-deploy apply -k {s.OVERLAY} --context kind-seedcore -n seedcore-dev"
    assert fix.commands[0] == kept


def test_worker_number_of_an_autoscaler_is_not_set_back_either() -> None:
    wrong = wrong_in_the_cluster(RIGHT)
    manifests = s.manifests()
    (cluster,) = manifests.rayclusters
    groups = tuple(replace(each, replicas=2) for each in cluster.groups)
    assert isinstance(wrong.manifests, Seen)
    planned = replace(wrong.manifests.value, rayclusters=(replace(cluster, groups=groups),))

    fix = fix_of(replace(wrong, manifests=Seen(planned)))

    assert fix.commands[0].startswith("seedcore-deploy apply -k ")


def test_entry_that_the_overlay_has_as_well_is_not_mended_by_applying_it() -> None:
    fix = fix_of(wrong_in_the_cluster(WRONG))

    assert APPLY not in fix.commands
    assert fix.commands
    assert "remove RAY_SERVE_ADDRESS from the env of deployment/seedcore-api" in fix.text
    assert "in the overlay, which would bring the mistake back" in fix.text
