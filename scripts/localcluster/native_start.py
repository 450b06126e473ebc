"""Starting a native cluster, from an empty folder to a node that is ready."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from localcluster import (
    binaries,
    certificates,
    cgroups,
    kubeconfigs,
    leftovers,
    network,
    oci_archive,
    parts,
    prerequisites,
    settings,
    state,
)
from localcluster.addresses import API_PORT
from localcluster.api import Api
from localcluster.commands import last_lines
from localcluster.errors import StartFailed
from localcluster.folders import PACKAGE, ClusterFolder, state_folder
from localcluster.locks import held
from localcluster.processes import Identity, first_child, wait_until

SECONDS_TO_START = 180.0
"""A node is ready in 10 s; a busy machine may take far longer."""

MINIMAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def api_of(folder: ClusterFolder, record: state.Record) -> Api:
    """Return the API server as it is reached from the machine."""
    return Api(f"https://{record.veth.inside_address}:{API_PORT}", folder.keys)


def first_process(folder: ClusterFolder) -> Identity | None:
    """Return process 1 of a running cluster, as the machine sees it."""
    holder = state.read_identity(folder.process)
    if holder is None or not holder.alive():
        return None
    return first_child(holder.pid)


def module_environment(folder: ClusterFolder) -> dict[str, str]:
    """Return the whole environment of our own processes inside: none of the caller's."""
    return {
        "PATH": MINIMAL_PATH,
        "PYTHONPATH": str(PACKAGE.parent),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
        "HOME": str(folder.data),
    }


def start(folder: ClusterFolder, programs: Path, lock: int) -> state.Record:
    """Start a cluster; the caller holds the lock and has removed what was there before."""
    record = _claim_index(folder, programs)
    if cgroups.processes(record.cgroup):
        raise StartFailed(
            f"the cgroup {record.cgroup} is in use by somebody else's cluster",
            mend="take another name: scripts/cluster up --name NAME",
        )
    for place in (folder.logs, folder.data):
        place.mkdir(mode=0o700, exist_ok=True)
    for log in folder.logs.iterdir():
        log.unlink()
    _write_settings(folder, record)
    pause = folder.data / "pause.tar"
    oci_archive.write_program_image(programs / "pause", settings.PAUSE_IMAGE, pause)
    cgroups.create(record.cgroup)
    _launch(folder, record, pause, lock)
    child: list[Identity] = []

    def has_child() -> bool:
        found = first_process(folder)
        if found is not None:
            child.append(found)
        return found is not None

    if not wait_until(has_child, 20):
        raise StartFailed(f"the cluster's first process did not start:\n{_supervisor_log(folder)}")
    network.connect(record.veth, child[0].pid)
    _wait_until_up(folder, record, child[0])
    return record


def _claim_index(folder: ClusterFolder, programs: Path) -> state.Record:
    """Choose an index that no other cluster has, and write it down."""
    folder.root.mkdir(parents=True, mode=0o700, exist_ok=True)
    with held(state_folder() / ".index.lock"):
        others = [
            found.index
            for found in map(
                state.read_record,
                (ClusterFolder(path.name, path) for path in state_folder().iterdir()),
            )
            if found is not None and found.name != folder.name
        ]
        index = network.free_index(others, network.machine_links(), network.machine_networks())
        record = state.Record(folder.name, index, str(programs))
        state.write_record(folder, record)
    return record


def _write_settings(folder: ClusterFolder, record: state.Record) -> None:
    """Write keys, settings and the kubeconfig for people."""
    cni = prerequisites.cni_plugins()
    if cni is None:
        raise StartFailed("no CNI plugins", mend="apt-get install containernetworking-plugins")
    certificates.make(folder.keys, record.node, record.veth.inside_address)
    settings.write_all(folder, record.node, record.cgroup, cni)
    kubeconfigs.write(
        folder.kubeconfig,
        context=record.context,
        server=f"https://{record.veth.inside_address}:{API_PORT}",
        keys=folder.keys,
        client="admin",
    )


def _launch(folder: ClusterFolder, record: state.Record, pause: Path, lock: int) -> None:
    """Start the supervisor in namespaces of its own, detached from the caller."""
    python = [sys.executable, "-m"]
    argv = [
        *python,
        "localcluster.launch",
        str(folder.process),
        str(lock),
        "unshare",
        "--net",
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
        *python,
        "localcluster.supervisor",
        record.name,
        str(folder.root),
        record.programs,
        record.node,
        str(pause),
    ]
    with (folder.logs / "supervisor.log").open("wb") as log:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=module_environment(folder),
            start_new_session=True,
            pass_fds=(lock,),
        )
    process.returncode = 0  # it outlives us: nobody here waits for it


def _wait_until_up(folder: ClusterFolder, record: state.Record, child: Identity) -> None:
    """Wait until all parts answer, the node is ready and pods can be made."""
    api = api_of(folder, record)
    end = time.monotonic() + SECONDS_TO_START
    waiting = "the parts"
    while True:
        seen = parts.read(folder.parts)
        if seen.dead or seen.phase == "failed" or not child.alive():
            raise StartFailed(_why_dead(folder, seen))
        if seen.phase == "up":
            waiting = api.node_problem(record.node) or ""
            if not waiting and api.has_default_service_account():
                return
        if time.monotonic() >= end:
            silent = [part.name for part in seen.parts if part.answered_after is None]
            raise StartFailed(
                f"not up after {SECONDS_TO_START:.0f} s: "
                + (f"no answer from {', '.join(silent)}" if silent else f"the node: {waiting}"),
                where=str(folder.logs),
                mend="read the logs there, then run it again",
            )
        time.sleep(0.1)


def _supervisor_log(folder: ClusterFolder) -> str:
    """Return the last lines of the supervisor's own log."""
    return log_lines(folder.logs / "supervisor.log")


def log_lines(path: Path, count: int = 8) -> str:
    """Return the last lines of a log, of its last 16 KiB."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, path.stat().st_size - 16384))
            return last_lines(log.read().decode(errors="replace"), count)
    except OSError:
        return ""


def _why_dead(folder: ClusterFolder, seen: parts.Parts) -> str:
    """Say which part ended the start-up, and its last words."""
    if not seen.dead:
        return f"the cluster's first process ended: {seen.problem}\n{_supervisor_log(folder)}"
    lines = []
    for part in seen.dead:
        words = parts.exit_words(part.exit_code or 0)
        lines.append(f"{part.name} ended with {words}; its last words ({part.log}):")
        lines.append(log_lines(Path(part.log)))
    return "\n".join(lines)


def binaries_and_prerequisites() -> Path:
    """See to everything that a start needs from the machine; return the binaries' folder."""
    prerequisites.ensure_root()
    prerequisites.ensure_certificates()
    prerequisites.ensure(prerequisites.FOR_CLUSTER, cni=True)
    prerequisites.ensure_kernel()
    return binaries.folder()


def clear(folder: ClusterFolder) -> None:
    """Remove what an earlier run has left, but not the logs of how it ended."""
    leftovers.remove(folder, state.read_record(folder), keep_logs=True)
