"""ConfigMaps, Services, RayClusters and workloads."""

from typing import Any

import pytest

from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.disclosure import Discloser
from seedcore_deploy.observe import objects

DISCLOSER = Discloser(b"salt")


def raycluster(spec: dict[str, Any], status: dict[str, Any] | None = None) -> Any:
    document = {"metadata": {"name": "seedcore"}, "spec": spec, "status": status or {}}
    return objects.raycluster(document, DISCLOSER)


@pytest.mark.parametrize(
    ("head", "status", "name"),
    [
        ({}, {}, "seedcore-head-svc"),
        ({"headService": {"metadata": {"name": "own"}}}, {}, "own"),
        ({"headService": {"metadata": {"name": "own"}}}, {"serviceName": "live"}, "live"),
    ],
)
def test_the_head_service_is_named_as_kuberay_names_it(
    head: dict[str, Any], status: dict[str, Any], name: str
) -> None:
    assert raycluster({"headGroupSpec": head}, {"head": status}).head_service == name


def test_a_rayservice_is_the_cluster_that_kuberay_will_make_of_it() -> None:
    config = {
        "headGroupSpec": {"headService": {"metadata": {"name": "own"}}},
        "workerGroupSpecs": [{"groupName": "w", "replicas": 2}],
    }
    document = {
        "kind": "RayService",
        "metadata": {"name": "seedcore"},
        "spec": {"rayClusterConfig": config},
    }

    facts = objects.raycluster(document, DISCLOSER)

    assert (facts.service, facts.head_service) == ("seedcore", "seedcore-head-svc")
    assert [each.replicas for each in facts.groups] == [1, 2]


def test_a_cluster_of_a_rayservice_has_the_head_service_of_that() -> None:
    owner = {"kind": "RayService", "name": "seedcore", "controller": True}
    document = {
        "metadata": {"name": "seedcore-x7k2p", "ownerReferences": [owner]},
        "spec": {},
        "status": {"head": {"serviceName": "seedcore-x7k2p-head-svc"}},
    }

    facts = objects.raycluster(document, DISCLOSER)

    assert (facts.declared, facts.head_service) == ("seedcore", "seedcore-head-svc")


@pytest.mark.parametrize(
    ("group", "replicas"),
    [
        ({}, 0),
        ({"replicas": 2}, 2),
        ({"replicas": 0, "minReplicas": 1}, 1),
        ({"replicas": 9, "maxReplicas": 4}, 4),
        ({"minReplicas": 3}, 3),
        ({"replicas": 2, "numOfHosts": 2}, 4),
        ({"replicas": 2, "suspend": True}, 0),
    ],
)
def test_a_worker_group_wants_as_many_pods_as_kuberay_makes(
    group: dict[str, Any], replicas: int
) -> None:
    facts = raycluster({"workerGroupSpecs": [{"groupName": "w", **group}]})

    assert [(each.role, each.replicas) for each in facts.groups] == [
        (Role.HEAD, 1),
        (Role.WORKER, replicas),
    ]


def deployment(**status: Any) -> dict[str, Any]:
    return {
        "kind": "Deployment",
        "metadata": {"name": "d", "generation": 2},
        "spec": {"replicas": 1, "template": {"spec": {"containers": []}}},
        "status": {
            "observedGeneration": 2,
            "replicas": 1,
            "updatedReplicas": 1,
            "availableReplicas": 1,
            **status,
        },
    }


def test_a_deployment_is_rolled_out_when_all_its_pods_are_the_new_ones() -> None:
    assert objects.workload(deployment(), DISCLOSER).rolled_out


@pytest.mark.parametrize(
    "status",
    [
        {"observedGeneration": 1},
        {"updatedReplicas": 0},
        {"replicas": 2},
        {"conditions": [{"type": "Progressing", "status": "False"}]},
    ],
)
def test_a_deployment_on_its_way_is_not_rolled_out(status: dict[str, Any]) -> None:
    assert not objects.workload(deployment(**status), DISCLOSER).rolled_out


def test_a_deployment_scaled_to_zero_is_rolled_out() -> None:
    document = deployment()
    document["spec"]["replicas"] = 0
    document["status"] = {"observedGeneration": 2}

    facts = objects.workload(document, DISCLOSER)

    assert (facts.replicas, facts.rolled_out) == (0, True)


def test_the_template_of_a_cronjob_is_found() -> None:
    template = {"spec": {"containers": [{"name": "c"}]}}
    document = {
        "kind": "CronJob",
        "metadata": {"name": "c"},
        "spec": {"jobTemplate": {"spec": {"template": template}}},
    }

    assert objects.workload(document, DISCLOSER).template.containers[0].name == "c"


def test_every_key_of_a_configmap_is_kept_and_only_listed_names_show_their_value() -> None:
    document = {"metadata": {"name": "m"}, "data": {"RAY_ADDRESS": "auto", "PASSWORD": "hunter2"}}

    data = objects.configmap(document, DISCLOSER).data

    assert data["RAY_ADDRESS"].text == "auto"
    assert data["PASSWORD"].text is None
    assert data["PASSWORD"].digest


def test_a_service_has_the_ready_addresses_of_its_own_slices() -> None:
    def piece(service: str, **endpoint: Any) -> dict[str, Any]:
        labels = {"kubernetes.io/service-name": service}
        return {"metadata": {"labels": labels}, "endpoints": [endpoint]}

    slices = [
        piece("s", addresses=["1.1.1.1"], conditions={"ready": True}),
        piece("s", addresses=["2.2.2.2"], conditions={"ready": False}),
        piece("s", addresses=["3.3.3.3"]),
        piece("other", addresses=["4.4.4.4"]),
    ]
    spec = {"ports": [{"port": 10001}], "clusterIP": "None"}

    facts = objects.service({"metadata": {"name": "s"}, "spec": spec}, slices)

    assert facts.endpoints == ("1.1.1.1", "3.3.3.3")
    assert facts.ports == (10001,)
    assert facts.cluster_ips == ()


def test_the_last_change_of_an_object_is_told_without_its_status_and_our_record() -> None:
    managers = [
        {"manager": "kubectl", "time": "2026-03-01T10:00:00Z"},
        {"manager": "kubectl-edit", "time": "2026-03-01T11:00:00Z"},
        {"manager": "operator", "time": "2026-03-01T12:00:00Z", "subresource": "status"},
        {"manager": "seedcore-deploy", "time": "2026-03-01T12:00:00Z"},
    ]
    document = {"metadata": {"name": "seedcore", "managedFields": managers}}

    assert objects.raycluster(document, DISCLOSER).changed_at == "2026-03-01T11:00:00Z"
    assert objects.configmap(document, DISCLOSER).changed_at == "2026-03-01T11:00:00Z"


def test_an_object_without_managed_fields_does_not_tell_when_it_was_changed() -> None:
    assert objects.configmap({"metadata": {"name": "rendered"}}, DISCLOSER).changed_at == ""


@pytest.mark.parametrize(
    ("config", "names"),
    [
        ("applications:\n- name: hello\n- import_path: a:b\n", ("hello", "default")),
        ("applications: []", ()),
        ("", ()),
        ("a: [", ()),
        ("- no mapping", ()),
        ("applications: none", ()),
    ],
)
def test_rayservice_names_the_applications_that_kuberay_deploys(
    config: str, names: tuple[str, ...]
) -> None:
    document = {
        "kind": "RayService",
        "metadata": {"name": "seedcore"},
        "spec": {"rayClusterConfig": {}, "serveConfigV2": config},
    }

    assert objects.raycluster(document, DISCLOSER).serves == names
