"""The verb `init`: what it says, and that it needs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from seedcore_deploy.commands import init
from seedcore_deploy.errors import UsageError
from seedcore_deploy.model.verdict import ExitCode
from seedcore_deploy.options import InitOptions
from seedcore_deploy.sources.starter import starter_files
from tests.support.fresh_process import HEAVY, ran


def test_every_file_is_named_and_what_comes_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = init.run(InitOptions(str(tmp_path)))

    said = capsys.readouterr().out
    assert code is ExitCode.PROVEN
    assert said.startswith("".join(f"wrote {tmp_path / file}\n" for file in starter_files()))
    assert f"cd {tmp_path} && seedcore-deploy apply seedcore-dev" in said


def test_written_here_the_next_command_is_given_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    init.run(InitOptions())

    said = capsys.readouterr().out
    assert "wrote deploy/kustomize/base/kustomization.yaml\n" in said
    assert "  3. seedcore-deploy apply seedcore-dev" in said


def test_where_something_is_already_nothing_is_said_to_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "deploy").write_text("a file\n")

    with pytest.raises(UsageError, match="nothing was written"):
        init.run(InitOptions(str(tmp_path)))

    assert capsys.readouterr().out == ""


def test_it_needs_no_kubectl_and_no_heavy_library(tmp_path: Path) -> None:
    done = ran("init", str(tmp_path / "new"))

    assert done.code == 0
    assert done.packages.isdisjoint(HEAVY)
