"""The overlays of the environments: what differs between them, and that nothing is said twice."""

from __future__ import annotations

import itertools
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from seedcore_deploy.kubectl import Kubectl
from seedcore_deploy.kubectl_errors import RenderFailed
from seedcore_deploy.sources.overlays import find_overlay
from seedcore_deploy.sources.settings import load_settings
from tests.kustomize.conftest import DEPLOY, Objects, findings, rendered

ENVIRONMENTS = ("dev", "staging", "prod")
SHARED, CLIENT = ("ConfigMap", "seedcore-env"), ("ConfigMap", "seedcore-client-env")
HOSTED = {
    SHARED: ("RAY_HOST", "RAY_SERVE_URL", "RAY_DASHBOARD_URL"),
    CLIENT: ("RAY_ADDRESS", "RAY_SERVE_ADDRESS", "RAY_DASHBOARD_ADDRESS"),
}
UNITS = {"Mi": 1, "Gi": 1024}
RENAME = {
    "target": {"kind": "RayCluster"},
    "patch": '[{"op": "replace", "path": "/metadata/name", "value": "moved"}]',
    "options": {"allowNameChange": True},
}

Change = Callable[[dict[str, Any]], Any]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the manifests that a test may change."""
    return Path(shutil.copytree(DEPLOY / "kustomize", tmp_path / "kustomize"))


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def overlay(environment: str, tree: Path = DEPLOY / "kustomize") -> Objects:
    return rendered(tree / "overlays" / environment)


def changed(tree: Path, environment: str, change: Change) -> Objects:
    file = tree / "overlays" / environment / "kustomization.yaml"
    found = yaml.safe_load(file.read_text())
    change(found)
    file.write_text(yaml.safe_dump(found))
    return overlay(environment, tree)


def rename_in_base(tree: Path, name: str) -> None:
    file = tree / "base" / "raycluster.yaml"
    text = re.sub(r"(?m)^  name: seedcore$", f"  name: {name}", file.read_text())
    assert text != file.read_text()
    file.write_text(text)


def hosts(objects: Objects) -> set[str | None]:
    """Every host that the ConfigMaps name, whatever suffix or prefix these have got."""
    found = set()
    for (kind, _), each in objects.items():
        for name, value in (each["data"] if kind == "ConfigMap" else {}).items():
            if name == "RAY_HOST" or "://" in value:
                found.add(urlsplit(value if "://" in value else f"//{value}").hostname)
    return found


def cluster(objects: Objects) -> Any:
    (found,) = (each for (kind, _), each in objects.items() if kind == "RayCluster")
    return found


def mebibytes(quantity: str) -> int:
    return int(quantity[:-2]) * UNITS[quantity[-2:]]


def memory(container: dict[str, Any], of: str) -> int:
    return mebibytes(container["resources"][of]["memory"])


def containers(objects: Objects) -> list[dict[str, Any]]:
    spec = cluster(objects)["spec"]
    templates = [
        spec["headGroupSpec"]["template"],
        *(group["template"] for group in spec["workerGroupSpecs"]),
        *(each["spec"]["template"] for (kind, _), each in objects.items() if kind == "Deployment"),
    ]
    return [template["spec"]["containers"][0] for template in templates]


def test_there_are_just_these_overlays() -> None:
    folders = {path.name for path in (DEPLOY / "kustomize" / "overlays").iterdir()}

    assert folders == set(ENVIRONMENTS)


def test_apply_finds_nothing_wrong_with_it(environment: str) -> None:
    assert findings(overlay(environment)) == []


def test_its_namespace_means_it(environment: str) -> None:
    found = find_overlay(f"seedcore-{environment}", load_settings(DEPLOY))

    assert found.directory == DEPLOY / "kustomize" / "overlays" / environment
    assert found.reason.endswith(f"ray-contract.toml names it for seedcore-{environment}")


def test_it_has_every_object_of_the_base_in_its_namespace(base: Objects, environment: str) -> None:
    objects = overlay(environment)

    assert set(objects) == {*base, CLIENT}
    assert {each["metadata"]["namespace"] for each in objects.values()} == {
        f"seedcore-{environment}"
    }


def test_ray_namespace_is_its_namespace_for_every_role(environment: str) -> None:
    objects = overlay(environment)

    for config_map in (SHARED, CLIENT):
        assert objects[config_map]["data"]["RAY_NAMESPACE"] == f"seedcore-{environment}"


def test_addresses_are_written_in_none_of_the_overlays(environment: str) -> None:
    folder = DEPLOY / "kustomize" / "overlays" / environment

    text = "".join(path.read_text() for path in folder.iterdir())

    assert "head-svc" not in text
    assert not re.search(r"\b(10001|8000|8265)\b", text)
    assert text.count(f"seedcore-{environment}") == 1


def test_renaming_the_raycluster_in_the_base_moves_every_address(
    tree: Path, environment: str
) -> None:
    rename_in_base(tree, "moved")

    objects = overlay(environment, tree)

    assert hosts(objects) == {"moved-head-svc"}
    for config_map, names in HOSTED.items():
        for name in names:
            assert "moved-head-svc" in objects[config_map]["data"][name]
    assert findings(objects) == []


def test_renaming_changes_hosts_and_the_raycluster_and_nothing_else(
    tree: Path, environment: str
) -> None:
    before = yaml.safe_dump_all(list(overlay(environment, tree).values()))
    rename_in_base(tree, "moved")

    after = yaml.safe_dump_all(list(overlay(environment, tree).values()))

    wanted = before.replace("seedcore-head-svc", "moved-head-svc")
    assert after == re.sub(
        r"(?m)(^kind: RayCluster\n(?: *.*\n)*?  name: )seedcore$", r"\1moved", wanted
    )


def test_an_overlay_may_rename_the_raycluster(tree: Path, environment: str) -> None:
    objects = changed(tree, environment, lambda found: found["patches"].append(RENAME))

    assert hosts(objects) == {"moved-head-svc"}
    assert findings(objects) == []


@pytest.mark.parametrize(
    ("key", "fix", "host"),
    [("nameSuffix", "-x", "seedcore-x-head-svc"), ("namePrefix", "x-", "x-seedcore-head-svc")],
)
def test_addresses_follow_a_name_with_a_prefix_or_suffix(
    tree: Path, environment: str, key: str, fix: str, host: str
) -> None:
    objects = changed(tree, environment, lambda found: found.update({key: fix}))

    assert hosts(objects) == {host}


@pytest.mark.parametrize("namespace", ["team-a", "2024"])
def test_ray_namespace_follows_the_namespace(tree: Path, namespace: str) -> None:
    objects = changed(tree, "dev", lambda found: found.update(namespace=namespace))

    for config_map in (SHARED, CLIENT):
        assert objects[config_map]["data"]["RAY_NAMESPACE"] == namespace


def test_ports_follow_the_shared_settings(tree: Path, environment: str) -> None:
    file = tree / "base" / "seedcore.env"
    text = file.read_text()
    for port in ("10001", "8000", "8265"):
        text = text.replace(port, f"2{port[-4:]}")
    file.write_text(text)

    client = overlay(environment, tree)[CLIENT]["data"]

    ports = {name: urlsplit(client[name]).port for name in HOSTED[CLIENT]}
    assert ports == {
        "RAY_ADDRESS": 20001,
        "RAY_SERVE_ADDRESS": 28000,
        "RAY_DASHBOARD_ADDRESS": 28265,
    }


def test_forgotten_replacements_do_not_pass_for_settings(tree: Path, environment: str) -> None:
    objects = changed(tree, environment, lambda found: found.pop("transformers"))

    assert findings(objects)


def test_serve_has_one_deployer_everywhere(environment: str) -> None:
    assert overlay(environment)["Deployment", "seedcore-serve"]["spec"]["replicas"] == 1


def test_each_environment_is_larger_than_the_one_before_it() -> None:
    sizes = []
    for environment in ENVIRONMENTS:
        objects = overlay(environment)
        (group,) = cluster(objects)["spec"]["workerGroupSpecs"]
        memories = [memory(each, "requests") for each in containers(objects)]
        api = objects["Deployment", "seedcore-api"]["spec"]["replicas"]
        sizes.append((api, group["replicas"], *memories))

    for smaller, larger in itertools.pairwise(sizes):
        assert all(one < other for one, other in zip(smaller, larger, strict=True))


def test_worker_numbers_are_possible(environment: str) -> None:
    for group in cluster(overlay(environment))["spec"]["workerGroupSpecs"]:
        assert group["minReplicas"] <= group["replicas"] <= group["maxReplicas"]


def test_memory_has_room_for_the_probe_and_for_the_object_store(environment: str) -> None:
    objects = overlay(environment)
    spec = cluster(objects)["spec"]

    for each in containers(objects):
        assert 768 <= memory(each, "limits") >= memory(each, "requests")
        assert "cpu" not in each["resources"]["limits"]
    for group in (spec["headGroupSpec"], *spec["workerGroupSpecs"]):
        store = int(group["rayStartParams"]["object-store-memory"])
        pod = memory(group["template"]["spec"]["containers"][0], "requests") * 2**20
        assert store <= pod / 2


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_images_are_pinned_by_the_environment_itself(tree: Path, environment: str) -> None:
    def promote(found: dict[str, Any]) -> None:
        assert [image["newTag"] for image in found["images"]] == ["0.1.0", "0.1.0"]
        for image in found["images"]:
            image.update(newName=image["name"].replace("localhost", "registry"), newTag="0.2.0")

    objects = changed(tree, environment, promote)

    assert [each["image"] for each in containers(objects)] == [
        "registry/seedcore-ray:0.2.0",
        "registry/seedcore-ray:0.2.0",
        "registry/seedcore-client:0.2.0",
        "registry/seedcore-client:0.2.0",
    ]


def test_a_shared_host_of_another_form_does_not_pass_for_the_head_service(tree: Path) -> None:
    file = tree / "base" / "seedcore.env"
    file.write_text(file.read_text().replace("RAY_HOST=seedcore-head-svc", "RAY_HOST=ray"))

    assert any("SC203" in each for each in findings(overlay("dev", tree)))


def test_a_shared_setting_that_is_missing_is_named(tree: Path) -> None:
    file = tree / "base" / "seedcore.env"
    file.write_text(re.sub("(?m)^RAY_DASHBOARD_URL=.*\n", "", file.read_text()))

    with pytest.raises(RenderFailed) as failed:
        Kubectl.find().kustomize(tree / "overlays" / "dev")

    assert 'unable to find field "data.RAY_DASHBOARD_URL"' in failed.value.what
    assert "add it to the target" in failed.value.mend
