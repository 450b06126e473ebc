"""scripts/cluster and scripts/kind: what they accept."""

from __future__ import annotations

from pathlib import Path

import pytest
from localcluster import cli, kind_cli
from localcluster.errors import LocalClusterError


def test_options_stand_before_or_after_the_verb() -> None:
    for words in (["--name", "x", "up"], ["up", "--name", "x"]):
        assert cli.parser().parse_args(words).name == "x"


@pytest.mark.parametrize("name", ["", "A", "-x", "x_", "a/b", "..", "a" * 41])
def test_a_name_that_cannot_be_a_folder_is_refused(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        cli.parser().parse_args(["up", f"--name={name}"])
    assert refused.value.code == 2
    assert "small letters" in capsys.readouterr().err


def test_exec_hands_on_options_as_they_are() -> None:
    arguments = cli.parser().parse_args(["exec", "--name", "x", "--", "ls", "-l", "--name"])
    assert arguments.name == "x"
    assert arguments.command[-3:] == ["ls", "-l", "--name"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["get", "clusters"], {"verb": "get", "what": "clusters"}),
        (
            ["create", "cluster", "--name=n", "--kubeconfig=/k", "--image=i", "--config", "f"],
            {"verb": "create", "name": "n", "kubeconfig": Path("/k"), "image": "i", "config": "f"},
        ),
        (["create", "cluster", "--name=n", "--kubeconfig=k"], {"kubeconfig": Path("k")}),
        (
            ["load", "docker-image", "--name", "n", "localhost/x:1"],
            {"verb": "load", "name": "n", "images": ["localhost/x:1"]},
        ),
        (["delete", "cluster", "--name=n", "--kubeconfig=/k"], {"verb": "delete", "name": "n"}),
    ],
)
def test_what_pytest_kind_calls(words: list[str], expected: dict[str, object]) -> None:
    arguments = vars(kind_cli.parser().parse_args(words))
    assert {name: arguments[name] for name in expected} == expected


def test_our_errors_become_lines_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise LocalClusterError("what happened", where="in here", mend="do this")

    monkeypatch.setattr(cli, "choose", refuse)
    assert cli.main(["status"]) == 1
    assert capsys.readouterr().err == ("error: what happened\n  where: in here\n  mend:  do this\n")
