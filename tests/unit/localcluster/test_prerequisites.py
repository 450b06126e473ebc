"""What is missing on a machine, and what an install of ours may have started."""

from __future__ import annotations

from pathlib import Path

import pytest
from localcluster.prerequisites import Needed, missing_packages, service_to_end
from localcluster.providers.kind import missing_words


def test_a_file_is_missed_by_its_whole_path(tmp_path: Path) -> None:
    keyring = tmp_path / "keyring.gpg"
    needed = [Needed(str(keyring), "debian-archive-keyring")]
    assert missing_packages(needed, cni=False) == ["debian-archive-keyring"]

    keyring.touch()
    assert missing_packages(needed, cni=False) == []


def test_a_service_that_our_install_started_is_ended() -> None:
    assert service_to_end(["containerd", "runc"], had_containerd=False, systemd=True)


@pytest.mark.parametrize(
    ("installed", "had_containerd", "systemd"),
    [
        (["containerd"], True, True),
        (["containerd"], False, False),
        (["runc"], False, True),
    ],
)
def test_a_service_that_is_not_ours_is_left_alone(
    installed: list[str], had_containerd: bool, systemd: bool
) -> None:
    assert not service_to_end(installed, had_containerd=had_containerd, systemd=systemd)


def test_what_kind_lacks_is_one_line_with_where_to_get_it() -> None:
    words = missing_words(["kubectl", "git"])
    assert "\n" not in words
    assert "kubectl and git" in words
    assert "https://kubernetes.io/docs/tasks/tools" in words
    assert "apt-get install git" in words


def test_nothing_is_said_when_kind_has_all() -> None:
    assert missing_words([]) == ""
