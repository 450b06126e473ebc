"""An overlay with a canary in every place where people keep secrets, and the search for them."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from tests.support.tool import REPOSITORY

CORE = "Tweety&5150"
"""In every canary; URL-encoding changes it, and it needs no quotes in YAML."""
SECRET = "vault"
PREFIX = "VAULT_"
DEV = REPOSITORY / "deploy" / "kustomize" / "overlays" / "dev"
_CONTAINER = "/spec/template/spec/containers/0"
_LITTLE_CPU = "10m"
"""The sets of other tests share the node; what these pods do takes next to nothing."""


def canary(place: str) -> str:
    """A secret value that tells where it was put."""
    return f"{CORE}-{place}"


def _in_base64(text: str) -> list[str]:
    """How the text looks inside of base64, at each of the three ways it can be aligned."""
    found = []
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + text.encode()).decode()
        start = -(-before * 8 // 6)
        found.append(encoded[start : len(encoded) - 4])
    return found


_FORMS = {
    CORE,
    CORE.lower(),
    quote(CORE),
    json.dumps(CORE)[1:-1],
    CORE.replace("&", "&amp;"),
    CORE.replace("&", "\\u0026"),
    CORE.partition("&")[2] + "-",
    *_in_base64(CORE),
    CORE.encode().hex(),
}
_ANY = re.compile("|".join(re.escape(form) for form in sorted(_FORMS)), re.IGNORECASE)


def leaks(text: str) -> list[str]:
    """Every canary in the text, with what stands around it."""
    return [text[max(found.start() - 80, 0) : found.end() + 40] for found in _ANY.finditer(text)]


def _of_secret(name: str, key: str) -> dict[str, Any]:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": SECRET, "key": key}}}


API_ENV = [
    *(
        {"name": name, "value": canary(name)}
        for name in (
            "RAY_AUTH_TOKEN",
            "RAY_REDIS_PASSWORD",
            "REDIS_PASSWORD",
            "RAY_RUNTIME_ENV_BEARER_TOKEN",
            "RAY_SANDBOX_API_TOKEN",
            "DATABASE",
        )
    ),
    *(
        {"name": name, "value": json.dumps({"Authorization": f"Bearer {canary(name)}"})}
        for name in ("RAY_JOB_HEADERS", "RAY_PROMETHEUS_HEADERS")
    ),
    {
        "name": "RAY_DASHBOARD_ADDRESS",
        "value": f"http://user:{canary('userinfo')}@seedcore-head-svc:8265",
    },
    {
        "name": "RAY_DASHBOARD_URL",
        "value": f"http://seedcore-head-svc:8265/?token={canary('query')}",
    },
    _of_secret("RAY_SERVE_URL", "plain"),
    _of_secret("SECRET_VARIABLE", "plain"),
    {"name": "RAY_SERVE_ADDRESS", "value": "http://$(SECRET_VARIABLE)@seedcore-head-svc:8000"},
    {"name": "CHAINED", "value": "$(SECRET_VARIABLE)"},
    {"name": "RAY_API_SERVER_ADDRESS", "value": "http://$(CHAINED):8265"},
    _of_secret("RAY_NAMESPACE", "plain"),
]
# A name that the contract knows, and others of the list of what may be shown, from a Secret.
_SECRET_DATA = {
    "plain": canary("secret"),
    "RAY_NAMESPACE": canary("envfrom"),
    "RAY_SERVE_URL": f"http://{canary('envfrom')}:8000",
    "RAY_CLUSTER_NAME": canary("envfrom"),
    "RAY_OF_SECRET": canary("envfrom"),
}
_ANNOTATIONS = {"example.com/token": canary("annotation")}
# A worker never is a driver, and the head that it joins asks for no Redis password.
_WORKER_ENV = [
    {"name": "RAY_RUNTIME_ENV", "value": json.dumps({"env_vars": {"A": canary("runtime-env")}})},
    {"name": "RAY_REDIS_PASSWORD", "value": canary("worker")},
]


def overlay(namespace: str, folder: Path, *more: Mapping[str, Any]) -> Path:
    """The dev overlay for the namespace, with canaries; `more` are further patches."""
    kustomization = yaml.safe_load((DEV / "kustomization.yaml").read_text())
    manifests = os.path.relpath(DEV.parents[1], folder)
    kustomization["namespace"] = namespace
    kustomization["resources"] = [f"{manifests}/base", "secret.yaml"]
    kustomization["transformers"] = [f"{manifests}/ray-settings"]
    (generated,) = kustomization["configMapGenerator"]
    generated["literals"] = [
        *generated["literals"],
        f"SEEDCORE_DATABASE={canary('configmap')}",
        f"RAY_LOG_TOKEN={canary('configmap')}",
    ]
    kustomization["patches"] += [*_patches(), *more]
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": SECRET},
        "stringData": _SECRET_DATA,
    }
    (folder / "secret.yaml").write_text(yaml.safe_dump(secret))
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    return folder


def leading_away() -> list[dict[str, Any]]:
    """Patches after which a Secret names the host of the API's Serve, and of Serve's Ray."""
    names = [each["name"] for each in API_ENV]
    own = f"{_CONTAINER}/env/{names.index('RAY_SERVE_ADDRESS')}"
    serving = {"name": "RAY_SERVE_ADDRESS", "value": "http://$(SECRET_VARIABLE):8000"}
    ray = {"name": "RAY_ADDRESS", "value": f"ray://$({PREFIX}plain):10001"}
    return [
        patch("Deployment", "seedcore-api", [{"op": "replace", "path": own, "value": serving}]),
        patch(
            "Deployment",
            "seedcore-serve",
            [{"op": "add", "path": f"{_CONTAINER}/env/-", "value": ray}],
        ),
    ]


def patch(kind: str, name: str, operations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A JSON patch as kustomize wants it."""
    return {"target": {"kind": kind, "name": name}, "patch": yaml.safe_dump(list(operations))}


def _asking_little(container: str) -> dict[str, Any]:
    path = f"{container}/resources/requests/cpu"
    return {"op": "replace", "path": path, "value": _LITTLE_CPU}


def _patches() -> list[dict[str, Any]]:
    head, worker = "/spec/headGroupSpec", "/spec/workerGroupSpecs/0"
    header = ["--header", f"X-Api-Token:{canary('argument')}"]
    return [
        patch(
            "Deployment",
            "seedcore-api",
            [
                {"op": "add", "path": "/metadata/annotations", "value": _ANNOTATIONS},
                {"op": "add", "path": "/spec/template/metadata/annotations", "value": _ANNOTATIONS},
                {"op": "add", "path": f"{_CONTAINER}/env", "value": API_ENV},
                *({"op": "add", "path": f"{_CONTAINER}/command/-", "value": w} for w in header),
                _asking_little(_CONTAINER),
            ],
        ),
        patch(
            "Deployment",
            "seedcore-serve",
            [
                {
                    "op": "add",
                    "path": f"{_CONTAINER}/envFrom/-",
                    "value": {"secretRef": {"name": SECRET}},
                },
                {
                    "op": "add",
                    "path": f"{_CONTAINER}/envFrom/-",
                    "value": {"prefix": PREFIX, "secretRef": {"name": SECRET}},
                },
                {"op": "add", "path": f"{_CONTAINER}/env", "value": []},
                _asking_little(_CONTAINER),
            ],
        ),
        patch(
            "RayCluster",
            "seedcore",
            [
                {"op": "add", "path": "/metadata/annotations", "value": _ANNOTATIONS},
                {
                    "op": "add",
                    "path": f"{worker}/rayStartParams/redis-password",
                    # Quoted: KubeRay's start command is a shell's.
                    "value": f"'{canary('start-parameter')}'",
                },
                {
                    "op": "add",
                    "path": f"{worker}/template/spec/containers/0/env",
                    "value": _WORKER_ENV,
                },
                *(
                    _asking_little(f"{g}/template{_CONTAINER.removeprefix('/spec/template')}")
                    for g in (head, worker)
                ),
            ],
        ),
    ]
