"""How much memory is left, with both versions of cgroups."""

from pathlib import Path

import pytest

from seedcore_deploy.observe.payloads.memory import headroom

MIB = 1 << 20


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    folder = tmp_path / "proc"
    (folder / "self").mkdir(parents=True)
    (folder / "meminfo").write_text(f"MemTotal: 9 kB\nMemAvailable: {4096 * 1024} kB\n")
    return folder


def cgroup(folder: Path, limit: str, usage: int, cache: int, version: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    names = {
        1: ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        2: ("memory.max", "memory.current", "inactive_file"),
    }[version]
    (folder / names[0]).write_text(f"{limit}\n")
    (folder / names[1]).write_text(f"{usage}\n")
    (folder / "memory.stat").write_text(f"anon 1\n{names[2]} {cache}\n")


def test_version_1_as_a_container_sees_it(tmp_path: Path, proc: Path) -> None:
    (proc / "self" / "cgroup").write_text("5:cpu:/kubepods/x\n4:memory:/kubepods/x\n")
    cgroup(tmp_path / "cg" / "memory", str(256 * MIB), 200 * MIB, 10 * MIB, 1)

    assert headroom(str(proc), str(tmp_path / "cg")) == 66 * MIB


def test_version_2_with_a_namespace_of_its_own(tmp_path: Path, proc: Path) -> None:
    (proc / "self" / "cgroup").write_text("0::/\n")
    cgroup(tmp_path / "cg", str(256 * MIB), 100 * MIB, 0, 2)

    assert headroom(str(proc), str(tmp_path / "cg")) == 156 * MIB


def test_the_tightest_limit_on_the_way_up_counts(tmp_path: Path, proc: Path) -> None:
    (proc / "self" / "cgroup").write_text("0::/pod/container\n")
    cgroup(tmp_path / "cg" / "pod" / "container", "max", 1, 0, 2)
    cgroup(tmp_path / "cg" / "pod", str(300 * MIB), 290 * MIB, 0, 2)

    assert headroom(str(proc), str(tmp_path / "cg")) == 10 * MIB


def test_without_a_limit_the_machine_is_the_limit(tmp_path: Path, proc: Path) -> None:
    (proc / "self" / "cgroup").write_text("4:memory:/x\n")
    cgroup(tmp_path / "cg" / "memory", str(0x7FFFFFFFFFFFF000), 1, 0, 1)

    assert headroom(str(proc), str(tmp_path / "cg")) == 4096 * MIB


def test_nothing_readable_is_unknown(tmp_path: Path) -> None:
    assert headroom(str(tmp_path), str(tmp_path)) is None
