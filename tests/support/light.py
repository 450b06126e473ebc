"""The pattern without a pod: what is sent and guarded shows in seconds where nothing has to start.

The RayCluster is suspended and the clients are scaled to zero, so an apply ends with just these
findings, exit 1, as soon as all is sent.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.apiproxy import ApiProxy
from tests.support.kubeconfigs import proxied, service_account
from tests.support.namespaced import Namespaced
from tests.support.tool import REPOSITORY, Bench, Ended

KINDS = "configmaps,services,deployments.apps,rayclusters.ray.io"
RECORD = "seedcore.dev/applied"
_PATCHES = """
  - target: {kind: Deployment}
    patch: '[{"op": "replace", "path": "/spec/replicas", "value": 0}]'
  - target: {kind: RayCluster}
    patch: '[{"op": "add", "path": "/spec/suspend", "value": true}]'
"""


@dataclass(frozen=True, slots=True)
class Light(Namespaced):
    """A namespace, and a copy of the dev overlay for it that a test may change."""

    tree: Path

    @property
    def overlay(self) -> Path:
        """The overlay's directory."""
        return self.tree / "deploy" / "kustomize" / "overlays" / "dev"

    @property
    def words(self) -> tuple[str, ...]:
        """The words of an apply."""
        return ("apply", self.namespace, "-k", str(self.overlay), "--timeout", "30s")

    def apply(self, *options: str, bench: Bench | None = None) -> Ended:
        """Run an apply to its end."""
        return (bench or self.bench).tool(*self.words, *options)

    def applied(self, *options: str) -> Ended:
        """An apply that has sent everything."""
        ended = self.apply(*options)
        assert is_whole(ended), str(ended)
        return ended

    def set_client(self, **keys: str) -> None:
        """Change literals of the overlay's client settings."""
        self.change(lambda found: _set_literals(found["configMapGenerator"][0], keys))

    def change(self, how: Any) -> None:
        """Change the overlay's kustomization."""
        file = self.overlay / "kustomization.yaml"
        found = yaml.safe_load(file.read_text())
        how(found)
        file.write_text(yaml.safe_dump(found))

    def patch(self, what: str, *operations: dict[str, object]) -> None:
        """A JSON patch on KIND/NAME."""
        self.kubectl("patch", what, "--type=json", "-p", json.dumps(operations))

    def clear(self) -> None:
        """Remove what was applied."""
        self.kubectl("delete", KINDS, "-l", "seedcore.dev/overlay", "--wait=true")

    def state(self) -> dict[str, Any]:
        """What is there of what was sent; without what differs by itself."""
        return {
            f"{each['kind']}/{each['metadata']['name']}": (
                each["metadata"].get("labels"),
                _without_addresses(each.get("spec")),
                each.get("data"),
                json.loads(each["metadata"]["annotations"].get(RECORD, "{}")).get("verdict"),
            )
            for each in self.get(KINDS, "-l", "seedcore.dev/overlay")["items"]
        }

    def lease(self) -> Any:
        """The spec of the Lease."""
        return self.get("lease", "seedcore-deploy")["spec"]

    @contextmanager
    def through_proxy(self, folder: Path) -> Iterator[tuple[Bench, ApiProxy]]:
        """The deployer's bench through a proxy: the tool and its kubectl both go through it."""
        deployer = service_account(self.bench, self.namespace, "seedcore-deployer", folder)
        with proxied(self.bench, deployer, folder) as through:
            yield through


def is_whole(ended: Ended) -> bool:
    """Whether an apply came to its verdict, which can only be that nothing runs."""
    return ended.code == 1 and "WRONG: 3 findings to mend (SC301)" in ended.out.replace("\n", " ")


def light(bench: Bench, namespace: str, folder: Path, *, pods: bool = False) -> Light:
    """A namespace with the deployer's Role, and the overlay for it; nothing is applied yet.

    With `pods` it is the whole pattern after all, as the stage has it.
    """
    tree = folder / "tree"
    shutil.copytree(REPOSITORY / "deploy", tree / "deploy", symlinks=True)
    shutil.copytree(REPOSITORY / "docker", tree / "docker", symlinks=True)
    made = Light(bench, namespace, tree)
    file = made.overlay / "kustomization.yaml"
    file.write_text(
        file.read_text().replace("seedcore-dev", namespace).rstrip() + ("" if pods else _PATCHES)
    )
    bench.run("kubectl", "create", "namespace", namespace)
    roles = bench.kubectl("kustomize", str(REPOSITORY / "deploy" / "rbac"))
    wanted = [each for each in yaml.safe_load_all(roles) if not each["kind"].startswith("Cluster")]
    text = yaml.safe_dump_all(wanted).replace("seedcore-dev", namespace)
    made.kubectl("apply", "-f", "-", stdin=text)
    return made


def _set_literals(generator: dict[str, Any], keys: dict[str, str]) -> None:
    kept = [each for each in generator["literals"] if each.partition("=")[0] not in keys]
    generator["literals"] = [*kept, *(f"{key}={value}" for key, value in keys.items())]


def _without_addresses(spec: dict[str, Any] | None) -> dict[str, Any] | None:
    """A Service that is made anew has another address."""
    if spec is None:
        return None
    return {key: each for key, each in spec.items() if key not in {"clusterIP", "clusterIPs"}}
