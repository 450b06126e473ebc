"""Bad input: one clear error with the mend, exit 2 or 3, and nothing applied."""

import shutil
from pathlib import Path

import pytest

from tests.e2e.conftest import NAMESPACE
from tests.support.kubeconfigs import api_server, write_kubeconfig
from tests.support.tool import REPOSITORY, Bench, Ended


def assert_refused(ended: Ended, code: int, *words: str) -> None:
    assert ended.code == code, str(ended)
    assert ended.out == ""
    assert "mend:" in ended.err, str(ended)
    assert "Traceback" not in ended.err
    for word in words:
        assert word in ended.err, str(ended)


@pytest.mark.parametrize("verb", ["apply", "verify"])
def test_missing_kubeconfig(bench: Bench, tmp_path: Path, verb: str) -> None:
    assert_refused(bench.tool(verb, NAMESPACE, "--kubeconfig", str(tmp_path / "none")), 2, "none")


@pytest.mark.parametrize("verb", ["apply", "verify"])
def test_unknown_context_lists_those_there_are(bench: Bench, verb: str) -> None:
    (context,) = bench.kubectl("config", "get-contexts", "-o", "name").split()

    assert_refused(bench.tool(verb, NAMESPACE, "--context", "prod"), 2, "prod", context)


@pytest.mark.parametrize("verb", ["apply", "verify"])
def test_expired_credentials(bench: Bench, tmp_path: Path, verb: str) -> None:
    expired = write_kubeconfig(
        tmp_path / "expired", api_server(bench.kubeconfig), {"token": "was-good-once"}
    )

    assert_refused(bench.as_user(expired).tool(verb, NAMESPACE), 3, "log in")


def test_namespace_that_is_not_there(bench: Bench) -> None:
    overlay = ("-k", "deploy/kustomize/overlays/dev")
    ended = bench.tool("verify", "no-such-namespace", *overlay)
    assert ended.code in {2, 3}, str(ended)
    assert "no-such-namespace" in ended.err
    assert "mend:" in ended.err


def test_namespace_without_an_overlay_lists_the_choices(bench: Bench) -> None:
    assert_refused(bench.tool("apply", "somewhere-else"), 2, "somewhere-else", "dev")


def test_overlay_that_is_not_there(bench: Bench) -> None:
    assert_refused(bench.tool("apply", NAMESPACE, "--overlay", "devv"), 2, "devv", "dev")
    assert_refused(bench.tool("apply", NAMESPACE, "-k", "no/such/folder"), 2, "no/such/folder")


def test_overlay_of_another_namespace_is_refused(bench: Bench) -> None:
    bench.run("kubectl", "create", "namespace", "seedcore-other")

    ended = bench.tool("apply", "seedcore-other", "-k", "deploy/kustomize/overlays/dev")

    assert_refused(ended, 2, "seedcore-dev", "seedcore-other")
    there = bench.get("-n", "seedcore-other", "deployments,rayclusters")
    assert there["items"] == []


def test_yaml_error_in_the_overlay_names_the_file(bench: Bench, tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "deploy" / "kustomize", tmp_path / "kustomize")
    overlay = tmp_path / "kustomize" / "overlays" / "dev"
    (overlay / "kustomization.yaml").write_text("resources: [../../base\nnamespace: x: y\n")

    ended = bench.tool("apply", NAMESPACE, "-k", str(overlay))

    assert_refused(ended, 2, "kustomization.yaml")


def test_kubectl_missing(bench: Bench, tmp_path: Path) -> None:
    python = bench.shell("command -v python").out.strip()
    without = Bench(bench.kubeconfig, tmp_path, {"PATH": str(tmp_path)})
    ended = without.run(python, "-m", "seedcore_deploy", "apply", NAMESPACE)

    assert_refused(ended, 2, "kubectl")


def test_mistyped_verb(bench: Bench) -> None:
    assert_refused(bench.tool("verfiy", NAMESPACE), 2, "did you mean `verify`?")
