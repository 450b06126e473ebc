"""Reading a container's processes through /proc. Runs inside pods: Python 3.8, standard library."""

# Plain names, since Path.readlink needs Python 3.9:
# ruff: noqa: PTH115, PTH119, PTH123, PTH208

from __future__ import annotations

import os
import socket
import struct

_WRAPPERS = frozenset(
    "sh bash dash ash ksh zsh busybox tini tini-static dumb-init catatonit docker-init "
    "pause s6-svscan supervise-daemon su sudo gosu su-exec timeout".split()
)
"""Programs that only hold the main process: shells and inits."""
_ESTABLISHED = "01"
_LISTENING = "0A"


class Unreadable(Exception):
    """Something of a process cannot be read, or says nothing: the reason as a sentence."""


def main_process(root: str = "/proc") -> int:
    """The container's main process: its first one, or what a shell or an init holds there."""
    parents = _parents(root)
    pid = _first_process(parents, root)
    while program(pid, root) in _WRAPPERS:
        children = sorted(
            (each for each in parents if parents[each] == pid),
            key=lambda each: (_started(each, root), each),
        )
        if not children:
            break
        pid = children[0]
    return pid


def _first_process(parents: dict[int, int], root: str) -> int:
    """The process that the runtime started; with a shared process namespace that is not PID 1.

    There PID 1 is the pod's pause process. Processes of this container share our cgroup. Of
    those whose parent is outside it (the container's own and exec'd ones), the container's own
    is the oldest.
    """
    if 1 in parents and program(1, root) != "pause":
        return 1
    own_group = _cgroup(os.getpid(), root)
    ours = {pid for pid in parents if _cgroup(pid, root) == own_group}
    mine = set(ancestors(os.getpid(), parents))
    roots = [pid for pid in ours - mine if parents[pid] not in ours]
    if not roots:
        raise Unreadable("no process of this container but the probe is visible in /proc")
    return min(roots, key=lambda pid: (_started(pid, root), pid))


def ancestors(pid: int, parents: dict[int, int]) -> list[int]:
    """The process and its ancestors within this process namespace."""
    line = []
    while pid in parents:
        line.append(pid)
        pid = parents[pid]
    return line


def tree(pid: int, root: str = "/proc") -> list[int]:
    """The process and all its descendants."""
    parents = _parents(root)
    found = [pid]
    for each in found:
        found += [child for child in parents if parents[child] == each]
    return found


def waited_for_a_cpu(pid: int, root: str = "/proc") -> float:
    """Seconds for which the process's first thread was ready to run and waited for a CPU.

    0 where the kernel does not tell (no CONFIG_SCHED_INFO), or the process has been collected.
    """
    try:
        with open(f"{root}/{pid}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def environment(pid: int, root: str = "/proc") -> dict[str, str]:
    """What the process was started with. Raises Unreadable, also when it has been overwritten."""
    try:
        with open(f"{root}/{pid}/environ", "rb") as file:
            raw = file.read()
    except OSError as fault:
        raise Unreadable(f"/proc/{pid}/environ: {fault.strerror}") from fault
    if not raw.strip(b"\0"):
        raise Unreadable(f"/proc/{pid}/environ is empty")
    variables: dict[str, str] = {}
    for entry in raw[:-1].split(b"\0") if raw.endswith(b"\0") else raw.split(b"\0"):
        name, equals, value = entry.decode("utf-8", "surrogateescape").partition("=")
        if not equals or not name or not name.isprintable():
            raise Unreadable(f"/proc/{pid}/environ has been overwritten by the process (its title)")
        # Of two entries with one name, getenv finds the first.
        variables.setdefault(name, value)
    return variables


def connections(pids: list[int], root: str = "/proc") -> list[str]:
    """Remote `ip:port` of the ESTABLISHED TCP connections that the processes hold."""
    inodes = set()
    for pid in pids:
        try:
            inodes |= _sockets(pid, root)
        except (FileNotFoundError, ProcessLookupError):
            if pid == pids[0]:
                raise Unreadable(f"the main process {pid} has ended") from None
        except OSError as fault:
            raise Unreadable(f"/proc/{pid}/fd: {fault.strerror}") from fault
    return sorted(
        {
            _address(fields[2])
            for fields in _tcp_table(str(pids[0]), root)
            if fields[3] == _ESTABLISHED and fields[9] in inodes
        }
    )


def inbound(root: str = "/proc") -> dict[int, int]:
    """How many ESTABLISHED TCP connections each port that the pod listens on has."""
    rows = [(fields[3], _port(fields[1])) for fields in _tcp_table("self", root)]
    held = [port for state, port in rows if state == _ESTABLISHED]
    return {port: held.count(port) for port in sorted({p for s, p in rows if s == _LISTENING})}


def _tcp_table(process: str, root: str) -> list[list[str]]:
    """The rows of /proc/PID/net/tcp and tcp6, split. Raises Unreadable."""
    rows: list[list[str]] = []
    for table in ("tcp", "tcp6"):
        try:
            with open(f"{root}/{process}/net/{table}") as file:
                rows += [line.split() for line in file.readlines()[1:]]
        except FileNotFoundError:
            continue
        except OSError as fault:
            raise Unreadable(f"/proc/{process}/net/{table}: {fault.strerror}") from fault
    return rows


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)


def _sockets(pid: int, root: str) -> set[str]:
    inodes = set()
    for descriptor in os.listdir(f"{root}/{pid}/fd"):
        try:
            target = os.readlink(f"{root}/{pid}/fd/{descriptor}")
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[len("socket:[") : -1])
    return inodes


def _address(text: str) -> str:
    """`ip:port` of an address as /proc/net/tcp writes it: words in host order, in hex."""
    host, port = text.split(":")
    words = [int(host[start : start + 8], 16) for start in range(0, len(host), 8)]
    packed = struct.pack(f"={len(words)}I", *words)
    if len(packed) == 16 and packed.startswith(b"\0" * 10 + b"\xff\xff"):
        packed = packed[12:]
    if len(packed) == 4:
        return f"{socket.inet_ntop(socket.AF_INET, packed)}:{int(port, 16)}"
    return f"[{socket.inet_ntop(socket.AF_INET6, packed)}]:{int(port, 16)}"


def program(pid: int, root: str = "/proc") -> str:
    """The program's name without its path and arguments; empty when it cannot be read."""
    words = command_line(pid, root)
    if words and words[0]:
        return os.path.basename(words[0].split(" ")[0]).lstrip("-").rstrip(":")
    return ""


def command_line(pid: int, root: str = "/proc") -> list[str]:
    """The words that the process was started with, or its title where it has set one."""
    try:
        with open(f"{root}/{pid}/cmdline", "rb") as file:
            return file.read().decode("utf-8", "replace").split("\0")
    except OSError:
        return []


def _parents(root: str) -> dict[int, int]:
    return {
        pid: int(fields[1])
        for pid in map(int, filter(str.isdigit, os.listdir(root)))
        # Field 3 of stat is the state; a zombie has neither environment nor connections.
        if (fields := _stat(pid, root)) and fields[0] not in "ZX"
    }


def _started(pid: int, root: str) -> int:
    fields = _stat(pid, root)
    return int(fields[19]) if fields else 2**63


def _stat(pid: int, root: str) -> list[str]:
    """The fields of /proc/PID/stat after the program's name; empty when it has ended."""
    try:
        with open(f"{root}/{pid}/stat", "rb") as file:
            return file.read().decode("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return []


def _cgroup(pid: int, root: str) -> str:
    try:
        with open(f"{root}/{pid}/cgroup") as file:
            return file.read()
    except OSError:
        return ""
