"""What the native provider needs from the machine, and how to get it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from localcluster.commands import output_of, succeeds
from localcluster.errors import CommandFailed, MissingPrerequisite
from localcluster.progress import say, step

CNI_FOLDERS = (Path("/usr/lib/cni"), Path("/opt/cni/bin"), Path("/usr/libexec/cni"))
"""Where distributions put the CNI plugins."""


@dataclass(frozen=True, slots=True)
class Needed:
    """A program, or a file by its whole path, and the Debian package that brings it."""

    program: str
    package: str

    def here(self) -> bool:
        """Tell whether the program is on PATH, or the file there."""
        if self.program.startswith("/"):
            return Path(self.program).exists()
        return shutil.which(self.program) is not None


FOR_CLUSTER = (
    Needed("unshare", "util-linux"),
    Needed("nsenter", "util-linux"),
    Needed("mount", "mount"),
    Needed("ip", "iproute2"),
    Needed("openssl", "openssl"),
    Needed("iptables", "iptables"),
    Needed("conntrack", "conntrack"),
    Needed("containerd", "containerd"),
    Needed("ctr", "containerd"),
    Needed("runc", "runc"),
)

FOR_IMAGES = (
    Needed("debootstrap", "debootstrap"),
    Needed("buildah", "buildah"),
    # Without it debootstrap cannot verify what it fetches.
    Needed("/usr/share/keyrings/debian-archive-keyring.gpg", "debian-archive-keyring"),
)

FOR_DOWNLOADS = (Needed("update-ca-certificates", "ca-certificates"),)

CERTIFICATE_BUNDLES = (
    Path("/etc/ssl/certs/ca-certificates.crt"),
    Path("/etc/pki/tls/certs/ca-bundle.crt"),
    Path("/etc/ssl/ca-bundle.pem"),
    Path("/etc/ssl/cert.pem"),
)
"""Where systems keep the certificates; Go and pip look there."""

SYSTEMD = Path("/run/systemd/system")
"""There while systemd runs the machine."""

CNI_PACKAGE = "containernetworking-plugins"


def is_root() -> bool:
    """Tell whether this process may make namespaces, links and mounts."""
    return os.geteuid() == 0


def cni_plugins() -> Path | None:
    """Return the folder with the CNI plugins that a pod network needs."""
    return next((place for place in CNI_FOLDERS if (place / "bridge").exists()), None)


def missing_packages(needed: Iterable[Needed], *, cni: bool) -> list[str]:
    """List the Debian packages of the programs that are not on PATH."""
    absent = {entry.package for entry in needed if not entry.here()}
    if cni and cni_plugins() is None:
        absent.add(CNI_PACKAGE)
    return sorted(absent)


def ensure(needed: Iterable[Needed], *, cni: bool = False) -> None:
    """Install what is missing with apt-get when root; else name it in one error."""
    packages = missing_packages(needed, cni=cni)
    if not packages:
        return
    install = f"apt-get install --no-install-recommends {' '.join(packages)}"
    if not is_root() or shutil.which("apt-get") is None:
        raise MissingPrerequisite(f"missing: {', '.join(packages)}", mend=f"as root: {install}")
    # RUNLEVEL=1 keeps a package's own service from being started, but not by systemd.
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    had_containerd = shutil.which("containerd") is not None
    with step(f"installing {', '.join(packages)}"):
        arguments = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
        try:
            output_of(arguments, env=env)
        except CommandFailed:
            output_of(["apt-get", "update"], env=env)
            output_of(arguments, env=env, mend=f"as root: {install}")
    if service_to_end(packages, had_containerd=had_containerd, systemd=SYSTEMD.exists()):
        end_service = ["systemctl", "disable", "--now", "containerd"]
        if not succeeds(end_service, timeout=60):
            say(f"the package's own service may still run; to end it: {' '.join(end_service)}")


def service_to_end(installed: Iterable[str], *, had_containerd: bool, systemd: bool) -> bool:
    """Tell whether an install has started a containerd.service that nobody had before.

    The cluster has a containerd of its own; on a machine that had one, it is somebody's.
    """
    return systemd and not had_containerd and "containerd" in installed


def ensure_certificates() -> None:
    """See to the certificates that downloads are verified with."""
    bundles = [*CERTIFICATE_BUNDLES]
    if named := os.environ.get("SSL_CERT_FILE"):
        bundles.append(Path(named))
    if not any(bundle.exists() for bundle in bundles):
        ensure(FOR_DOWNLOADS)


def ensure_root() -> None:
    """Raise unless this process is root, which namespaces and mounts need."""
    if not is_root():
        raise MissingPrerequisite(
            "the native provider needs root",
            mend="run it with sudo, or install Docker and kind and use --provider kind",
        )


def ensure_kernel() -> None:
    """Load the kernel modules that pods need, where they are not built in."""
    if not Path("/proc/sys/net/bridge").exists():
        succeeds(["modprobe", "br_netfilter"])
    if "\toverlay\n" not in Path("/proc/filesystems").read_text():
        succeeds(["modprobe", "overlay"])
    if "\toverlay\n" not in Path("/proc/filesystems").read_text():
        raise MissingPrerequisite(
            "this kernel has no overlay file system", mend="modprobe overlay, as root"
        )
