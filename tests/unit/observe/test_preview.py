"""What kubectl diff says, in the words of the model."""

from typing import Any

import pytest

from seedcore_deploy.kubectl_diff import Difference
from seedcore_deploy.model.disclosure import Discloser
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.plan import Change, Preview
from seedcore_deploy.model.upgrade import Upgrade
from seedcore_deploy.observe.preview import everything_created, preview

DISCLOSER = Discloser(b"salt")
TEMPLATE = {"spec": {"containers": [{"name": "api", "image": "x:1"}]}}
OTHER = {"spec": {"containers": [{"name": "api", "image": "x:2"}]}}


def configmap(**data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "env"}, "data": data}


def deployment(template: dict[str, Any], replicas: int = 1) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "api"},
        "spec": {"replicas": replicas, "template": template},
    }


def raycluster(replicas: int, image: str = "x:1", strategy: str = "Recreate") -> dict[str, Any]:
    head = {"template": {"spec": {"containers": [{"name": "ray-head", "image": image}]}}}
    workers = {"groupName": "workers", "replicas": replicas, "template": TEMPLATE}
    return {
        "apiVersion": "ray.io/v1",
        "kind": "RayCluster",
        "metadata": {"name": "seedcore"},
        "spec": {
            "upgradeStrategy": {"type": strategy},
            "headGroupSpec": head,
            "workerGroupSpecs": [workers],
        },
    }


def seen(before: Any, after: Any) -> Preview:
    return preview([([after], [Difference(before, after)])], DISCLOSER)


def test_what_kubectl_does_not_name_is_unchanged() -> None:
    found = preview([([configmap(), deployment(TEMPLATE)], [])], DISCLOSER)

    assert [(str(each.subject), each.change) for each in found.objects] == [
        ("configmap/env", Change.UNCHANGED),
        ("deployment/api", Change.UNCHANGED),
    ]
    assert not found.configmaps
    assert not found.workloads
    assert found.not_compared == ()


def test_object_that_is_written_anew_as_it_was_is_unchanged() -> None:
    """The last applied configuration alone differs, or what the API server counts."""
    before = configmap(A="1")
    before["metadata"] = {"name": "env", "resourceVersion": "1"}

    assert seen(before, configmap(A="1")).objects[0].change is Change.UNCHANGED


def test_keys_of_a_configmap_are_told_and_the_whole_of_it_is_looked_ahead_to() -> None:
    found = seen(configmap(RAY_HOST="a", LIVE="x"), configmap(RAY_HOST="b", LIVE="x"))

    assert [str(each) for each in found.objects[0].fields] == ["RAY_HOST: a -> b"]
    assert set(found.configmaps[0].data) == {"RAY_HOST", "LIVE"}


def test_object_that_is_made_is_created() -> None:
    found = seen(None, configmap(RAY_HOST="a"))

    assert found.objects[0].change is Change.CREATED
    assert [str(each) for each in found.objects[0].fields] == ["RAY_HOST is added: a"]


def test_a_template_rolls_its_workload_and_a_number_does_not() -> None:
    assert seen(deployment(TEMPLATE), deployment(OTHER)).rolling == (Subject("Deployment", "api"),)
    assert seen(deployment(TEMPLATE), deployment(TEMPLATE, 2)).rolling == ()
    assert seen(None, deployment(TEMPLATE)).rolling == (), "it has no pods yet"


@pytest.mark.parametrize(
    ("after", "recreated"),
    [
        (raycluster(1, "x:2"), ("seedcore",)),
        (raycluster(2), ()),
        (raycluster(1, "x:2", "None"), ()),
    ],
)
def test_kuberay_deletes_pods_for_the_spec_and_not_for_numbers(
    after: dict[str, Any], recreated: tuple[str, ...]
) -> None:
    assert seen(raycluster(1), after).recreated == recreated


def test_nothing_of_a_secret_is_told() -> None:
    def secret(**data: str) -> dict[str, Any]:
        return {**configmap(**data), "kind": "Secret"}

    found = seen(secret(a="*** (before)"), secret(a="*** (after)", image="***"))

    assert [str(each) for each in found.objects[0].fields] == ["a changes", "image is added"]
    assert seen(None, secret(a="***")).objects[0].fields == ()


def test_of_two_steps_the_later_one_counts() -> None:
    base, overlay = configmap(RAY_HOST="base"), configmap(RAY_HOST="live")

    found = preview(
        [
            ([base, deployment(TEMPLATE)], [Difference(overlay, base)]),
            ([overlay], []),
        ],
        DISCLOSER,
    )

    assert {each.change for each in found.objects} == {Change.UNCHANGED}


def test_in_a_new_namespace_everything_is_created() -> None:
    found = everything_created([configmap(A="1"), deployment(TEMPLATE)], DISCLOSER)

    assert {each.change for each in found.objects} == {Change.CREATED}


def rayservice(image: str, replicas: int = 1) -> dict[str, Any]:
    spec = raycluster(replicas, image)["spec"]
    del spec["upgradeStrategy"]
    return {
        "apiVersion": "ray.io/v1",
        "kind": "RayService",
        "metadata": {"name": "seedcore"},
        "spec": {"rayClusterConfig": spec},
    }


def test_a_changed_rayservice_gets_a_new_raycluster() -> None:
    (upgrade,) = seen(rayservice("x:1"), rayservice("x:2")).upgrades

    assert upgrade.upgrade is Upgrade.NEW_CLUSTER
    assert upgrade.paths == ("headGroupSpec.template.spec.containers[0].image",)


def test_a_rayservice_that_is_made_or_scaled_gets_no_other_raycluster() -> None:
    assert seen(None, rayservice("x:1")).upgrades == ()
    assert seen(rayservice("x:1"), rayservice("x:1", replicas=3)).upgrades == ()
