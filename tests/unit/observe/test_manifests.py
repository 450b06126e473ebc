"""The rendered overlay in the shapes of the live objects."""

import pytest

from seedcore_deploy.errors import UsageError
from seedcore_deploy.model.disclosure import Discloser
from seedcore_deploy.observe.manifests import manifests_from_documents

DISCLOSER = Discloser(b"salt")


def test_documents_are_sorted_by_kind() -> None:
    documents = [
        {"kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"A": "b"}},
        {"kind": "RayCluster", "metadata": {"name": "r"}, "spec": {}},
        {"kind": "Deployment", "metadata": {"name": "d"}, "spec": {}},
        {"kind": "Service", "metadata": {"name": "s"}, "spec": {"ports": [{"port": 1}]}},
        {"kind": "Role", "metadata": {"name": "x"}},
    ]

    manifests = manifests_from_documents(documents, "overlays/dev", DISCLOSER)

    names = [
        [each.name for each in part]
        for part in (
            manifests.configmaps,
            manifests.rayclusters,
            manifests.workloads,
            manifests.services,
        )
    ]
    assert names == [["m"], ["r"], ["d"], ["s"]]


@pytest.mark.parametrize(
    "document",
    [
        {"kind": "ConfigMap", "metadata": {"name": "bad"}, "data": ["A=b"]},
        {"kind": "Deployment", "metadata": {"name": "bad"}, "spec": {"replicas": "many"}},
        {"kind": "RayCluster", "metadata": {"name": "bad"}, "spec": {"workerGroupSpecs": [{}]}},
    ],
)
def test_a_malformed_document_is_named(document: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=f"{document['kind']} bad of overlays/dev is malformed"):
        manifests_from_documents([document], "overlays/dev", DISCLOSER)
