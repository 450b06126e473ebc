"""The configuration files of a native cluster's parts, and why each setting is there."""

from __future__ import annotations

import json
from pathlib import Path

from localcluster import certificates, kubeconfigs
from localcluster.addresses import API_PORT, BRIDGE, POD_NETWORK
from localcluster.folders import RUN, ClusterFolder

PAUSE_IMAGE = "localhost/seedcore-pause:1"
CONTAINERD_SOCKET = RUN / "containerd.sock"

CONTAINERD = """\
version = 2
root = "{data}/containerd"
state = "{run}/containerd"
disabled_plugins = ["io.containerd.internal.v1.opt"]

[grpc]
  address = "{socket}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  # Without CAP_SYS_RESOURCE a score may not be lowered.
  restrict_oom_score_adj = true
  disable_apparmor = true
  disable_hugetlb_controller = true
  stream_server_address = "127.0.0.1"

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{cni}"
    conf_dir = "{settings}/cni"
"""

COREFILE = """\
.:53 {{
    bind {bridge}
    errors
    ready 127.0.0.1:8181
    kubernetes cluster.local in-addr.arpa ip6.arpa {{
        kubeconfig {settings}/admin.kubeconfig
        pods insecure
        ttl 5
    }}
}}
"""

RESOLV_CONF = f"nameserver {BRIDGE}\nsearch svc.cluster.local cluster.local\n"
"""For the parts themselves; the operator looks up head services."""

POD_RESOLV_CONF = "# A local cluster's pods know only the names of the cluster.\n"


def network_configuration(data: Path) -> str:
    """Return the CNI configuration of the pods' bridge."""
    ipam = {
        "type": "host-local",
        "ranges": [[{"subnet": POD_NETWORK}]],
        "routes": [{"dst": "0.0.0.0/0"}],
        "dataDir": str(data / "cni"),
    }
    bridge = {
        "type": "bridge",
        "bridge": "cni0",
        "isGateway": True,
        "ipMasq": True,
        "hairpinMode": True,
        "ipam": ipam,
    }
    plugins = [bridge, {"type": "portmap", "capabilities": {"portMappings": True}}]
    return json.dumps({"cniVersion": "0.4.0", "name": "pods", "plugins": plugins}, indent=2)


def kubelet_configuration(folder: ClusterFolder, cgroup: str) -> str:
    """Return the kubelet's configuration; JSON is YAML too."""
    keys = folder.keys
    wanted = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": BRIDGE,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(keys / "ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(keys / "server.crt"),
        "tlsPrivateKeyFile": str(keys / "server.key"),
        "containerRuntimeEndpoint": f"unix://{CONTAINERD_SOCKET}",
        "cgroupDriver": "cgroupfs",
        # Two kubelets with one cgroupRoot destroy each other's pods.
        "cgroupRoot": cgroup,
        "clusterDNS": [BRIDGE],
        "clusterDomain": "cluster.local",
        "resolvConf": str(folder.settings / "pod-resolv.conf"),
        "podLogsDir": str(folder.data / "pod-logs"),
        "volumePluginDir": str(folder.data / "volume-plugins"),
        "enforceNodeAllocatable": [],
        "failSwapOn": False,
        "failCgroupV1": False,
        # The images are only here: they must not be collected when the disk is full.
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "evictionHard": {
            "memory.available": "1%",
            "nodefs.available": "1%",
            "imagefs.available": "1%",
            "nodefs.inodesFree": "1%",
        },
        # Else the kubelet ends when it may not write its own oom_score_adj.
        "featureGates": {"KubeletInUserNamespace": True},
        "makeIPTablesUtilChains": True,
    }
    return json.dumps(wanted, indent=2)


def write_all(folder: ClusterFolder, node: str, cgroup: str, cni: Path) -> None:
    """Write the configuration files and the kubeconfigs that the parts use inside."""
    place = folder.settings
    (place / "cni").mkdir(parents=True, exist_ok=True)
    (place / "cni" / "10-pods.conflist").write_text(network_configuration(folder.data))
    (place / "containerd.toml").write_text(
        CONTAINERD.format(
            data=folder.data,
            run=RUN,
            socket=CONTAINERD_SOCKET,
            pause=PAUSE_IMAGE,
            cni=cni,
            settings=place,
        )
    )
    (place / "Corefile").write_text(COREFILE.format(bridge=BRIDGE, settings=place))
    (place / "kubelet.json").write_text(kubelet_configuration(folder, cgroup))
    (place / "resolv.conf").write_text(RESOLV_CONF)
    (place / "pod-resolv.conf").write_text(POD_RESOLV_CONF)
    for client in certificates.clients(node):
        kubeconfigs.write(
            place / f"{client.file}.kubeconfig",
            context=client.file,
            server=f"https://127.0.0.1:{API_PORT}",
            keys=folder.keys,
            client=client.file,
        )
