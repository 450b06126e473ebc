"""Faults brought about on the real cluster: found by the right rule, and mended as printed."""

import json
from collections.abc import Iterator, Mapping

import pytest

from tests.e2e.conftest import FAILED, NAMESPACE
from tests.support.tool import Bench, Report

HEAD = "ray.io/node-type=head"
READY_S = "--timeout=180s"


@pytest.fixture
def namespace(deployed: Bench, request: pytest.FixtureRequest) -> Iterator[Bench]:
    """The proven deployment; a test that fails gives way to a new one, not to its leftovers."""
    yield deployed
    if request.node.stash.get(FAILED, False):
        deployed.kubectl("delete", "namespace", NAMESPACE, "--wait=true")
        ended = deployed.tool("apply", NAMESPACE, "--create-namespace")
        assert ended.code == 0, str(ended)


def kubectl(bench: Bench, *words: str, stdin: str = "") -> str:
    return bench.kubectl("-n", NAMESPACE, *words, stdin=stdin)


def patch(bench: Bench, what: str, *operations: Mapping[str, object]) -> None:
    kubectl(bench, "patch", *what.split("/"), "--type=json", "-p", json.dumps(operations))


def restart_head(bench: Bench) -> None:
    """Delete the Ray pods and await the new head: KubeRay replaces it, never updates it.

    The worker goes too: one that outlives several heads backs off longer with each of them.
    """
    kubectl(bench, "delete", "pod", "-l", "ray.io/cluster=seedcore", "--wait=true")
    kubectl(bench, "wait", "--for=create", "pod", "-l", HEAD, READY_S)
    kubectl(bench, "wait", "--for=condition=Ready", "pod", "-l", HEAD, READY_S)


def assert_found_and_mended(bench: Bench, *rules: str, wait: str = "0s") -> Report:
    """Verify finds just these rules, and is back to "proven" after the mend that it printed."""
    report = bench.report("verify", NAMESPACE, "--wait", wait)
    assert report.code == 1, str(report)
    assert report.rules == sorted(rules), str(report)
    for finding in report.json["findings"]:
        assert finding["because"], finding
        assert finding["fix"]["text"], finding

    bench.mend(report)

    mended = bench.report("verify", NAMESPACE, "--wait", "5m")
    assert mended.code == 0, str(mended)
    return report


def test_old_check_passes_where_the_client_settings_are_missing(namespace: Bench) -> None:
    reference = {"configMapRef": {"name": "seedcore-client-env", "optional": True}}
    container = "/spec/template/spec/containers/0"
    kubectl(namespace, "delete", "configmap", "seedcore-client-env")
    patch(
        namespace,
        "deployment/seedcore-api",
        {"op": "replace", "path": f"{container}/envFrom/1", "value": reference},
        # Room for the private Ray that the next lines start.
        {"op": "replace", "path": f"{container}/resources/limits/memory", "value": "4Gi"},
    )
    kubectl(namespace, "rollout", "status", "deployment/seedcore-api", READY_S)

    # What the old script ran passes: it starts a Ray of its own inside the API's pod. (HOME is
    # where our images cannot write; Ray wants to keep a token there, and most images let it.)
    old_check = "import ray; ray.init(); print('Ray connection successful', ray.nodes())"
    in_api = ("exec", "deploy/seedcore-api", "--", "env", "HOME=/tmp", "python", "-c", old_check)
    assert "Ray connection successful" in kubectl(namespace, *in_api)

    ended = namespace.tool("apply", NAMESPACE)
    assert ended.code == 0, str(ended)


def test_ray_address_in_the_env_of_the_head(namespace: Bench) -> None:
    patch(
        namespace,
        "raycluster/seedcore",
        {
            "op": "add",
            "path": "/spec/headGroupSpec/template/spec/containers/0/env/-",
            "value": {"name": "RAY_ADDRESS", "value": "ray://seedcore-head-svc:10001"},
        },
    )
    restart_head(namespace)

    assert_found_and_mended(namespace, "SC105", wait="5m")


def test_application_whose_own_connection_died_with_the_old_head(namespace: Bench) -> None:
    kubectl(namespace, "set", "env", "deployment/seedcore-api", "SEEDCORE_RECONNECT=0")
    kubectl(namespace, "rollout", "status", "deployment/seedcore-api", READY_S)
    restart_head(namespace)

    report = assert_found_and_mended(namespace, "SC404", wait="5m")

    (api,) = (pod for pod in report.json["pods"] if pod["workload"] == "api")
    assert api["proof"] == "ok"
    assert api["application"] == "wrong"
    kubectl(namespace, "set", "env", "deployment/seedcore-api", "SEEDCORE_RECONNECT-")
    kubectl(namespace, "rollout", "status", "deployment/seedcore-api", READY_S)
