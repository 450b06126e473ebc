"""The main process, its environment and its connections, from a /proc made of files."""

import os
from pathlib import Path

import pytest

from seedcore_deploy.observe.payloads import interpreter, proc

TABLE_HEAD = "  sl  local_address rem_address   st\n"


class Processes:
    """A folder like /proc."""

    def __init__(self, folder: Path) -> None:
        self.root = str(folder)
        self.folder = folder

    def add(
        self,
        pid: int,
        parent: int,
        command: str,
        *,
        started: int = 0,
        environ: bytes = b"A=1\0",
        cgroup: str = "0::/\n",
        state: str = "S",
    ) -> Path:
        own = self.folder / str(pid)
        (own / "fd").mkdir(parents=True)
        (own / "net").mkdir()
        fields = [state, str(parent), *["0"] * 17, str(started)]
        (own / "stat").write_text(f"{pid} (na) me) {' '.join(fields)}")
        (own / "cmdline").write_text(command.replace(" ", "\0") + "\0")
        (own / "environ").write_bytes(environ)
        (own / "cgroup").write_text(cgroup)
        return own


@pytest.fixture
def processes(tmp_path: Path) -> Processes:
    return Processes(tmp_path)


def test_the_first_process_is_the_main_one(processes: Processes) -> None:
    processes.add(1, 0, "/usr/bin/python3 app.py")
    processes.add(7, 1, "worker")

    assert proc.main_process(processes.root) == 1


@pytest.mark.parametrize("wrapper", ["/bin/bash -c x", "-sh", "/sbin/tini -- app", "dumb-init a"])
def test_a_shell_or_an_init_only_holds_the_main_process(processes: Processes, wrapper: str) -> None:
    processes.add(1, 0, wrapper)
    processes.add(9, 1, "late", started=20)
    processes.add(8, 1, "python app.py", started=10)

    assert proc.main_process(processes.root) == 8


def test_wrappers_may_hold_wrappers(processes: Processes) -> None:
    processes.add(1, 0, "tini -- sh")
    processes.add(2, 1, "/bin/sh run.sh")
    processes.add(3, 2, "python app.py")

    assert proc.main_process(processes.root) == 3


def test_a_shell_without_children_is_the_main_process(processes: Processes) -> None:
    processes.add(1, 0, "sh -c x")
    processes.add(2, 1, "gone", state="Z")

    assert proc.main_process(processes.root) == 1


def test_with_a_shared_namespace_the_oldest_of_our_own_container_counts(
    processes: Processes,
) -> None:
    processes.add(1, 0, "/pause", cgroup="0::/pause\n")
    processes.add(5, 0, "sidecar", cgroup="0::/other\n", started=1)
    processes.add(6, 0, "python app.py", cgroup="0::/\n", started=2)
    processes.add(7, 0, "another exec", cgroup="0::/\n", started=3)
    processes.add(os.getpid(), 0, "probe", cgroup="0::/\n", started=4)

    assert proc.main_process(processes.root) == 6


def test_the_environment_is_read(processes: Processes) -> None:
    processes.add(1, 0, "app", environ=b"A=1\0B=x=y\0A=2\0EMPTY=\0")

    assert proc.environment(1, processes.root) == {"A": "1", "B": "x=y", "EMPTY": ""}


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        (b"", "empty"),
        (b"\0\0\0", "empty"),
        (b"master process\0\0\0\0\0", "overwritten"),
        (b"[worker]\0\0\0A=1\0", "overwritten"),
        (b"A=1\0\0\0B=2\0", "overwritten"),
    ],
)
def test_an_environment_that_a_title_wiped_is_unreadable(
    processes: Processes, environ: bytes, why: str
) -> None:
    processes.add(1, 0, "app", environ=environ)

    with pytest.raises(proc.Unreadable, match=why):
        proc.environment(1, processes.root)


def test_an_environment_that_is_away_is_unreadable(processes: Processes) -> None:
    with pytest.raises(proc.Unreadable, match="No such file"):
        proc.environment(1, processes.root)


def row(remote: str, state: str, inode: int) -> str:
    return f"0: 0100007F:1F90 {remote} {state} 0:0 0:0 0 1000 0 {inode} 1\n"


def test_only_established_connections_of_the_tree_count(processes: Processes) -> None:
    main = processes.add(1, 0, "app")
    child = processes.add(2, 1, "worker")
    (main / "fd" / "3").symlink_to("socket:[11]")
    (main / "fd" / "4").symlink_to("/dev/null")
    (child / "fd" / "5").symlink_to("socket:[12]")
    (main / "net" / "tcp").write_text(
        TABLE_HEAD
        + row("0F00F40A:2711", "01", 11)
        + row("0F00F40A:2712", "06", 11)
        + row("1000F40A:2711", "01", 99)
    )
    (main / "net" / "tcp6").write_text(
        TABLE_HEAD
        + row("0000000000000000FFFF00000200007F:0050", "01", 12)
        + row("000000FD000000000000000001000000:18EB", "01", 12)
    )

    found = proc.connections(proc.tree(1, processes.root), processes.root)

    assert found == ["10.244.0.15:10001", "127.0.0.2:80", "[fd00::1]:6379"]


def test_established_connections_are_counted_by_the_port_that_listens(
    processes: Processes,
) -> None:
    own = processes.add(1, 0, "app").parent / "self" / "net"
    own.mkdir(parents=True)
    listening, client, other = "00000000:2711", "0A00F40A:2711", "0A00F40A:C001"
    rows = [(listening, "0A"), (client, "01"), (client, "01"), (client, "06"), (other, "01")]
    (own / "tcp").write_text(
        TABLE_HEAD + "".join(f"0: {local} 0:0 {state} 0 0 0 0 0 7 1\n" for local, state in rows)
    )

    assert proc.inbound(processes.root) == {10001: 2}


def test_the_interpreter_is_the_one_the_process_was_called_with(
    processes: Processes, tmp_path: Path
) -> None:
    python = tmp_path / "venv" / "bin" / "python3.11"
    python.parent.mkdir(parents=True)
    python.write_text("")
    python.chmod(0o755)
    processes.add(1, 0, f"{python} /venv/bin/uvicorn app")
    processes.add(2, 0, "python3.11 app.py")
    processes.add(3, 0, "title of its own")

    def of(pid: int, **variables: str) -> str:
        return interpreter.of_process(pid, variables, processes.root)

    assert of(1) == str(python)
    assert of(2, PATH=str(python.parent)) == str(python)
    assert of(3, PATH="/nowhere") == ""


def test_time_without_a_cpu_is_read_in_seconds(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "schedstat").write_text("691489 7500000000 2\n")

    assert proc.waited_for_a_cpu(7, str(tmp_path)) == 7.5
    assert proc.waited_for_a_cpu(8, str(tmp_path)) == 0.0
