"""A repository of the old pattern, with all its leftovers, and what `lint --fix` makes of it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from seedcore_deploy.cli import main
from tests.support.lint_trees import DATA, tree_of
from tests.support.migration import EXAMPLE

OVERLAY = Path("deploy", "kustomize", "overlays", "dev")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rendered(folder: Path) -> dict[tuple[str, str], dict[str, object]]:
    command = ["kubectl", "kustomize", "--load-restrictor", "LoadRestrictionsNone", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {(o["kind"], o["metadata"]["name"]): o for o in yaml.safe_load_all(done.stdout)}


def test_the_old_pattern_lints_clean_after_one_fix(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lint", "."]) == 1
    capsys.readouterr()

    assert main(["lint", ".", "--fix"]) == 1
    left = capsys.readouterr().out
    assert "charts/seedcore/values.yaml:6:3: error SC505" in left
    assert "charts/seedcore/values.yaml:10:11: error SC505" in left
    assert "WRONG: 2 findings to mend (SC505)" in left

    (repository / "charts" / "seedcore" / "values.yaml").write_text("env: {}\n")
    assert main(["lint", "."]) == 0
    assert main(["lint"]) == 0


def test_what_is_left_renders_with_both_settings_for_clients_and_one_for_ray(
    repository: Path,
) -> None:
    main(["lint", ".", "--fix"])

    objects = rendered(OVERLAY)
    client = objects["ConfigMap", "seedcore-client-env"]["data"]
    assert client == {
        "RAY_ADDRESS": "ray://seedcore-head-svc:10001",
        "RAY_NAMESPACE": "seedcore-dev",
        "RAY_SERVE_ADDRESS": "http://seedcore-head-svc:8000",
        "RAY_DASHBOARD_ADDRESS": "http://seedcore-head-svc:8265",
    }
    text = yaml.safe_dump(objects["RayCluster", "seedcore"])
    assert "RAY_ADDRESS" not in text
    assert "seedcore-client-env" not in text
    for name in ("seedcore-api", "seedcore-serve"):
        text = yaml.safe_dump(objects["Deployment", name])
        assert "RAY_ADDRESS" not in text
        assert text.index("name: seedcore-env") < text.index("name: seedcore-client-env")


def test_a_second_fix_and_one_without_writing_change_nothing(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [path for path in repository.rglob("*") if path.is_file()]
    before = {path: path.read_bytes() for path in files}
    main(["lint", ".", "--fix", "--dry-run"])
    assert {path: path.read_bytes() for path in files} == before

    main(["lint", ".", "--fix"])
    once = {path: path.read_bytes() for path in files}
    assert once != before

    main(["lint", ".", "--fix"])
    assert {path: path.read_bytes() for path in files} == once


def test_of_an_overlay_alone_nothing_outside_of_it_is_rewritten(repository: Path) -> None:
    base = OVERLAY.parents[1] / "base"
    before = {path: path.read_bytes() for path in base.iterdir()}

    main(["lint", str(OVERLAY), "--fix"])

    assert {path: path.read_bytes() for path in base.iterdir()} == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("docker/.env", "ray://seedcore-head-svc", "ray://elsewhere"),
        ("deploy/kustomize/base/api-deploy.yaml", "ray://seedcore-head-svc", "ray://elsewhere"),
    ],
)
def test_an_address_of_another_cluster_is_left_to_people(
    repository: Path, file: str, old: str, new: str
) -> None:
    path = repository / file
    path.write_text(path.read_text().replace(old, new))
    before = path.read_text()

    assert main(["lint", ".", "--fix"]) == 1

    assert new in path.read_text()
    assert before.count(new) == path.read_text().count(new)


def test_a_key_of_the_shared_settings_goes_when_clients_have_their_own(
    repository: Path,
) -> None:
    tree_of(DATA / "contract" / "shared-settings-have-the-address-as-a-literal.txt").unpack(
        repository
    )

    main(["lint", str(OVERLAY.parents[1]), "--fix"])

    assert "RAY_ADDRESS" not in (OVERLAY.parents[1] / "base" / "kustomization.yaml").read_text()
