"""TLS between Ray's processes, and clients that were not told of it."""

from __future__ import annotations

import contextlib
import ipaddress
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import trustme

from tests.support.stage import CONTAINER, HEAD, HEAD_TEMPLATE, WORKER_TEMPLATE, Stage

from .declaration import WAITED, Cost, Expected, Family, Fault
from .ray_pods import without_overlay
from .variants import API, CLIENTS, RAY, SERVE, Operation, add, applied, folder_on_top

SERVICE = "seedcore-head-svc"
SECRET, FOLDER = "seedcore-tls", "/etc/seedcore-tls"
ENTRIES = (
    {"name": "RAY_USE_TLS", "value": "1"},
    {"name": "RAY_TLS_SERVER_CERT", "value": f"{FOLDER}/tls.crt"},
    {"name": "RAY_TLS_SERVER_KEY", "value": f"{FOLDER}/tls.key"},
    {"name": "RAY_TLS_CA_CERT", "value": f"{FOLDER}/ca.crt"},
)
NEXT = 400
"""So many addresses are enough for the pods of a fault, whatever else the node starts."""
VOLUME = {"name": "tls", "secret": {"secretName": SECRET}}
MOUNT = {"name": "tls", "mountPath": FOLDER, "readOnly": True}


def _ray_pods() -> Sequence[Operation]:
    """The head has variables of its own, the worker none; neither has a volume."""
    head, worker = (f"{each}/spec" for each in (HEAD_TEMPLATE, WORKER_TEMPLATE))
    return [
        *(add(f"{head}/containers/0/env/-", entry) for entry in ENTRIES),
        add(f"{worker}/containers/0/env", ENTRIES),
        *(add(f"{each}/volumes", [VOLUME]) for each in (head, worker)),
        *(add(f"{each}/containers/0/volumeMounts", [MOUNT]) for each in (head, worker)),
    ]


def _client() -> Sequence[Operation]:
    return [
        add(f"{CONTAINER}/env", ENTRIES),
        add("/spec/template/spec/volumes/-", VOLUME),
        add(f"{CONTAINER}/volumeMounts/-", MOUNT),
    ]


FOR_CLIENTS = {API: _client(), SERVE: _client()}
FOR_RAY_PODS = {RAY: _ray_pods()}


@contextlib.contextmanager
def _certificates(stage: Stage) -> Iterator[None]:
    """One certificate for whatever listens: for the Service's names, and the next pods' addresses.

    Ray's processes ask for one another by address, and the node gives addresses in their order.
    """
    present = ipaddress.ip_address(stage.pod(HEAD)["status"]["podIP"])
    pods = (present + count for count in range(NEXT))
    host = f"{SERVICE}.{stage.namespace}"
    names = ("localhost", SERVICE, host, f"{host}.svc", f"{host}.svc.cluster.local")
    ca = trustme.CA()
    issued = ca.issue_cert(*names, "127.0.0.1", *map(str, pods))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ca.cert_pem.write_to_path(folder / "ca.crt")
        issued.private_key_pem.write_to_path(folder / "tls.key")
        for part in issued.cert_chain_pems:
            part.write_to_path(folder / "tls.crt", append=True)
        stage.kubectl("create", "secret", "generic", SECRET, f"--from-file={folder}")
    yield
    stage.delete("secret", SECRET)


@contextlib.contextmanager
def _everywhere(stage: Stage) -> Iterator[Stage]:
    patches = {**FOR_RAY_PODS, **FOR_CLIENTS}
    with _certificates(stage), applied(stage, patches, ray=True) as changed:
        yield changed


@contextlib.contextmanager
def _without_the_clients(stage: Stage) -> Iterator[Stage]:
    """Judged as by somebody without the repository, whose overlay is not what is mended."""
    with (
        _certificates(stage),
        _ray_pods_alone(stage) as changed,
        without_overlay(changed) as seen,
    ):
        yield seen


@contextlib.contextmanager
def _ray_pods_alone(stage: Stage) -> Iterator[Stage]:
    """The clients are made anew and do not come up, so no rollout is awaited before the mend."""
    with folder_on_top(stage, FOR_RAY_PODS) as folder:
        stage.kubectl("apply", "-k", str(folder))
        stage.renew_ray_pods()
        stage.renew(*CLIENTS)
        yield Stage(stage.bench, stage.namespace, ("-k", str(folder)), folder)
        stage.kubectl("apply", "-k", str(stage.folder))
        stage.renew_ray_pods()
        stage.rolled_out(*CLIENTS)


def _tell_the_clients(seen: Stage) -> None:
    """By hand: which files a client has, and where, its own template says."""
    with folder_on_top(seen, FOR_CLIENTS) as folder:
        seen.kubectl("apply", "-k", str(folder))
    seen.rolled_out(*CLIENTS)


FAULTS = (
    Fault(
        "Ray speaks TLS, and the clients were not told",
        Family.CREDENTIAL,
        _without_the_clients,
        (Expected("SC401", f"service/{SERVICE} ray://{SERVICE}:10001", "speaks TLS"),),
        cost=Cost.RAY,
        by_hand=_tell_the_clients,
        options=WAITED,
    ),
    Fault(
        "Ray and its clients speak TLS",
        Family.HEALTHY,
        _everywhere,
        cost=Cost.RAY,
        options=WAITED,
    ),
)
