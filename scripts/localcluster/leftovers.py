"""Ending a cluster, or what is left of one: processes, link, cgroups, files."""

from __future__ import annotations

import os
import shutil
import signal
import time
from pathlib import Path

from localcluster import cgroups, network, state
from localcluster.errors import LocalClusterError
from localcluster.folders import ClusterFolder
from localcluster.processes import (
    PROC,
    Identity,
    all_pids,
    first_child,
    identify,
    members_of,
    pid_namespace,
    wait_until,
)

SECONDS_TO_END = 20.0


def arguments_of(pid: int) -> list[str]:
    """Return the command line of a process; nothing for kernel threads and the dead."""
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def outer_processes(folder: ClusterFolder) -> list[Identity]:
    """Return the processes that hold this cluster: launcher or unshare, and supervisors.

    They carry the cluster's folder as an argument of one of our own modules, which also finds
    what was started by an `up` that did not live to write it down.
    """
    found = []
    for pid in all_pids():
        words = arguments_of(pid)
        ours = "localcluster.launch" in words or "localcluster.supervisor" in words
        if ours and str(folder.root) in words and pid != os.getpid():
            identity = identify(pid)
            if identity is not None:
                found.append(identity)
    recorded = state.read_identity(folder.process)
    if recorded is not None and recorded.alive() and recorded not in found:
        found.append(recorded)
    return found


def end_processes(folder: ClusterFolder, cgroup: str) -> None:
    """Kill what holds the cluster, and wait until everything inside it is gone."""
    own = pid_namespace(os.getpid())
    namespaces: set[str] = set()
    for holder in outer_processes(folder):
        for one in (first_child(holder.pid), holder):
            if one is None:
                continue
            inner = pid_namespace(one.pid)
            if inner is not None and inner != own:
                namespaces.add(inner)
            one.kill()

    def gone() -> bool:
        alive = any(members_of(namespace) for namespace in namespaces)
        return not alive and not outer_processes(folder)

    if not wait_until(gone, SECONDS_TO_END):
        left = sorted({pid for namespace in namespaces for pid in members_of(namespace)})
        raise LocalClusterError(
            f"processes of the cluster {folder.name} do not end: {left}",
            mend="look at them with ps; they may wait for a disk",
        )
    # Pods of a cluster whose own first process was already gone: only ours live in this cgroup.
    for pid in cgroups.processes(cgroup):
        os.kill(pid, signal.SIGKILL)


def remove(folder: ClusterFolder, record: state.Record | None, *, keep_logs: bool) -> None:
    """Remove everything of a cluster; with `keep_logs` its logs stay."""
    cgroup = f"/seedcore-{folder.name}"
    end_processes(folder, cgroup)
    if record is not None:
        network.disconnect(record.veth)
    standing = cgroups.remove(cgroup)
    if standing:
        raise LocalClusterError(
            f"cgroups of the cluster {folder.name} do not go: {', '.join(map(str, standing))}",
            mend="see which processes are in them: cat .../cgroup.procs",
        )
    if not folder.root.exists():
        return
    for entry in list(folder.root.iterdir()):
        if not (keep_logs and entry == folder.logs):
            _remove_tree(entry)
    if not keep_logs:
        folder.root.rmdir()


def _remove_tree(path: Path) -> None:
    """Remove a file or a folder; what a dying process still adds is removed too."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    for attempt in range(5):
        shutil.rmtree(path, ignore_errors=attempt < 4)
        if not path.exists():
            return
        time.sleep(0.1)
