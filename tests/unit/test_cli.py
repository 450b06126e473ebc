"""The one way in: exit codes, and what may be imported when."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from seedcore_deploy import cli
from seedcore_deploy.errors import CouldNotLook
from seedcore_deploy.model.verdict import ExitCode
from seedcore_deploy.options import Options

HEAVY = ("kubernetes", "plumbum", "tenacity", "rich", "cattrs", "yaml")


@pytest.mark.parametrize(
    "words", [["--help"], ["apply", "--help"], ["verify", "--help"], ["env", "--help"]]
)
def test_help_imports_no_heavy_library(words: list[str]) -> None:
    program = (
        "import json, sys\n"
        "from seedcore_deploy.cli import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "except SystemExit:\n    pass\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=True
    )

    loaded = {name.partition(".")[0] for name in json.loads(done.stderr)}
    assert loaded.isdisjoint(HEAVY)
    assert "examples:" in done.stdout


def _failing(error: BaseException):  # type: ignore[no-untyped-def]
    def run(_options: Options) -> ExitCode:
        raise error

    return run


def test_our_own_error_is_two_clear_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "_run", _failing(CouldNotLook("no answer", "start it")))

    code = cli.main(["verify"])

    assert code == 3
    assert capsys.readouterr().err == "seedcore-deploy: no answer\n  mend: start it\n"


def test_a_bug_is_exit_70_with_the_traceback_in_a_named_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(cli, "_run", _failing(KeyError("surprise")))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    code = cli.main(["verify"])

    (saved,) = tmp_path.iterdir()
    assert code == 70
    assert str(saved) in capsys.readouterr().err
    assert "KeyError: 'surprise'" in saved.read_text()
    assert saved.stat().st_mode & 0o077 == 0


def test_ctrl_c_is_exit_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "_run", _failing(KeyboardInterrupt()))

    assert cli.main(["verify"]) == 130
    assert "interrupted" in capsys.readouterr().err


def test_typo_in_a_verb_is_exit_2_on_stderr_only() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "seedcore_deploy", "aply", "x"], capture_output=True, text=True
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean `apply`?" in done.stderr


def test_closed_stdout_is_no_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)

    done = subprocess.run(
        [sys.executable, "-m", "seedcore_deploy", "--version"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writer)

    assert "Traceback" not in done.stderr
