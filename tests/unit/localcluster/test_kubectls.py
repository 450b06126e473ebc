"""Which kubectl is taken: ours if built, else a fit one on PATH, else one to be built."""

from __future__ import annotations

from pathlib import Path

import pytest
from localcluster import kubectls

OURS = Path("/cache/kubectl")
THEIRS = Path("/usr/bin/kubectl")


def said(version: str) -> str:
    """Write what kubectl answers when it is asked for its version."""
    return f'{{"clientVersion": {{"gitVersion": "{version}"}}}}'


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (said("v1.34.4"), (1, 34)),
        (said("v1.32.4-dispatcher"), (1, 32)),
        (said("v1.33.1+k3s1"), (1, 33)),
        (said("unknown"), None),
        ('{"clientVersion": null}', None),
        ("[]", None),
        ("Client Version: v1.34.4", None),
        ("", None),
    ],
)
def test_versions(text: str, version: tuple[int, int] | None) -> None:
    assert kubectls.version(text) == version


def test_ours_is_taken_when_it_is_built() -> None:
    assert kubectls.choice(OURS, THEIRS, said("v1.34.4")) == OURS


@pytest.mark.parametrize("version", ["v1.27.0", "v1.34.4", "v2.0.0"])
def test_the_one_on_path_saves_a_build(version: str) -> None:
    assert kubectls.choice(None, THEIRS, said(version)) == THEIRS


@pytest.mark.parametrize("text", ["", said("v1.26.15"), said("v1.9.0"), "not found"])
def test_one_that_is_too_old_or_does_not_run_does_not_count(text: str) -> None:
    assert kubectls.choice(None, THEIRS, text) is None


def test_without_any_there_is_none() -> None:
    assert kubectls.choice(None, None, "") is None


def test_a_link_is_followed_unless_its_name_tells_the_program_what_to_be(tmp_path: Path) -> None:
    (tmp_path / "programs").mkdir()
    kubectl, many_in_one = tmp_path / "programs" / "kubectl", tmp_path / "snap"
    kubectl.touch()
    many_in_one.touch()

    link = tmp_path / "kubectl"
    link.symlink_to(kubectl)
    assert kubectls.real(link) == kubectl

    link.unlink()
    link.symlink_to(many_in_one)
    assert kubectls.real(link) == link
