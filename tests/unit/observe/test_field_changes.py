"""Fields that change, and of their values only what tells no secret."""

from typing import Any

import pytest

from seedcore_deploy.model.disclosure import Discloser
from seedcore_deploy.observe.field_changes import field_changes, key_changes

DISCLOSER = Discloser(b"salt")


def container(**fields: Any) -> dict[str, Any]:
    return {"name": "api", "image": "x:1", **fields}


def deployment(*containers: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {
        "kind": "Deployment",
        "metadata": {"name": "api", "generation": 1, "resourceVersion": "7", **metadata},
        "spec": {"replicas": 1, "template": {"spec": {"containers": list(containers)}}},
    }


def said(before: Any, after: Any) -> list[str]:
    return [str(each) for each in field_changes(before, after, DISCLOSER)]


def test_what_the_api_server_keeps_by_itself_is_no_change() -> None:
    last = {"kubectl.kubernetes.io/last-applied-configuration": "{}"}
    before = deployment(container(), annotations=last, managedFields=[1])
    after = deployment(container(), generation=2, resourceVersion="8")

    assert said({**before, "status": {"replicas": 1}}, after) == []


PATH = "spec.template.spec.containers[api]"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"image": "x:2"}, f"{PATH}.image: x:1 -> x:2"),
        ({"image": "u:p@x:2"}, f"{PATH}.image: x:1 -> ***@x:2"),
        ({"args": ["--password", "hunter2"]}, f"{PATH}.args is added"),
        ({"env": [{"name": "RAY_PORT", "value": "1"}]}, f"{PATH}.env[RAY_PORT] is added: 1"),
        ({"env": [{"name": "PASSWORD", "value": "x"}]}, f"{PATH}.env[PASSWORD] is added: (hidden)"),
        ({"livenessProbe": {"periodSeconds": 3}}, f"{PATH}.livenessProbe is added"),
    ],
)
def test_field_is_told_by_its_path(change: dict[str, Any], words: str) -> None:
    assert said(deployment(container()), deployment(container(**change))) == [words]


def test_variable_is_told_by_its_name_and_shown_where_that_is_allowed() -> None:
    before = [
        {"name": "RAY_PORT", "value": "1"},
        {"name": "DB_PASSWORD", "value": "hunter2"},
        {"name": "GONE", "value": "hunter3"},
    ]
    after = [
        {"name": "RAY_PORT", "value": "2"},
        {"name": "DB_PASSWORD", "value": "hunter4"},
        {"name": "RAY_HOST", "value": "head"},
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
    ]

    found = said(deployment(container(env=before)), deployment(container(env=after)))

    assert found == [
        f"{PATH}.env[RAY_PORT]: 1 -> 2",
        f"{PATH}.env[DB_PASSWORD] changes (hidden)",
        f"{PATH}.env[GONE] is removed (it was (hidden))",
        f"{PATH}.env[RAY_HOST] is added: head",
        f"{PATH}.env[TOKEN] is added",
    ]
    assert "hunter" not in " ".join(found)


def test_annotation_is_told_without_its_value() -> None:
    after = deployment(container(), annotations={"example.com/image": "hunter2"})

    assert said(deployment(container()), after) == ["metadata.annotations is added"]
    assert said(deployment(container(), annotations={"a.image": "1"}), after) == [
        "metadata.annotations.a.image is removed",
        "metadata.annotations.example.com/image is added",
    ]


def test_labels_are_shown() -> None:
    before, after = (deployment(container(), labels=each) for each in ({"a": "1"}, {"b": "2"}))

    assert said(before, after) == [
        "metadata.labels.a is removed (it was 1)",
        "metadata.labels.b is added: 2",
    ]


def test_containers_that_come_go_or_change_their_order_are_told() -> None:
    one, two = container(), container(name="sidecar")

    assert said(deployment(one), deployment(one, two)) == [
        "spec.template.spec.containers[sidecar] is added"
    ]
    assert said(deployment(one, two), deployment(two, one)) == [
        "spec.template.spec.containers (its order) changes"
    ]


def test_numbers_and_flags_of_the_list_are_shown() -> None:
    before, after = ({"spec": {"replicas": n, "paused": n > 1, "secret": n}} for n in (1, 2))

    assert said(before, after) == [
        "spec.paused: false -> true",
        "spec.replicas: 1 -> 2",
        "spec.secret changes",
    ]


def test_items_without_a_name_change_as_a_whole() -> None:
    before = {"spec": {"args": ["a"], "rules": [{}]}}
    after = {"spec": {"args": ["b"], "rules": []}}

    assert said(before, after) == ["spec.args changes", "spec.rules changes"]


def test_keys_are_shown_by_their_names() -> None:
    found = key_changes(
        {"RAY_HOST": "a", "PASSWORD": "hunter2", "RAY_PORT": "1"},
        {"RAY_HOST": "b", "PASSWORD": "hunter3", "RAY_NAMESPACE": "n"},
        DISCLOSER,
    )

    assert [str(each) for each in found] == [
        "PASSWORD changes (hidden)",
        "RAY_HOST: a -> b",
        "RAY_NAMESPACE is added: n",
        "RAY_PORT is removed (it was 1)",
    ]
    assert all(each.is_key for each in found)
