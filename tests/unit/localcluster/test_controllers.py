"""Which cgroup controllers are enabled for a cluster, noted, and taken away again."""

from __future__ import annotations

from pathlib import Path

import pytest
from localcluster import cgroups, controllers


def a_tree(place: Path, available: str, enabled: str) -> Path:
    """Make a folder with the two files of a cgroup2 tree's root."""
    place.mkdir()
    (place / "cgroup.controllers").write_text(available)
    (place / "cgroup.subtree_control").write_text(enabled)
    return place


def test_only_what_the_root_has_and_does_not_pass_on_is_missing() -> None:
    available = "cpuset cpu io memory pids rdma\n"
    assert controllers.missing(available, "memory pids\n") == ["cpuset", "cpu"]


def test_nothing_is_missing_in_a_tree_without_controllers() -> None:
    assert controllers.missing("\n", "\n") == []


def test_controllers_belong_to_version_2_only() -> None:
    mounts = "cgroup /cg/cpu cgroup rw,cpu 0 0\ncgroup2 /cg/unified cgroup2 rw 0 0\n"
    assert cgroups.hierarchies(mounts, ("cgroup2",)) == [Path("/cg/unified")]


def test_what_was_added_is_noted_and_taken_away(tmp_path: Path) -> None:
    tree, note = a_tree(tmp_path / "tree", "cpu memory pids", "memory pids"), tmp_path / "note"

    controllers.enable([tree], note)

    assert (tree / "cgroup.subtree_control").read_text() == "+cpu"
    assert controllers.read_note(note) == {str(tree): ["cpu"]}

    controllers.disable(note)

    assert (tree / "cgroup.subtree_control").read_text() == "-cpu"
    assert not note.exists()


def test_a_tree_that_passes_all_on_is_left_alone(tmp_path: Path) -> None:
    tree, note = a_tree(tmp_path / "tree", "cpu io", "cpu"), tmp_path / "note"

    controllers.enable([tree], note)
    controllers.disable(note)

    assert (tree / "cgroup.subtree_control").read_text() == "cpu"
    assert not note.exists()


def test_another_cluster_keeps_the_controllers(tmp_path: Path) -> None:
    tree, note = a_tree(tmp_path / "tree", "cpu", ""), tmp_path / "note"
    controllers.enable([tree], note)
    (tree / "seedcore-other").mkdir()

    controllers.disable(note)

    assert (tree / "cgroup.subtree_control").read_text() == "+cpu"
    assert controllers.read_note(note) == {str(tree): ["cpu"]}


def test_a_tree_that_refuses_does_not_stop_the_removal(tmp_path: Path) -> None:
    note = tmp_path / "note"
    note.write_text(f'{{"{tmp_path}/gone": ["cpu"]}}')

    controllers.disable(note)

    assert not note.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"/tree": "cpu"}', '{"/tree": 1}'])
def test_a_torn_note_names_nothing(tmp_path: Path, text: str) -> None:
    note = tmp_path / "note"
    note.write_text(text)
    assert controllers.read_note(note) == {}
