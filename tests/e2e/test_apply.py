"""The main job: apply from nothing, apply again, and the roles that it needs."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import NAMESPACE
from tests.support.kubeconfigs import service_account
from tests.support.tool import REPOSITORY, Bench


def _running(bench: Bench) -> dict[str, tuple[Any, ...]]:
    pods = bench.get("-n", NAMESPACE, "pods")["items"]
    return {
        pod["metadata"]["uid"]: (
            pod["metadata"]["name"],
            pod["metadata"].get("deletionTimestamp"),
            *(
                (each["containerID"], each["restartCount"])
                for each in pod["status"]["containerStatuses"]
            ),
        )
        for pod in pods
    }


def test_apply_from_nothing_proves_every_pod(deployed: Bench) -> None:
    report = deployed.report("verify", NAMESPACE)

    assert report.code == 0, str(report)
    assert report.json["outcome"] == "proven"
    assert {pod["role"] for pod in report.json["pods"]} == {"head", "worker", "client"}
    assert report.json["session"].startswith("session_")
    assert report.json["findings"] == []


def test_apply_without_a_change_restarts_nothing(deployed: Bench) -> None:
    before = _running(deployed)

    report = deployed.report("apply", NAMESPACE)

    assert report.code == 0, str(report)
    assert _running(deployed) == before


def test_application_runs_a_ray_task_and_serve_answers(deployed: Bench) -> None:
    task = (
        "import json, urllib.request as u;"
        "print(json.load(u.urlopen(u.Request('http://seedcore-api:8080/tasks/sum',"
        " data=json.dumps({'numbers': [1, 2, 39]}).encode(),"
        " headers={'Content-Type': 'application/json'}), timeout=60)))"
    )
    serve = (
        "import os, urllib.request as u; print(u.urlopen(os.environ['RAY_SERVE_ADDRESS']).status)"
    )

    in_api = ("-n", NAMESPACE, "exec", "deploy/seedcore-api", "--", "python", "-c")
    assert "42" in deployed.kubectl(*in_api, task)
    assert deployed.kubectl(*in_api, serve).strip() == "200"


def test_wait_that_times_out_says_what_is_not_ready_and_why(
    deployed: Bench, tmp_path: Path
) -> None:
    shutil.copytree(REPOSITORY / "deploy" / "kustomize", tmp_path / "kustomize")
    overlay = tmp_path / "kustomize" / "overlays" / "dev"
    image = "\nimages:\n  - name: localhost/seedcore-client\n    newTag: not-there\n"
    with (overlay / "kustomization.yaml").open("a") as kustomization:
        kustomization.write(image)

    ended = deployed.tool("apply", NAMESPACE, "-k", str(overlay), "--timeout", "20s")

    assert ended.code == 4, str(ended)
    assert "seedcore-api" in ended.err
    assert "localhost/seedcore-client:not-there" in ended.err
    again = deployed.report("apply", NAMESPACE)
    assert again.code == 0, str(again)


@pytest.fixture(scope="module")
def roles(deployed: Bench) -> Bench:
    deployed.kubectl("apply", "-k", str(REPOSITORY / "deploy" / "rbac"))
    return deployed


def test_verifier_role_is_enough_to_verify(roles: Bench, tmp_path: Path) -> None:
    verifier = roles.as_user(service_account(roles, NAMESPACE, "seedcore-verifier", tmp_path))

    report = verifier.report("verify", NAMESPACE)

    assert report.code == 0, str(report)


def test_deployer_role_is_enough_to_apply(roles: Bench, tmp_path: Path) -> None:
    deployer = roles.as_user(service_account(roles, NAMESPACE, "seedcore-deployer", tmp_path))

    report = deployer.report("apply", NAMESPACE)

    assert report.code == 0, str(report)


def test_verifier_role_cannot_apply_and_nothing_is_sent(roles: Bench, tmp_path: Path) -> None:
    verifier = roles.as_user(service_account(roles, NAMESPACE, "seedcore-verifier", tmp_path))
    before = roles.get("-n", NAMESPACE, "configmaps,deployments,rayclusters")["items"]

    ended = verifier.tool("apply", NAMESPACE)

    assert ended.code == 3, str(ended)
    assert "deploy/rbac" in ended.err
    after = roles.get("-n", NAMESPACE, "configmaps,deployments,rayclusters")["items"]
    assert [
        each["metadata"]["generation"] for each in after if "generation" in each["metadata"]
    ] == [each["metadata"]["generation"] for each in before if "generation" in each["metadata"]]


def test_stored_snapshot_gives_the_same_verdict_offline(deployed: Bench, tmp_path: Path) -> None:
    stored = tmp_path / "seen.json"
    live = deployed.report("verify", NAMESPACE, "--save-snapshot", str(stored))

    nowhere = deployed.as_user(tmp_path / "no-such-kubeconfig")
    replayed = nowhere.report("verify", "--from", str(stored))

    assert live.code == 0, str(live)
    assert json.dumps(replayed.json, sort_keys=True) == json.dumps(live.json, sort_keys=True)
