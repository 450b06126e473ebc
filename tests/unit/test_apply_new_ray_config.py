"""The old script's shim: what it calls, and what it says when it cannot."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "deploy/apply-new-ray-config.sh"


@pytest.fixture
def shim(tmp_path: Path) -> Path:
    script = tmp_path / "repo/deploy/apply-new-ray-config.sh"
    script.parent.mkdir(parents=True)
    shutil.copy(SCRIPT, script)
    return script


def tool(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('#!/bin/sh\necho "called: $* in $PWD"; exit 4\n')
    path.chmod(0o755)


def run(shim: Path, *words: str, path: str = "/usr/bin:/bin") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", shim, *words], env={"PATH": path}, capture_output=True, text=True, check=False
    )


def test_it_runs_the_tool_with_the_same_words_and_exit_code(shim: Path, tmp_path: Path) -> None:
    tool(tmp_path / "bin/seedcore-deploy")

    done = run(shim, "seedcore-dev", "--timeout", "5m", path=f"{tmp_path}/bin:/usr/bin:/bin")

    repo = tmp_path / "repo"
    assert done.stdout == f"called: apply seedcore-dev --timeout 5m in {repo}\n"
    assert done.returncode == 4
    assert "is replaced by: seedcore-deploy apply seedcore-dev" in done.stderr


def test_it_finds_the_tool_in_the_virtualenv_beside_the_repository(
    shim: Path, tmp_path: Path
) -> None:
    tool(tmp_path / "repo/.venv/bin/seedcore-deploy")

    assert run(shim, "seedcore-dev").stdout.startswith("called: apply seedcore-dev")


def test_without_the_tool_it_says_how_to_install_it(shim: Path) -> None:
    done = run(shim, "seedcore-dev")

    assert done.returncode == 2
    assert "seedcore-deploy is not installed" in done.stderr
    assert "pip install" in done.stderr


def test_without_a_namespace_it_says_how_to_call_it(shim: Path) -> None:
    done = run(shim)

    assert done.returncode == 2
    assert "usage:" in done.stderr
