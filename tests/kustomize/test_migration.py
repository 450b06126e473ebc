"""docs/migration.md, followed to the letter on a repository of the old pattern; no cluster."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

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


def bench(folder: Path) -> Bench:
    kubectl = shutil.which("kubectl")
    assert kubectl
    return Bench(folder / "no-kubeconfig", Path(kubectl).parent)


def test_the_document_ends_on_the_cluster_and_nowhere_before() -> None:
    *offline, last = sections()

    assert ON_THE_CLUSTER in last
    assert len(offline) >= 5
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


def test_after_it_what_is_not_about_ray_is_as_it_was(migrated: Migration, old: Migration) -> None:
    before = {
        path.relative_to(old.tree): path.read_text().splitlines()
        for path in old.tree.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }

    for name, lines in before.items():
        kept = [line for line in lines if "RAY" not in line and "ray" not in line]
        now = (migrated.tree / name).read_text().splitlines()
        assert [line for line in kept if line not in now] == []
