"""The parts of a native cluster: one row each, in the order in which they can start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from localcluster.addresses import API_PORT, BRIDGE, POD_NETWORK, SERVICE_NETWORK
from localcluster.answers import Answer, Command, Ends, Http
from localcluster.binaries import CRDS
from localcluster.folders import ClusterFolder
from localcluster.settings import CONTAINERD_SOCKET

KINDS = "rayclusters,rayservices,rayjobs,raycronjobs --all-namespaces"
"""What KubeRay's definitions define: served a moment after they are applied."""


@dataclass(frozen=True, slots=True)
class Component:
    """A part: its name, its command, how it answers, and which parts must answer first."""

    name: str
    argv: tuple[str, ...]
    answer: Answer
    after: tuple[str, ...] = ()

    @property
    def once(self) -> bool:
        """Whether the part is a step that ends, and not a service that stays."""
        return isinstance(self.answer, Ends)


def components(
    folder: ClusterFolder, programs: Path, node: str, pause_archive: Path
) -> tuple[Component, ...]:
    """Return the table of parts for one cluster."""
    keys, settings = folder.keys, folder.settings
    kubectl = f"{programs}/kubectl --kubeconfig={settings}/admin.kubeconfig"
    apply = f"{kubectl} apply --server-side --validate=false -f {programs}"

    def config(client: str) -> str:
        return f"--kubeconfig={settings}/{client}.kubeconfig"

    def key_pair(option: str, file: str) -> tuple[str, str]:
        certificate, key = option.split(" ")
        return f"--{certificate}={keys}/{file}.crt", f"--{key}={keys}/{file}.key"

    def secure(port: int, path: str, client: bool = False) -> Http:
        return Http(
            f"https://127.0.0.1:{port}/{path}", keys / "ca.crt", keys / "admin" if client else None
        )

    serving = key_pair("tls-cert-file tls-private-key-file", "server")
    containerctl = ("ctr", "--address", str(CONTAINERD_SOCKET))
    api = ("kube-apiserver",)
    return (
        Component(
            "etcd",
            (f"{programs}/etcd", f"--data-dir={folder.data}/etcd", "--unsafe-no-fsync"),
            Http("http://127.0.0.1:2379/health"),
        ),
        Component(
            "containerd",
            ("containerd", f"--config={settings}/containerd.toml"),
            Command((*containerctl, "version")),
        ),
        Component(
            "pause-image",
            (*containerctl, "--namespace=k8s.io", "images", "import", str(pause_archive)),
            Ends(),
            after=("containerd",),
        ),
        Component(
            "kube-apiserver",
            (
                f"{programs}/kube-apiserver",
                "--etcd-servers=http://127.0.0.1:2379",
                "--bind-address=0.0.0.0",
                f"--secure-port={API_PORT}",
                f"--advertise-address={BRIDGE}",
                *serving,
                f"--client-ca-file={keys}/ca.crt",
                "--anonymous-auth=false",
                "--authorization-mode=Node,RBAC",
                "--enable-admission-plugins=NodeRestriction",
                f"--service-cluster-ip-range={SERVICE_NETWORK}",
                "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
                f"--service-account-key-file={keys}/service-accounts.key",
                f"--service-account-signing-key-file={keys}/service-accounts.key",
                # Else exec fails on looking up the node's name.
                "--kubelet-preferred-address-types=InternalIP",
                f"--kubelet-certificate-authority={keys}/ca.crt",
                *key_pair("kubelet-client-certificate kubelet-client-key", "kube-apiserver"),
                "--allow-privileged=true",
                "--profiling=false",
            ),
            secure(API_PORT, "readyz", client=True),
            after=("etcd",),
        ),
        Component(
            "kube-controller-manager",
            (
                f"{programs}/kube-controller-manager",
                config("kube-controller-manager"),
                "--bind-address=127.0.0.1",
                *serving,
                "--leader-elect=false",
                "--use-service-account-credentials=true",
                f"--service-account-private-key-file={keys}/service-accounts.key",
                f"--root-ca-file={keys}/ca.crt",
                *key_pair("cluster-signing-cert-file cluster-signing-key-file", "ca"),
                f"--cluster-cidr={POD_NETWORK}",
                "--profiling=false",
            ),
            secure(10257, "healthz"),
            after=api,
        ),
        Component(
            "kube-scheduler",
            (
                f"{programs}/kube-scheduler",
                config("kube-scheduler"),
                "--bind-address=127.0.0.1",
                *serving,
                "--leader-elect=false",
                "--profiling=false",
            ),
            secure(10259, "healthz"),
            after=api,
        ),
        Component(
            "kubelet",
            (
                f"{programs}/kubelet",
                config("kubelet"),
                f"--config={settings}/kubelet.json",
                f"--root-dir={folder.data}/kubelet",
                f"--hostname-override={node}",
                f"--node-ip={BRIDGE}",
            ),
            Http("http://127.0.0.1:10248/healthz"),
            after=("containerd", "pause-image", "kube-apiserver"),
        ),
        Component(
            "kube-proxy",
            (
                f"{programs}/kube-proxy",
                config("kube-proxy"),
                "--proxy-mode=iptables",
                f"--cluster-cidr={POD_NETWORK}",
                f"--hostname-override={node}",
                "--healthz-bind-address=127.0.0.1:10256",
                "--metrics-bind-address=127.0.0.1:10249",
                # The table's size belongs to the machine, not to a network namespace.
                "--conntrack-max-per-core=0",
            ),
            Http("http://127.0.0.1:10256/healthz"),
            after=api,
        ),
        Component(
            "coredns",
            (f"{programs}/coredns", f"-conf={settings}/Corefile"),
            Http("http://127.0.0.1:8181/ready"),
            after=api,
        ),
        Component(
            "kuberay-crds",
            (
                "/bin/sh",
                "-ec",
                f"{apply}/{CRDS}/bases; until {kubectl} get {KINDS}; do sleep 0.1; done",
            ),
            Ends(),
            after=api,
        ),
        Component(
            "kuberay-operator",
            (
                f"{programs}/kuberay-operator",
                config("admin"),
                "-enable-leader-election=false",
                "-metrics-addr=127.0.0.1:8080",
                "-health-probe-bind-address=127.0.0.1:8082",
            ),
            Http("http://127.0.0.1:8082/readyz"),
            after=("kuberay-crds", "coredns"),
        ),
    )
