"""Versions, prerequisites, cgroup trees, reports, and the files that tell of a cluster."""

from __future__ import annotations

from pathlib import Path

import pytest
from localcluster import cgroups, parts, state, toolchain
from localcluster.addresses import Veth
from localcluster.folders import PACKAGE, ClusterFolder
from localcluster.prerequisites import Needed, missing_packages
from localcluster.report import ClusterReport, PartReport, as_text, duration


@pytest.mark.parametrize(
    ("text", "version"),
    [("go1.26.8", (1, 26, 8)), ("go1.25", (1, 25, 0)), ("1.26rc1", (1, 26, 0))],
)
def test_go_versions(text: str, version: tuple[int, ...]) -> None:
    assert toolchain.parse_version(text) == version


def test_the_pinned_toolchain_is_new_enough() -> None:
    wanted = toolchain.wanted_version((PACKAGE / "go.mod").read_text())
    assert toolchain.parse_version(toolchain.PINNED) >= wanted


def test_missing_programs_are_named_by_package() -> None:
    needed = [Needed("sh", "dash"), Needed("no-such-program", "b"), Needed("nor-this", "a")]
    assert missing_packages(needed, cni=False) == ["a", "b"]


def test_cgroup_trees_of_both_versions() -> None:
    mounts = (
        "tmpfs /sys/fs/cgroup tmpfs rw 0 0\n"
        "cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n"
        "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n"
    )
    assert cgroups.hierarchies(mounts) == [
        Path("/sys/fs/cgroup/cpu"),
        Path("/sys/fs/cgroup/unified"),
    ]


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    folder = ClusterFolder("x", tmp_path)
    record = state.Record("x", 3, "/programs")
    state.write_record(folder, record)
    assert state.read_record(folder) == record
    assert record.veth == Veth(3)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"pid": "x", "start_ticks": 1}'])
def test_a_torn_file_is_no_process(tmp_path: Path, text: str) -> None:
    path = tmp_path / "process.json"
    assert state.read_identity(path) is None
    path.write_text(text)
    assert state.read_identity(path) is None


def test_a_step_that_ended_well_is_not_dead(tmp_path: Path) -> None:
    written = parts.Parts(
        parts=(
            parts.Part("step", "log", once=True, pid=1, exit_code=0),
            parts.Part("failed step", "log", once=True, pid=2, exit_code=1),
            parts.Part("service", "log", pid=3, exit_code=0),
            parts.Part("running", "log", pid=4),
        )
    )
    parts.write(tmp_path / "parts.json", written)
    read = parts.read(tmp_path / "parts.json")
    assert read == written
    assert [part.name for part in read.dead] == ["failed step", "service"]


@pytest.mark.parametrize(
    ("code", "words"), [(3, "exit code 3"), (-9, "killed by SIGKILL"), (-64, "killed by SIGRTMAX")]
)
def test_exit_words(code: int, words: str) -> None:
    assert parts.exit_words(code) == words


@pytest.mark.parametrize(("seconds", "text"), [(59.9, "59s"), (60, "1m0s"), (3725, "1h2m")])
def test_ages(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_report_names_the_dead_part_its_reason_and_its_log() -> None:
    dead = PartReport(
        "etcd", answers=False, problem="dead: exit code 2", log="/logs/etcd.log", last_lines="boom"
    )
    report = ClusterReport("x", "native", running=True, parts=[dead])
    assert not report.healthy
    text = as_text(report)
    assert "etcd" in text
    assert "dead: exit code 2" in text
    assert "/logs/etcd.log" in text
    assert "| boom" in text
