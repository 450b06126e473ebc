"""What an apply would change, as far as the snapshot alone can tell."""

from dataclasses import replace

import pytest

from seedcore_deploy.judge.preview import preview_of
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.plan import Change, Preview
from seedcore_deploy.model.snapshot import EnvFromEntry, Manifests, PodTemplate, Snapshot
from seedcore_deploy.model.upgrade import ServiceChange, Upgrade
from tests.support import snapshots as s
from tests.support.snapshots import CLIENT, healthy


def preview(snapshot: Snapshot, manifests: Manifests, *, recreates: bool = False) -> Preview:
    return preview_of(
        snapshot, manifests, (Subject("Service", "seedcore-api"),), recreates=recreates
    )


def said(found: Preview) -> dict[str, list[str]]:
    return {
        str(each.subject): [str(field) for field in each.fields]
        for each in found.objects
        if each.change is Change.CHANGED
    }


def with_template(manifests: Manifests, template: PodTemplate) -> Manifests:
    api, serve = manifests.workloads
    return replace(manifests, workloads=(replace(api, template=template), serve))


def test_what_is_applied_already_is_unchanged() -> None:
    found = preview(healthy(), s.manifests())

    assert {each.change for each in found.objects} == {Change.UNCHANGED}
    assert len(found.objects) == 5
    assert any("labels" in each for each in found.not_compared)
    assert "service/seedcore-api altogether" in found.not_compared


def test_keys_are_compared_one_by_one() -> None:
    live = s.with_key(healthy(), "seedcore-client-env", RAY_NAMESPACE="old", RAY_EXTRA="x")

    found = preview(live, s.manifests())

    assert said(found) == {
        "configmap/seedcore-client-env": [
            "RAY_EXTRA is removed (it was (hidden)), if an earlier apply made it",
            "RAY_NAMESPACE: old -> seedcore-dev",
        ]
    }
    assert [each.name for each in found.configmaps] == ["seedcore-client-env"]


def test_a_configmap_that_is_not_there_is_created_with_its_keys() -> None:
    found = preview(s.without_configmap(healthy(), "seedcore-client-env"), s.manifests())

    (created,) = (each for each in found.objects if each.change is Change.CREATED)
    assert created.subject == Subject("ConfigMap", "seedcore-client-env")
    assert len(created.fields) == len(CLIENT)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"image": "localhost/seedcore-client:0.2.0"}, "image: localhost/seedcore-client:0.1.0 ->"),
        ({"env": (s.literal("RAY_PORT", "10001"),)}, "env[RAY_PORT] is added: 10001"),
        ({"env_from": (EnvFromEntry("another"),)}, "envFrom changes"),
        ({"command": ("sleep", "1")}, "command changes"),
        ({"args": ("--debug",)}, "args changes"),
        ({"resources": (("limits.memory", "2Gi"),)}, "resources.limits.memory: 1Gi -> 2Gi"),
        ({"name": "other"}, "containers[other] is added"),
    ],
)
def test_a_template_that_changes_is_told_and_rolled_out(
    changes: dict[str, object], words: str
) -> None:
    template = s.with_container(s.client_template("api"), **changes)

    found = preview(healthy(), with_template(s.manifests(), template))

    (fields,) = said(found).values()
    assert words in fields[0]
    assert found.rolling == (Subject("Deployment", "seedcore-api"),)


def test_an_amount_in_another_spelling_is_the_same() -> None:
    template = s.with_container(
        s.client_template("api"), resources=(("limits.memory", "1024Mi"), ("requests.cpu", "0.1"))
    )

    assert said(preview(healthy(), with_template(s.manifests(), template))) == {}


def test_what_else_a_template_has_is_compared() -> None:
    plain = s.client_template("api")
    template = replace(
        plain,
        enable_service_links=True,
        volumes=('{"emptyDir":{},"name":"data"}',),
        scheduling={"nodeSelector": '{"disk":"ssd"}'},
    )

    found = preview(healthy(), with_template(s.manifests(), template))

    (fields,) = said(found).values()
    assert fields == [
        "spec.template.spec.volumes[data] changes",
        "spec.template.spec.enableServiceLinks: false -> true",
        "spec.template.spec.nodeSelector changes",
    ]


def test_a_ray_group_is_told_by_its_name() -> None:
    live = s.with_group_template(healthy(), Role.HEAD, image="localhost/seedcore-ray:0.0.9")

    found = preview(live, s.manifests(), recreates=True)

    assert said(found) == {
        "raycluster/seedcore": [
            (
                "spec[headgroup].template.spec.containers[ray-head].image: "
                "localhost/seedcore-ray:0.0.9 -> localhost/seedcore-ray:0.1.0"
            )
        ]
    }
    assert found.recreated == ("seedcore",)
    assert found.rolling == ()


def test_groups_that_come_and_go_are_told() -> None:
    head, workers = s.raycluster().groups
    cluster = replace(s.raycluster(), groups=(head, replace(workers, name="big")))
    manifests = replace(s.manifests(), rayclusters=(cluster,))

    found = preview(healthy(), manifests)

    assert said(found)["raycluster/seedcore"] == ["spec[big] is added", "spec[workers] is removed"]
    assert found.recreated == ()


def test_what_could_not_be_listed_is_not_called_unchanged() -> None:
    found = preview(replace(healthy(), configmaps=NotSeen("forbidden")), s.manifests())

    assert not any(each.subject.kind == "ConfigMap" for each in found.objects)
    assert "the configmaps (forbidden)" in found.not_compared
    assert isinstance(healthy().configmaps, Seen)


def of_a_rayservice(manifests: Manifests, *names: str) -> tuple[Snapshot, Manifests]:
    """A live RayService with RayClusters of these names, the last one made last."""
    clusters = tuple(
        replace(s.of_the_service(name), created_at=f"2026-03-01T10:0{number}:00Z")
        for number, name in enumerate(names)
    )
    live = s.made_by_a_rayservice(*clusters, active=names[0])
    (planned,) = manifests.rayclusters
    return live, replace(manifests, rayclusters=(replace(planned, service="seedcore"),))


def with_head_image(manifests: Manifests, image: str) -> Manifests:
    (cluster,) = manifests.rayclusters
    head, *workers = cluster.groups
    template = s.with_container(head.template, image=image)
    groups = (replace(head, template=template), *workers)
    return replace(manifests, rayclusters=(replace(cluster, groups=groups),))


def test_a_rayservice_that_is_applied_is_unchanged_whatever_its_raycluster_is_called() -> None:
    found = preview(*of_a_rayservice(s.manifests(), "seedcore-aaaaa"))

    assert Change.CREATED not in {each.change for each in found.objects}
    assert said(found) == {}
    assert found.upgrades == ()


@pytest.mark.parametrize(
    ("replaces", "upgrade"), [(True, Upgrade.NEW_CLUSTER), (False, Upgrade.NOT_TAKEN_OVER)]
)
def test_a_changed_rayservice_gets_a_new_raycluster_unless_the_strategy_is_none(
    replaces: bool, upgrade: Upgrade
) -> None:
    live, manifests = of_a_rayservice(with_head_image(s.manifests(), "new:2"), "seedcore-aaaaa")

    found = preview(live, manifests, recreates=replaces)

    path = "spec[headgroup].template.spec.containers[ray-head].image"
    assert found.upgrades == (ServiceChange("seedcore", upgrade, (path,)),)
    assert found.recreated == ()
    assert found.rayclusters == ()
    assert list(said(found)) == ["rayservice/seedcore"]


def test_a_further_group_at_the_end_is_added_to_the_raycluster_of_a_rayservice() -> None:
    live, manifests = of_a_rayservice(s.manifests(), "seedcore-aaaaa")
    (cluster,) = manifests.rayclusters
    groups = (*cluster.groups, replace(cluster.groups[-1], name="gpu"))
    wanted = replace(manifests, rayclusters=(replace(cluster, groups=groups),))

    found = preview(live, wanted, recreates=True)

    assert [each.upgrade for each in found.upgrades] == [Upgrade.IN_PLACE]


def test_a_rayservice_is_compared_with_the_last_raycluster_that_it_made() -> None:
    live, manifests = of_a_rayservice(
        with_head_image(s.manifests(), "new:2"), "seedcore-aaaaa", "seedcore-bbbbb"
    )
    (wanted,) = manifests.rayclusters
    assert isinstance(live.rayclusters, Seen)
    first, last = live.rayclusters.value
    live = replace(live, rayclusters=Seen((replace(last, groups=wanted.groups), first)))

    assert preview(live, manifests, recreates=True).upgrades == ()
