"""The verb `lint` on files alone: what needs no kubectl."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from seedcore_deploy.cli import main

OLD = "# Ray\nRAY_ADDRESS=ray://old:10001\nRAY_HOST=old\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_finding_ends_with_one_and_nothing_to_mend_with_zero(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_text(OLD)
    assert main(["lint", "."]) == 1
    assert ".env:2:1: error SC501" in capsys.readouterr().out

    (tmp_path / ".env").write_text("RAY_HOST=a\n")
    assert main(["lint", "."]) == 0


def test_without_paths_and_overlays_it_is_said_what_to_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["lint"]) == 2
    assert "seedcore-deploy lint ." in capsys.readouterr().err


def test_folder_without_anything_to_judge_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.md").write_text("Ray\n")

    assert main(["lint", "empty"]) == 2
    assert "nothing to lint in empty" in capsys.readouterr().err


def test_named_files_that_lint_does_not_read_are_not_said_to_be_clean(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.md").write_text("Ray\n")

    assert main(["lint", "notes.md"]) == 0
    assert capsys.readouterr().out.startswith("NOTHING JUDGED")


def test_fix_shows_a_diff_writes_and_is_done_then(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / ".env"
    file.write_bytes(OLD.replace("\n", "\r\n").encode())
    file.chmod(0o640)

    assert main(["lint", ".", "--fix"]) == 0
    assert "-RAY_ADDRESS=ray://old:10001" in capsys.readouterr().out
    assert file.read_bytes() == b"# Ray\r\nRAY_HOST=old\r\n"
    assert file.stat().st_mode & 0o777 == 0o640

    assert main(["lint", ".", "--fix"]) == 0
    assert capsys.readouterr().out.startswith("CLEAN")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".env"]


def test_dry_run_shows_the_same_diff_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_text(OLD)

    assert main(["lint", ".", "--fix", "--dry-run"]) == 1
    dry = capsys.readouterr().out
    assert (tmp_path / ".env").read_text() == OLD

    main(["lint", ".", "--fix"])
    assert capsys.readouterr().out.partition("CLEAN")[0] == dry.partition(".env:2:1")[0]


def test_dry_run_alone_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "--dry-run"]) == 2
    assert "--fix" in capsys.readouterr().err


def test_for_programs_stdout_holds_the_result_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_text(OLD)

    main(["lint", ".", "--fix", "-o", "json"])

    caught = capsys.readouterr()
    assert json.loads(caught.out)["findings"] == []
    assert "-RAY_ADDRESS" in caught.err


def test_what_is_outside_of_the_given_paths_is_neither_read_nor_changed(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "docker-compose.yml").write_text("services: {x: {env_file: ../b/.env}}\n")
    (tmp_path / "b" / ".env").write_text(OLD)

    assert main(["lint", "a", "--fix"]) == 0
    assert (tmp_path / "b" / ".env").read_text() == OLD


def test_a_huge_file_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.yaml").write_bytes(b"a: b\n" * 1_000_000)
    (tmp_path / "package-lock.json").write_bytes(b" " * 5_000_000)

    assert main(["lint", "."]) == 0
    assert "a.yaml:1:1: hint SC510" in capsys.readouterr().out

    (tmp_path / "a.yaml").write_bytes(b"a: RAY_ADDRESS\n" * 1_000_000)
    assert main(["lint", "."]) == 1
    assert "a.yaml:1:1: error SC510" in capsys.readouterr().out


def test_userinfo_of_an_address_is_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_text("RAY_ADDRESS=ray://me:hunter2@old:10001\n")

    for output in ("table", "json", "junit", "sarif", "github"):
        main(["lint", ".", "-o", output])
        assert "hunter2" not in capsys.readouterr().out


def test_ten_thousand_files_take_less_than_five_seconds_of_work(tmp_path: Path) -> None:
    """CPU time, since other programs may run here; reading is by one process."""
    python = "import ray\n" + "".join(f"def f{n}(x):\n    return x + {n}\n" for n in range(40))
    manifest = "kind: Pod\nspec:\n  containers:\n    - name: a\n" * 5
    contents = {
        ".py": python,
        ".yaml": manifest,
        ".env": "A=1\n" * 20,
        ".sh": "echo hi\n" * 40,
        "": "no script\n",
    }
    for folder in range(100):
        (tmp_path / f"d{folder}").mkdir()
        for number, (ending, content) in enumerate(list(contents.items()) * 20):
            (tmp_path / f"d{folder}" / f"f{number}{ending}").write_text(content)
    (tmp_path / ".gitignore").write_text("*.log\nbuild/\n/dist\n")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)

    done = subprocess.run(
        [sys.executable, "-m", "seedcore_deploy", "lint", "."], capture_output=True, text=True
    )

    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (done.returncode, done.stderr) == (0, "")
    assert "8000 files" in done.stdout  # each fifth is for no reader
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 5
