"""`diff` on the real cluster: what would change, whom it would restart, and what that costs."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.e2e.conftest import overlay_for
from tests.support.kubeconfigs import service_account
from tests.support.stage import HEAD, Stage
from tests.support.tool import REPOSITORY, Bench, Ended

SCHEMA = json.loads((REPOSITORY / "docs" / "schema" / "plan-v1.json").read_text())
KEY = "RAY_CLIENT_MAX_CONNECTION_TIMEOUT_S"
OBJECTS = "configmaps,services,deployments,replicasets,rayclusters,pods,leases"
CLIENTS = {"api", "serve"}


@dataclass(frozen=True, slots=True)
class Told:
    """What `diff -o json` said, once it is valid against the schema."""

    ended: Ended
    json: Mapping[str, Any]

    @property
    def keys(self) -> dict[str, list[tuple[str, str, str]]]:
        """The keys of ConfigMaps that change, with what they were and would be."""
        return {
            each["name"]: keys
            for each in self.json["objects"]
            if (
                keys := [
                    (field["path"], field["before"], field["after"])
                    for field in each["fields"]
                    if field["key"]
                ]
            )
        }

    @property
    def fates(self) -> dict[str, str]:
        """What becomes of the pods, by role, or of clients by the app."""
        return {
            each["role"] if each["role"] != "client" else each["owner"].rpartition("-")[2]: each[
                "fate"
            ]
            for each in self.json["pods"]
        }

    def why(self, role: str) -> str:
        """Why that becomes of the pod of a role, and the mend."""
        (found,) = (each for each in self.json["pods"] if each["role"] == role)
        return "; ".join((*found["why"], found["mend"]))


def diff(stage: Stage, overlay: Path | None = None, *, bench: Bench | None = None) -> Told:
    """The plan; holding that it changed nothing at all."""
    before = _everything(stage)
    words = ("-k", str(overlay)) if overlay else stage.overlay
    ended = (bench or stage.bench).tool("diff", stage.namespace, *words, "-o", "json")
    assert ended.out, str(ended)
    said = json.loads(ended.out)
    jsonschema.validate(said, SCHEMA)
    assert said["exit_code"] == ended.code, str(ended)
    assert _everything(stage) == before
    return Told(ended, said)


def _everything(stage: Stage) -> dict[str, str]:
    items = stage.get(OBJECTS)["items"]
    return {
        f"{each['kind']}/{each['metadata']['name']}": each["metadata"]["resourceVersion"]
        for each in items
    }


def overlay_with(stage: Stage, folder: Path, configmap: str, **keys: str) -> Path:
    """An overlay on top of the stage's, with these keys besides."""
    words = stage.overlay[1] if stage.overlay else "deploy/kustomize/overlays/dev"
    below = os.path.relpath(REPOSITORY / words, folder)
    literals = "".join(f"      - {name}={raw}\n" for name, raw in keys.items())
    (folder / "kustomization.yaml").write_text(
        f"namespace: {stage.namespace}\nresources:\n  - {below}\n"
        "generatorOptions:\n  disableNameSuffixHash: true\n"
        f"configMapGenerator:\n  - name: {configmap}\n    behavior: merge\n"
        f"    literals:\n{literals}"
    )
    return folder


@pytest.fixture
def work_on_ray(stage: Stage) -> Iterator[None]:
    """A job that runs, and a detached actor that is alive."""
    actor = (
        "import ray; ray.init(address='auto', namespace='team', log_to_driver=False)\n"
        "counter = ray.remote(num_cpus=0)(type('Counter', (), {'ping': lambda self: 1}))\n"
        "made = counter.options(name='counter', lifetime='detached').remote()\n"
        "assert ray.get(made.ping.remote()) == 1"
    )
    jobs = ("ray", "job", "--address", "http://127.0.0.1:8265")
    submit = ("submit", "--no-wait", "--submission-id", "nightly", "--", "sleep", "600")
    head = str(stage.pod(HEAD)["metadata"]["name"])
    stage.in_pod(head, "python3", "-c", actor)
    stage.in_pod(head, jobs[0], jobs[1], submit[0], *jobs[2:], *submit[1:])
    yield
    stage.in_pod(head, jobs[0], jobs[1], "stop", *jobs[2:], "nightly")
    end = "import ray; ray.init(address='auto'); ray.kill(ray.get_actor('counter', 'team'))"
    stage.in_pod(head, "python3", "-c", end)


def test_an_overlay_that_is_applied_changes_nothing(stage: Stage) -> None:
    # Mends that tests run with plain kubectl take the label off that says which overlay it was.
    stage.apply()

    told = diff(stage)

    assert told.ended.code == 0, str(told.ended)
    assert told.json["summary"] == "nothing would change"
    assert {each["change"] for each in told.json["objects"]} == {"unchanged"}
    assert len(told.json["objects"]) == 7
    plain = stage.bench.tool("diff", stage.namespace, *stage.overlay)
    assert plain.code == 0
    assert "PLAN: nothing would change" in plain.out.splitlines()[-1]


def test_a_client_key_restarts_the_clients_and_no_ray_pod(stage: Stage, tmp_path: Path) -> None:
    overlay = overlay_with(stage, tmp_path, "seedcore-client-env", **{KEY: "20"})

    told = diff(stage, overlay)

    assert told.ended.code == 1, str(told.ended)
    assert told.keys == {"seedcore-client-env": [(KEY, "", "20")]}
    assert told.fates == dict.fromkeys(CLIENTS, "restarted")
    assert told.json["ray"] == {"asked": False}


def test_a_shared_key_replaces_an_idle_head_and_says_what_comes_back(
    stage: Stage, tmp_path: Path
) -> None:
    """The sessions of API and Serve, and of every probe before, are no jobs."""
    overlay = overlay_with(stage, tmp_path, "seedcore-env", **{KEY: "20"})

    told = diff(stage, overlay)

    assert told.fates["head"] == "evicted", str(told.ended)
    assert told.fates["worker"] == "with-head"
    assert {name: told.fates[name] for name in CLIENTS} == dict.fromkeys(CLIENTS, "restarted")
    ray = told.json["ray"]
    assert (ray["jobs"], ray["actors"]) == ([], [])
    assert ray["applications"] == [{"name": "seedcore", "status": "RUNNING", "own": True}]


@pytest.mark.usefixtures("work_on_ray")
def test_ray_pods_stay_where_a_job_and_a_detached_actor_would_be_lost(
    stage: Stage, tmp_path: Path
) -> None:
    overlay = overlay_with(stage, tmp_path, "seedcore-env", **{KEY: "20"})

    told = diff(stage, overlay)

    assert told.ended.code == 1, str(told.ended)
    assert told.fates["head"] == told.fates["worker"] == "left"
    assert "nightly" in told.why("head")
    assert "--restart-head" in told.why("head")
    ray = told.json["ray"]
    assert [each["name"] for each in ray["jobs"]] == ["nightly"]
    assert ray["actors"] == [{"name": "counter", "namespace": "team"}]
    dry = stage.bench.tool("apply", stage.namespace, "-k", str(overlay), "--dry-run=server")
    assert dry.code == 0, str(dry)
    assert "job nightly" in dry.out
    assert "PLAN: " in dry.out


def test_with_get_alone_keys_and_templates_are_compared_and_the_rest_is_said(
    stage: Stage, tmp_path: Path
) -> None:
    stage.kubectl("apply", "-f", str(REPOSITORY / "deploy" / "rbac" / "verifier.yaml"))
    kubeconfig = service_account(stage.bench, stage.namespace, "seedcore-verifier", tmp_path)
    verifier = stage.bench.as_user(kubeconfig)
    folder = tmp_path / "overlay"
    folder.mkdir()

    same = diff(stage, bench=verifier)
    told = diff(
        stage, overlay_with(stage, folder, "seedcore-client-env", **{KEY: "20"}), bench=verifier
    )

    assert same.ended.code == 3, str(same.ended)
    assert same.json["summary"] == "nothing would change, as far as could be looked at"
    assert "patch" in same.json["not_compared"][0]
    assert any("service/seedcore-api" in each for each in same.json["not_compared"])
    assert told.ended.code == 1, str(told.ended)
    assert told.keys == {"seedcore-client-env": [(KEY, "", "20")]}
    assert told.fates == dict.fromkeys(CLIENTS, "restarted")


def test_a_namespace_that_is_not_there_would_be_made(bench: Bench, tmp_path: Path) -> None:
    overlay = overlay_for("seedcore-not-there", tmp_path)

    ended = bench.tool("diff", "seedcore-not-there", "-k", str(overlay))

    assert ended.code == 1, str(ended)
    assert "created namespace/seedcore-not-there" in ended.out
    assert len(re.findall(r"^created ", ended.out, re.MULTILINE)) == 8
    assert bench.run("kubectl", "get", "namespace", "seedcore-not-there").code != 0
