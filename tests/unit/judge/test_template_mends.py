"""A mend of the image, the command or other env: the overlay's where it differs, else in words."""

import json
import shlex
from dataclasses import replace

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Fix
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import ProcessFacts, Snapshot
from tests.support import snapshots as s
from tests.support.faults.connections import version_skew
from tests.support.faults.objects import entrypoint

PREFIX = "kubectl --context kind-seedcore -n seedcore-dev "
APPLY = f"{PREFIX}apply -k {s.OVERLAY}"
ROLLED_OUT = f"{PREFIX}rollout status deployment/seedcore-api --timeout=300s"
SKEW = "localhost/seedcore-client:0.0.9"


def fix_of(snapshot: Snapshot) -> Fix:
    (finding,) = judge(snapshot).findings
    return finding.fix


def entrypoint_with(**changes: object) -> Snapshot:
    return s.with_process(
        s.with_client_container(s.healthy(), "api", **changes), s.API, changed_namespace
    )


def changed_namespace(facts: ProcessFacts) -> ProcessFacts:
    changed = {**facts.container, "RAY_NAMESPACE": s.value("other", "RAY_NAMESPACE")}
    return replace(facts, process=Seen(changed))


def planned_without_command(snapshot: Snapshot) -> Snapshot:
    """The overlay leaves the command to the image."""
    bare = s.with_container(s.client_template("api"), command=(), args=())
    workloads = tuple(
        replace(each, template=bare) if each.name == "seedcore-api" else each
        for each in s.manifests().workloads
    )
    return replace(snapshot, manifests=Seen(replace(s.manifests(), workloads=workloads)))


def test_another_command_than_the_overlays_is_mended_by_applying_it() -> None:
    fix = fix_of(entrypoint_with(command=("sh", "-c", "RAY_NAMESPACE=other python -m api")))

    assert fix.commands == (APPLY, ROLLED_OUT)
    assert "command of deployment/seedcore-api is not the overlay's" in fix.text


def test_command_that_the_overlay_lacks_is_removed_since_apply_would_leave_it() -> None:
    broken = entrypoint_with(command=("sh", "-c"), args=("RAY_NAMESPACE=other python -m api",))

    removal, *rest = fix_of(planned_without_command(broken)).commands

    assert rest == [APPLY, ROLLED_OUT]
    base = "/spec/template/spec/containers/0"
    assert json.loads(shlex.split(removal)[-1]) == [
        {"op": "test", "path": f"{base}/name", "value": "api"},
        {"op": "remove", "path": f"{base}/command"},
        {"op": "remove", "path": f"{base}/args"},
    ]


def test_entry_that_only_the_cluster_has_is_removed_where_nothing_else_differs() -> None:
    entry = s.literal("BASH_ENV", "/etc/other.sh")

    removal, *rest = fix_of(entrypoint_with(env=(entry,))).commands

    assert rest == [APPLY, ROLLED_OUT]
    assert {"op": "remove", "path": "/spec/template/spec/containers/0/env/0"} in json.loads(
        shlex.split(removal)[-1]
    )


def test_entry_of_somebody_else_is_left_where_the_image_is_why() -> None:
    entry = s.literal("BASH_ENV", "/etc/other.sh")

    assert fix_of(entrypoint_with(env=(entry,), image=SKEW)).commands == (APPLY, ROLLED_OUT)


def test_overlay_with_the_same_template_is_to_be_changed() -> None:
    fix = fix_of(entrypoint())

    assert fix.commands == ()
    for part in ("container api of deployment/seedcore-api", "image localhost/seedcore-client",
                 "the overlay dev has the same"):  # fmt: skip
        assert part in fix.text


def test_without_the_overlay_the_place_is_named() -> None:
    fix = fix_of(s.without_manifests(entrypoint()))

    assert fix.commands == ()
    assert "RAY_NAMESPACE" in fix.text
    assert "container api of deployment/seedcore-api, image localhost/seedcore-client" in fix.text


def test_other_image_with_another_ray_is_mended_by_the_overlays() -> None:
    broken = s.with_client_container(version_skew(), "api", image=SKEW)

    assert fix_of(broken).commands == (APPLY, ROLLED_OUT)


def test_image_that_was_pinned_to_its_digest_is_the_same() -> None:
    pinned = s.client_template("api").containers[0].image + "@sha256:" + "0" * 64
    broken = s.with_client_container(version_skew(), "api", image=pinned)

    assert fix_of(broken).commands == ()


def test_ray_group_is_applied_and_its_pods_are_replaced() -> None:
    broken = s.with_group_template(s.healthy(), Role.HEAD, command=("sh", "-c", "export X=1;"))
    template = s.pod_of(broken, s.HEAD).template
    args = (" sh  -c  export X=1;  && ulimit -n 65536; ray start --block",)
    broken = s.with_pod(broken, s.HEAD, template=s.with_container(template, args=args))
    broken = s.with_process(broken, s.HEAD, changed_namespace)

    apply, delete, *awaited = fix_of(broken).commands

    assert apply == APPLY
    assert f"delete pod {s.HEAD}" in delete
    assert awaited


def test_one_entrypoint_is_one_finding_whatever_it_changed() -> None:
    broken = s.with_process(
        s.healthy(),
        s.API,
        lambda facts: replace(
            facts,
            process=Seen(
                {
                    **facts.container,
                    "RAY_NAMESPACE": s.value("other", "RAY_NAMESPACE"),
                    "RAY_HOST": s.value("other", "RAY_HOST"),
                }
            ),
        ),
    )

    (finding,) = judge(broken).findings

    assert str(finding.subject) == f"pod/{s.API} RAY_HOST, RAY_NAMESPACE"


def test_one_entrypoint_of_two_replicas_is_one_finding_about_their_workload() -> None:
    broken = entrypoint()
    broken = s.with_workload(broken, "seedcore-api", replicas=2, updated=2, available=2, current=2)
    twin = replace(s.pod_of(broken, s.API), name=s.API + "2", uid="twin", ip="10.244.0.22")

    (finding,) = judge(s.with_added_pod(broken, twin)).findings

    assert str(finding.subject) == "deployment/seedcore-api RAY_NAMESPACE"
