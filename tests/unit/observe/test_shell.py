"""Reading the environment where there is a shell and no Python: the script is run for real."""

import subprocess

from seedcore_deploy.kube.exec import ExecResult
from seedcore_deploy.model.look import NotSeen
from seedcore_deploy.observe.shell import NO_PYTHON, shell_answer, shell_argv


def run(**variables: str) -> ExecResult:
    done = subprocess.run(
        shell_argv("n0"),
        env={"PATH": "/usr/bin:/bin", **variables},
        capture_output=True,
        check=False,
    )
    return ExecResult(done.stdout, done.stderr, done.returncode)


def test_only_connection_variables_are_let_out() -> None:
    result = run(RAY_ADDRESS="ray://x:1", DB_PASSWORD="hunter2", NOTE="a\nRAY_FAKE=1")

    answer = shell_answer("n0", result)

    assert isinstance(answer, dict)
    assert answer["container"] == {"RAY_ADDRESS": "ray://x:1"}
    assert b"hunter2" not in result.stdout


def test_a_value_of_several_lines_stays_one_value() -> None:
    answer = shell_answer("n0", run(RAY_X="a\nRAY_FAKE=1"))

    assert isinstance(answer, dict)
    assert answer["container"] == {"RAY_X": "a\nRAY_FAKE=1"}


def test_an_answer_cut_short_is_no_answer() -> None:
    whole = run(RAY_ADDRESS="ray://x:1").stdout

    for length in range(len(whole)):
        assert isinstance(shell_answer("n0", ExecResult(whole[:length], b"", 0)), NotSeen)


def test_neither_python_nor_shell_is_said() -> None:
    why = 'exec: "sh": executable file not found in $PATH'

    answer = shell_answer("n0", ExecResult(b"", b"", None, why))

    assert isinstance(answer, NotSeen)
    assert "neither python3 nor a shell" in answer.why
    assert NO_PYTHON.search(why)
