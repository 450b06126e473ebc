"""What cannot be looked at is exit 3, never a pass and never a finding."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import NAMESPACE
from tests.support.apiproxy import Request
from tests.support.kubeconfigs import ApiServer, proxied, service_account, write_kubeconfig
from tests.support.kubeconfigs import api_server as server_of
from tests.support.tool import REPOSITORY, Bench

READ = ["get", "list", "watch"]
READER = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "Role",
    "metadata": {"name": "seedcore-reader", "namespace": NAMESPACE},
    "rules": [
        {
            "apiGroups": [""],
            "resources": ["pods", "services", "endpoints", "configmaps", "events"],
            "verbs": READ,
        },
        {
            "apiGroups": ["apps", "batch", "discovery.k8s.io", "ray.io"],
            "resources": ["*"],
            "verbs": READ,
        },
    ],
}


LONGEST_SILENCE_S = 60.0
"""A request may wait for 30 s, or be repeated for 15 s; the rest is for starting."""


@pytest.fixture(scope="module")
def verifier(deployed: Bench, tmp_path_factory: pytest.TempPathFactory) -> Path:
    deployed.kubectl("apply", "-k", str(REPOSITORY / "deploy" / "rbac"))
    return service_account(
        deployed, NAMESPACE, "seedcore-verifier", tmp_path_factory.mktemp("verifier")
    )


def test_unreachable_api_server_is_exit_3(deployed: Bench, tmp_path: Path) -> None:
    nobody = ApiServer("https://127.0.0.1:1", server_of(deployed.kubeconfig).ca)
    kubeconfig = write_kubeconfig(tmp_path / "config", nobody, {"token": "x"})

    ended = deployed.as_user(kubeconfig).tool("verify", NAMESPACE)

    assert ended.code == 3, str(ended)
    assert ended.out == ""
    assert "127.0.0.1:1" in ended.err
    assert "mend:" in ended.err


def test_forbidden_exec_is_exit_3_and_names_the_permission(deployed: Bench, tmp_path: Path) -> None:
    account = ("-n", NAMESPACE, "create", "serviceaccount", "seedcore-reader")
    deployed.kubectl("apply", "-f", "-", stdin=json.dumps(READER))
    deployed.run("kubectl", *account)
    binding = ("create", "rolebinding", "seedcore-reader", "--role=seedcore-reader")
    deployed.run(
        *("kubectl", "-n", NAMESPACE, *binding),
        f"--serviceaccount={NAMESPACE}:seedcore-reader",
    )
    reader = deployed.as_user(service_account(deployed, NAMESPACE, "seedcore-reader", tmp_path))

    report = reader.report("verify", NAMESPACE)

    assert report.code == 3, str(report)
    assert report.json["outcome"] == "inconclusive"
    assert report.rules == []
    assert any("exec" in gap["why"] for gap in report.json["gaps"])
    assert all(gap["mend"] for gap in report.json["gaps"])

    without = reader.report("verify", NAMESPACE, "--no-exec")

    assert without.code == 3, str(without)
    assert without.rules == []
    assert all("--no-exec" in gap["why"] for gap in without.json["gaps"])


def lists_pods(request: Request) -> bool:
    return request.path.split("?")[0].endswith("/pods")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"cut_after": 4000}, "no answer"),
        pytest.param({"delay_s": 120.0}, "timed out", marks=pytest.mark.long),
    ],
)
def test_list_that_never_comes_whole_is_exit_3_in_bounded_time(
    deployed: Bench, verifier: Path, tmp_path: Path, fault: dict[str, Any], said: str
) -> None:
    with proxied(deployed, verifier, tmp_path) as (through, proxy):
        made = proxy.fault(lists_pods, **fault)
        began = time.monotonic()

        ended = through.tool("verify", NAMESPACE)

        assert made.seen > 0
    assert ended.code == 3, str(ended)
    assert said in ended.err, str(ended)
    assert "mend:" in ended.err
    assert time.monotonic() - began < LONGEST_SILENCE_S
