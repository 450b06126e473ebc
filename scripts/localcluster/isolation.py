"""What the supervisor does to its new namespaces before any part starts.

Parts write into places that are not configurable (/run, /var/lib/cni, /var/log/containers):
here those places are covered by file systems of the cluster's own, so that nothing lands in
the machine's. The kernel's own settings are not changed either.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from localcluster.addresses import BRIDGE
from localcluster.commands import output_of
from localcluster.folders import RUN

COVERED = (Path("/run"), Path("/var/lib"), Path("/var/log"))

KUBELET_EXPECTS = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}
"""The kubelet sets these for the whole machine, unless it reads that they are so already."""


def prepare(settings: Path, keep: Iterable[Path]) -> None:
    """Cover folders, kernel settings and resolv.conf; then make the pods' bridge."""
    for place in COVERED:
        if place.is_dir():
            _cover(place, [path for path in keep if place in path.parents])
    RUN.mkdir(parents=True)
    _pretend_kernel_settings()
    _use_own_resolv_conf(settings / "resolv.conf")
    _make_bridge()


def _cover(place: Path, keep: list[Path]) -> None:
    """Mount an empty file system over a folder; the paths to keep stay visible in it."""
    opened = {path: os.open(path, os.O_PATH) for path in keep}
    output_of(["mount", "-t", "tmpfs", "-o", "mode=755", "seedcore", place])
    for path, descriptor in opened.items():
        path.mkdir(parents=True, exist_ok=True)
        output_of(["mount", "--bind", f"/proc/{os.getpid()}/fd/{descriptor}", path])
        os.close(descriptor)


def _pretend_kernel_settings() -> None:
    """Let the kubelet read the values it wants, in place of changing the machine's."""
    for setting, value in KUBELET_EXPECTS.items():
        real = Path("/proc/sys") / setting
        shown = RUN / "sys" / setting
        shown.parent.mkdir(parents=True, exist_ok=True)
        shown.write_text(value + "\n")
        if real.exists():
            output_of(["mount", "--bind", shown, real])


def _use_own_resolv_conf(own: Path) -> None:
    """Let the parts ask the cluster's DNS, whatever /etc/resolv.conf points at."""
    target = Path(os.path.realpath("/etc/resolv.conf"))
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    output_of(["mount", "--bind", own, target])


def _make_bridge() -> None:
    """Make the bridge before anything starts: most parts bind to its address."""
    for arguments in (
        ["link", "set", "lo", "up"],
        ["link", "add", "cni0", "type", "bridge"],
        ["address", "add", f"{BRIDGE}/16", "dev", "cni0"],
        ["link", "set", "cni0", "up"],
    ):
        output_of(["ip", *arguments])
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1\n")
    bridged = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")
    if bridged.exists():
        bridged.write_text("1\n")
