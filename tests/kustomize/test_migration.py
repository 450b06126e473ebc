"""docs/migration.md, followed to the letter on a repository of the old pattern; no cluster."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from seedcore_deploy.judge.lint import leftovers, ray_init
from seedcore_deploy.kubectl import Kubectl
from tests.kustomize.conftest import DEPLOY, findings, rendered
from tests.support.migration import Migration, blocks, migration, sections
from tests.support.tool import Bench

ON_THE_CLUSTER = "Apply, and read the verdict"
"""The last section, which tests/e2e/test_migration.py follows as well."""
OVERLAY = Path("deploy", "kustomize", "overlays", "dev")
CLIENTS = (("Deployment", "seedcore-api"), ("Deployment", "seedcore-serve"))


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Migration:
    return migration(bench(tmp_path_factory.mktemp("old")), tmp_path_factory.mktemp("old"))


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Migration:
    """The example, after all that needs no cluster."""
    folder = tmp_path_factory.mktemp("migrated")
    made = migration(bench(folder), folder)
    made.follow(*(each for each in sections() if ON_THE_CLUSTER not in each))
    return made


def without_ray(tree: Path) -> list[dict[str, Any]]:
    """All that the overlay renders to, without ConfigMaps and what gives RAY_ADDRESS to pods."""
    text = Kubectl.find().kustomize(tree / OVERLAY).text
    objects = [each for each in yaml.safe_load_all(text) if each["kind"] != "ConfigMap"]
    for container in containers(objects):
        container.pop("envFrom")
        own = [each for each in container.pop("env", []) if each["name"] != "RAY_ADDRESS"]
        container["env"] = own
    return objects


def containers(part: Any) -> Iterator[dict[str, Any]]:
    """Every container, wherever it stands."""
    if isinstance(part, dict):
        yield from part.get("containers", [])
        part = list(part.values())
    for each in part if isinstance(part, list) else ():
        yield from containers(each)


def bench(folder: Path) -> Bench:
    kubectl = shutil.which("kubectl")
    assert kubectl
    return Bench(folder / "no-kubeconfig", Path(kubectl).parent)


def test_the_document_ends_on_the_cluster_and_nowhere_before() -> None:
    *offline, last = sections()

    assert ON_THE_CLUSTER in last
    assert len(offline) >= 4
    for block in blocks(*offline):
        assert "deploy apply" not in block.text
        assert "deploy verify" not in block.text


def test_after_it_apply_finds_nothing_wrong(migrated: Migration) -> None:
    assert findings(rendered(migrated.tree / OVERLAY)) == []


def test_after_it_the_settings_are_those_of_the_pattern(migrated: Migration) -> None:
    ours, theirs = rendered(DEPLOY / "kustomize/overlays/dev"), rendered(migrated.tree / OVERLAY)

    for configmap in ("seedcore-env", "seedcore-client-env"):
        assert theirs["ConfigMap", configmap]["data"] == ours["ConfigMap", configmap]["data"]


def test_after_it_clients_read_both_and_nothing_is_set_past_them(migrated: Migration) -> None:
    objects = rendered(migrated.tree / OVERLAY)

    for client in CLIENTS:
        (container,) = objects[client]["spec"]["template"]["spec"]["containers"]
        names = [source["configMapRef"]["name"] for source in container["envFrom"]]
        assert names == ["seedcore-env", "seedcore-client-env"]
    assert "RAY_ADDRESS" not in str(
        [each for key, each in objects.items() if key[0] != "ConfigMap"]
    )


def test_after_it_all_but_ray_s_settings_is_as_it_was(migrated: Migration, old: Migration) -> None:
    assert without_ray(migrated.tree) == without_ray(old.tree)


def test_the_example_has_every_leftover_that_lint_knows(old: Migration) -> None:
    ended = old.bench.tool("lint", ".", "-o", "json")

    found = {each["rule"] for each in json.loads(ended.out)["findings"]}
    assert found >= {rule.id for rule in (*leftovers.RULES, *ray_init.RULES)}


def test_what_is_fixed_is_clean_but_for_what_the_document_leaves_to_people(
    tmp_path: Path,
) -> None:
    # given
    made = migration(bench(tmp_path), tmp_path)
    first, second, *_ = sections()

    # when
    made.follow(first, second)

    # then
    left = json.loads(made.bench.tool("lint", ".", "-o", "json").out)["findings"]
    assert sorted(each["rule"] for each in left) == ["SC206", "SC505", "SC505"]
    again = made.bench.tool("lint", ".", "--fix")
    assert "0 file(s) were changed" in again.err
