"""lint of some paths: which overlays it judges for them, what it changes, and how it says so."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from seedcore_deploy.cli import main
from tests.support.lint_trees import DATA, tree_of
from tests.support.tool import REPOSITORY

KUSTOMIZE = Path("deploy", "kustomize")
BASE = KUSTOMIZE / "base" / "kustomization.yaml"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tree_of(DATA / "from" / "pattern.txt").unpack(tmp_path)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_fix_of_a_base_alone_writes_no_client_settings_into_it(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = BASE.read_bytes()

    assert main(["lint", str(BASE), "--fix"]) == 0

    assert BASE.read_bytes() == before
    assert "CLEAN: nothing to mend in 1 overlay" in capsys.readouterr().out


def test_mend_outside_of_what_is_given_is_not_promised_to_be_made(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dev = repository / KUSTOMIZE / "overlays" / "dev" / "kustomization.yaml"
    dev.write_text("namespace: seedcore-dev\nresources:\n  - ../../base\n")
    before = dev.read_bytes()

    assert main(["lint", "."]) == 1
    assert "(--fix does it)" in capsys.readouterr().out
    assert main(["lint", str(BASE), "--fix"]) == 1
    assert "(--fix does it)" not in capsys.readouterr().out
    assert dev.read_bytes() == before


def test_fix_writes_nothing_that_breaks_an_overlay_on_top(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dev = repository / KUSTOMIZE / "overlays" / "dev" / "kustomization.yaml"
    team = repository / KUSTOMIZE / "overlays" / "team" / "kustomization.yaml"
    team.parent.mkdir()
    team.write_text(dev.read_text().replace("../../base", "../dev"))
    dev.write_text("namespace: seedcore-dev\nresources:\n  - ../../base\n")
    before = dev.read_bytes()

    assert main(["lint", str(dev), "--fix"]) == 1

    assert "behavior: merge" in capsys.readouterr().err
    assert dev.read_bytes() == before


def test_overlay_that_ray_contract_toml_names_is_judged_though_another_builds_on_it(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    overlays = repository / KUSTOMIZE / "overlays"
    overlays.rename(repository / KUSTOMIZE / "envs")
    dev = repository / KUSTOMIZE / "envs" / "dev" / "kustomization.yaml"
    top = repository / KUSTOMIZE / "team" / "kustomization.yaml"
    lines = dev.read_text().splitlines(keepends=True)
    dev.write_text("resources:\n  - ../../base\n")
    top.parent.mkdir()
    top.write_text("".join(lines).replace("../../base", "../envs/dev"))
    assert main(["lint", "."]) == 0
    assert "1 overlay" in capsys.readouterr().out

    contract = repository / "deploy" / "ray-contract.toml"
    contract.write_text('[namespaces.seedcore-dev]\noverlay = "kustomize/envs/dev"\n')

    assert main(["lint", "."]) == 1
    assert main(["lint"]) == 1
    assert "SC201" in capsys.readouterr().out


def test_manifest_that_no_overlay_takes_in_is_not_said_to_be_judged(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / KUSTOMIZE / "base" / "spare.yaml").write_text("kind: RayCluster\n")

    assert main(["lint", str(KUSTOMIZE / "base" / "spare.yaml")]) == 0

    assert "no overlay takes them in, so none was judged" in capsys.readouterr().out


@pytest.mark.parametrize("start", [".", "deploy/kustomize/overlays"])
def test_overlay_that_does_not_build_is_told_with_its_own_mend_and_no_absolute_path(
    repository: Path,
    start: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    dev = repository / KUSTOMIZE / "overlays" / "dev" / "kustomization.yaml"
    dev.write_text(dev.read_text() + "  - gone.yaml\n")
    monkeypatch.chdir(repository / start)
    file = os.path.relpath(dev)

    assert main(["lint", str(repository), "-o", "github"]) == 1
    said = capsys.readouterr().out

    assert f"{file} names gone.yaml, which does not exist" in said
    assert "mend the name, or add the file" in said
    assert str(repository) not in said


def test_mend_of_a_replacement_is_kept(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dev = KUSTOMIZE / "overlays" / "dev" / "kustomization.yaml"
    source = "{source: {kind: Gone}, targets: [{select: {kind: ConfigMap}, fieldPaths: [data.A]}]}"
    dev.write_text(f"{dev.read_text()}replacements:\n  - {source}\n")

    assert main(["lint", "-o", "github"]) == 1

    assert "let the replacement's source name another one" in capsys.readouterr().out


def test_failure_after_a_change_tells_no_path_of_the_copy_that_was_rendered(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dev = repository / KUSTOMIZE / "overlays" / "dev" / "kustomization.yaml"
    dev.write_text(dev.read_text() + "  - gone.yaml\n")
    (repository / ".env").write_text("RAY_ADDRESS=ray://old:10001\n")

    assert main(["lint", ".", "--fix"]) == 1
    said = capsys.readouterr().out

    assert "-RAY_ADDRESS=ray://old:10001" in said
    assert "deploy/kustomize/overlays/dev/kustomization.yaml:1:1: error SC207" in said
    assert "seedcore-lint-" not in said
    assert str(repository) not in said


def test_this_repository_is_clean(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(REPOSITORY)

    assert main(["lint", "."]) == 0, capsys.readouterr().out


def test_file_that_is_left_out_on_purpose_is_not_judged_and_not_said_to_be_clean(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / ".seedcoreignore").write_text("*.env\n")

    assert main(["lint", str(KUSTOMIZE / "base" / "seedcore.env")]) == 0

    assert capsys.readouterr().out.startswith("NOTHING JUDGED")


def test_folder_that_may_not_be_read_is_told(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "closed").mkdir()
    scandir = os.scandir

    def refuse(folder: str) -> object:  # root may read everything, so no mode does it
        if folder.endswith("/closed"):
            raise PermissionError(13, "Permission denied", folder)
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)

    assert main(["lint", "."]) == 3

    said = capsys.readouterr().out
    assert "closed:1:1" in said
    assert "the folder may not be read" in said


def test_file_that_no_reader_takes_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("Makefile").write_text("run:\n\tRAY_ADDRESS=ray://old:10001 python app.py\n")
    Path("start").write_text("#!/bin/sh\nexec python app.py\n")

    main(["lint", "Makefile"])
    assert "NOTHING JUDGED" in capsys.readouterr().out
    main(["lint", "Makefile", "start"])
    assert "in 1 file" in capsys.readouterr().out


def test_test_is_one_from_wherever_it_is_linted(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = repository / "tests" / "load"
    folder.mkdir(parents=True)
    (folder / "burst.py").write_text("import ray\nray.init('local')\n")

    said = []
    for here in (repository, folder):
        monkeypatch.chdir(here)
        code = main(["lint", os.path.relpath(folder / "burst.py")])
        said.append((code, capsys.readouterr().out.count("hint")))

    assert said[0] == said[1]
    assert said[0][0] == 0


FLOWS = (
    "[\n      RAY_ADDRESS=ray://old-head:10001,\n      OTHER=a]",
    "{\n      RAY_ADDRESS: ray://old-head:10001, OTHER: a}",
    "{RAY_ADDRESS: 'ray://old-head:10001',\n      OTHER: a}",
)


@pytest.mark.parametrize("flow", FLOWS)
def test_environment_within_brackets_stays_yaml(
    flow: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("compose.yaml").write_text(f"services:\n  api:\n    image: x\n    environment: {flow}\n")

    assert main(["lint", ".", "--fix"]) == 0

    said = yaml.safe_load(Path("compose.yaml").read_text())["services"]["api"]["environment"]
    variables = said if isinstance(said, dict) else dict(each.split("=", 1) for each in said)
    assert variables == {"RAY_ADDRESS": "${RAY_ADDRESS:-ray://old-head:10001}", "OTHER": "a"}


def test_change_that_would_spoil_its_file_is_left_and_the_others_are_made(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing may be added behind the end of a document."""
    dev = repository / KUSTOMIZE / "overlays" / "dev" / "kustomization.yaml"
    dev.write_text("namespace: seedcore-dev\nresources:\n  - ../../base\n...\n")
    env = repository / "app.env"
    env.write_text("A=1\nRAY_ADDRESS=ray://old-head:10001\n")
    before = dev.read_bytes()

    code = main(["lint", ".", "--fix"])

    assert code == 1
    assert env.read_text() == "A=1\n"
    assert dev.read_bytes() == before
    assert "SC201" in capsys.readouterr().out
