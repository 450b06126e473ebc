"""The native provider on this machine: it starts, it says what is wrong, it leaves nothing.

Needs root, for namespaces, links and mounts; scripts/test leaves the file out without.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_IMODE
from typing import Any

import pytest
from localcluster import cgroups, processes, state
from localcluster.folders import ClusterFolder, cluster_folder, state_folder
from localcluster.settings import PAUSE_IMAGE

from tests.support.tool import REPOSITORY

NAME = "lifecycle"
FOLDER: ClusterFolder = cluster_folder(NAME)
LONGEST_S = 240.0


def _cluster(*words: str) -> subprocess.CompletedProcess[str]:
    """Run scripts/cluster; its end of the pipes must not live on in what it starts."""
    verb, *rest = words
    command = [str(REPOSITORY / "scripts" / "cluster"), verb]
    options = ["--provider", "native", "--name", NAME]
    return subprocess.run(
        [*command, *options, *rest], capture_output=True, text=True, timeout=LONGEST_S, check=False
    )


def _succeeds(*words: str) -> str:
    ended = _cluster(*words)
    assert ended.returncode == 0, f"{words}: exit {ended.returncode}\n{ended.stderr}"
    return ended.stdout


def _await(condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
    assert processes.wait_until(condition, seconds), f"not within {seconds:.0f} s: {what}"


def _status() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_cluster("status", "-o", "json").stdout)
    return found


def _kubectl(*words: str) -> None:
    program = _succeeds("kubectl").strip()
    subprocess.run([program, f"--kubeconfig={FOLDER.kubeconfig}", *words], check=True)


@dataclass(frozen=True)
class Machine:
    """What must be the same before `up` and after `down`."""

    mounts: frozenset[str]
    links: frozenset[str]
    rules: frozenset[str]
    cgroups: frozenset[str]


def _cgroup_folders() -> Iterator[str]:
    for tree in cgroups.hierarchies(Path("/proc/self/mounts").read_text()):
        yield from (str(path) for path in tree.glob("seedcore-*"))


def _look() -> Machine:
    rules = subprocess.run(["iptables-save"], capture_output=True, text=True, check=True).stdout
    return Machine(
        mounts=frozenset(Path("/proc/self/mountinfo").read_text().splitlines()),
        links=frozenset(name for _, name in socket.if_nameindex()),
        rules=frozenset(
            line.partition(" [")[0] for line in rules.splitlines() if not line.startswith("#")
        ),
        cgroups=frozenset(_cgroup_folders()),
    )


def _of_other_clusters() -> frozenset[str]:
    """Links and cgroups of clusters that somebody else started in the meantime."""
    found = set(_cgroup_folders_of_others())
    for path in state_folder().iterdir():
        record = state.read_record(ClusterFolder(path.name, path))
        if record is not None and record.name != NAME:
            found.add(record.veth.outside)
    return frozenset(found)


def _cgroup_folders_of_others() -> Iterator[str]:
    yield from (path for path in _cgroup_folders() if not path.endswith(f"/seedcore-{NAME}"))


def _ours() -> set[processes.Identity]:
    """Every process of this cluster that runs now, found without asking the provider.

    All of them descend from the supervisor: it is process 1 to them and inherits orphans.
    """
    stats = [stat for stat in map(processes.read_stat, processes.all_pids()) if stat is not None]
    found = {
        stat.pid: processes.Identity(stat.pid, stat.start_ticks)
        for stat in stats
        if {str(FOLDER.root), "localcluster.supervisor"} <= set(_command_line(stat.pid))
    }
    more = True
    while more:
        more = False
        for stat in stats:
            if stat.parent in found and stat.pid not in found:
                found[stat.pid] = processes.Identity(stat.pid, stat.start_ticks)
                more = True
    return set(found.values())


def _command_line(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
    except OSError:
        return []


def _left(before: Machine, seen: set[processes.Identity]) -> list[str]:
    """List what is there now and was not before, but for what belongs to others."""
    after, others = _look(), _of_other_clusters()
    found = [
        *(after.mounts - before.mounts),
        *(after.links - before.links - others),
        *(after.rules - before.rules),
        *(after.cgroups - before.cgroups - others),
    ]
    found += [f"process {one.pid}" for one in seen if processes.identify(one.pid) == one]
    if FOLDER.root.exists():
        found.append(str(FOLDER.root))
    return found


def _assert_nothing_left(before: Machine, seen: set[processes.Identity]) -> None:
    # Ended processes are reaped by the machine's process 1, a moment later.
    gone = processes.wait_until(lambda: not _left(before, seen), 10, every=0.2)
    assert gone, _left(before, seen)
    assert not _ours()


@pytest.fixture(autouse=True, scope="module")
def _ended() -> Iterator[None]:
    _succeeds("down")
    yield
    _succeeds("down")


def test_down_leaves_nothing() -> None:
    before = _look()
    _succeeds("up")
    _kubectl("run", "one", f"--image={PAUSE_IMAGE}", "--image-pull-policy=Never")
    _kubectl("wait", "--for=condition=Ready", "pod/one", "--timeout=60s")
    seen = _ours()
    assert any("/pause" in _command_line(one.pid) for one in seen), "the pod's own process"
    during = _look()
    assert during.links - before.links
    assert during.cgroups - before.cgroups
    assert during.mounts == before.mounts
    assert during.rules == before.rules

    _succeeds("down")
    _assert_nothing_left(before, seen)


def _part_has_started(name: str) -> bool:
    try:
        stored = json.loads(FOLDER.parts.read_text())
    except (OSError, ValueError):
        return False
    return any(part["name"] == name and part["pid"] for part in stored["parts"])


LAST = "as pods could run"
"""All is there by then that can be left behind."""
MOMENTS: dict[str, Callable[[], bool]] = {
    "before its first process has a child": FOLDER.process.exists,
    "as the API server starts": lambda: _part_has_started("kube-apiserver"),
    LAST: lambda: _part_has_started("kubelet"),
}


def _start_in_background() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [REPOSITORY / "scripts" / "cluster", "up", "--provider", "native", "--name", NAME],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.parametrize(
    "moment",
    [pytest.param(each, marks=() if each == LAST else pytest.mark.long) for each in MOMENTS],
)
def test_down_after_up_was_killed_leaves_nothing(moment: str) -> None:
    before = _look()
    with _start_in_background() as starting:
        try:
            _await(MOMENTS[moment], moment)
        finally:
            starting.kill()
    assert starting.returncode == -signal.SIGKILL
    seen = _ours()

    assert _cluster("status").returncode == 1
    _succeeds("down")
    _assert_nothing_left(before, seen)


def test_up_says_that_its_cluster_was_killed() -> None:
    before = _look()
    with _start_in_background() as starting:
        _await(MOMENTS["as the API server starts"], "the API server's start")
        holder = state.read_identity(FOLDER.process)
        assert holder is not None
        seen = _ours()
        holder.kill()
        assert starting.wait(timeout=60) == 1
    assert not _ours() & seen
    assert (FOLDER.logs / "etcd.log").exists(), "the logs of a failed start stay"
    _succeeds("down")
    _assert_nothing_left(before, seen)


@pytest.fixture(scope="module")
def running() -> dict[str, Any]:
    """A cluster that was started on the ruins of one whose `up` was killed."""
    with _start_in_background() as starting:
        try:
            _await(MOMENTS["as the API server starts"], "the API server's start")
        finally:
            starting.kill()
    holder = state.read_identity(FOLDER.process)
    assert holder is not None
    # Somebody else, who was given the pid of a cluster that ended: this very test.
    state.write_identity(FOLDER.process, processes.Identity(os.getpid(), 1))
    _succeeds("up")
    assert not holder.alive(), "the supervisor of the killed start still runs"
    return _status()


def test_up_starts_anew_after_it_was_killed(running: dict[str, Any]) -> None:
    assert running["healthy"]
    assert running["node"] == f"{NAME}-control-plane"
    assert {"etcd", "kubelet", "coredns", "kuberay-operator"} <= {
        part["name"] for part in running["parts"] if part["answers"]
    }


def test_up_twice_changes_nothing(running: dict[str, Any]) -> None:
    before = {part["name"]: part["pid"] for part in running["parts"]}
    _succeeds("up")
    assert {part["name"]: part["pid"] for part in _status()["parts"]} == before


def test_exec_runs_inside(running: dict[str, Any]) -> None:
    assert "cni0" in _succeeds("exec", "--", "ip", "-brief", "link")
    assert _cluster("exec", "--", "sh", "-c", "exit 7").returncode == 7


def _server_of(kubeconfig: Path) -> str:
    lines = kubeconfig.read_text().splitlines()
    return next(line.split()[1] for line in lines if line.strip().startswith("server:"))


def test_the_api_is_closed_to_strangers(running: dict[str, Any]) -> None:
    kubeconfig = Path(_succeeds("kubeconfig").strip())
    assert S_IMODE(kubeconfig.stat().st_mode) == 0o600
    url = f"{_server_of(kubeconfig)}/api/v1/namespaces"
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(url, timeout=10)
    trusting = ssl.create_default_context(cafile=str(FOLDER.keys / "ca.crt"))
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url, timeout=10, context=trusting)
    with refused.value as answer:
        assert answer.code == 401


def test_service_accounts_have_no_rights_of_their_own(running: dict[str, Any]) -> None:
    kubectl = [_succeeds("kubectl").strip(), f"--kubeconfig={FOLDER.kubeconfig}"]
    token = subprocess.run(
        [*kubectl, "create", "token", "default"], capture_output=True, text=True, check=True
    ).stdout.strip()
    stranger = [kubectl[0], f"--kubeconfig={os.devnull}", f"--token={token}"]
    ended = subprocess.run(
        [
            *stranger,
            f"--server={_server_of(FOLDER.kubeconfig)}",
            f"--certificate-authority={FOLDER.keys / 'ca.crt'}",
            "get",
            "pods",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "system:serviceaccount:default:default" in ended.stderr


def test_status_names_a_part_that_died_and_why(running: dict[str, Any]) -> None:
    scheduler = next(part for part in running["parts"] if part["name"] == "kube-scheduler")
    os.kill(scheduler["pid"], signal.SIGKILL)
    started = time.monotonic()
    _await(lambda: not _status()["healthy"], "the scheduler's end is noticed", 20)
    assert time.monotonic() - started < 20

    ended = _cluster("status")
    assert ended.returncode == 1
    line = next(line for line in ended.stdout.splitlines() if "kube-scheduler" in line)
    assert "dead: killed by SIGKILL" in line
    assert str(FOLDER.logs / "kube-scheduler.log") in ended.stdout
    others = [part for part in _status()["parts"] if part["name"] != "kube-scheduler"]
    assert all(part["answers"] for part in others)


def test_up_mends_a_cluster_with_a_dead_part(running: dict[str, Any]) -> None:
    _succeeds("up")
    assert _status()["healthy"]
