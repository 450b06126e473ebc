"""Which cluster is chosen, and what is said when none can be."""

from pathlib import Path

import pytest
import yaml

from seedcore_deploy.errors import UsageError
from seedcore_deploy.kube.client import connect
from seedcore_deploy.kube.config import load


def kubeconfig(path: Path, current: str, *contexts: str) -> Path:
    content = {
        "current-context": current,
        "clusters": [{"name": each, "cluster": {"server": f"https://{each}"}} for each in contexts],
        "users": [{"name": each, "user": {"token": "t"}} for each in contexts],
        "contexts": [
            {"name": each, "context": {"cluster": each, "user": each, "namespace": f"ns-{each}"}}
            for each in contexts
        ],
    }
    path.write_text(yaml.safe_dump(content))
    return path


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))


def test_the_current_context_is_taken(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path / "config", "b", "a", "b")

    connection = connect(str(file), None)

    assert (connection.context, connection.server) == ("b", "https://b")
    assert connection.namespace == "ns-b"
    assert connection.server_time == ""


def test_a_named_context_wins(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path / "config", "b", "a", "b")

    assert connect(str(file), "a").server == "https://a"


def test_of_several_files_the_first_current_context_counts_as_for_kubectl(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = kubeconfig(tmp_path / "1", "one", "one")
    second = kubeconfig(tmp_path / "2", "two", "two")
    monkeypatch.setenv("KUBECONFIG", f"{first}:{tmp_path / 'absent'}:{second}")

    assert connect().server == "https://one"
    assert connect(context="two").server == "https://two"


def test_an_unknown_context_lists_those_there_are(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path / "config", "a", "a", "b")

    with pytest.raises(UsageError, match=r"no context 'c' .* contexts there are: a, b"):
        load(str(file), "c")


def test_no_current_context_lists_those_there_are(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path / "config", "", "a")

    with pytest.raises(UsageError, match=r"no current context .* there are: a"):
        load(str(file), None)


@pytest.mark.parametrize(
    "content", ["", "[]", "a: [", "contexts: x", "contexts: [x]", "contexts: [{name: a}]"]
)
def test_a_malformed_file_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "config"
    file.write_text(content)

    with pytest.raises(UsageError, match=str(file)):
        load(str(file), None)


def test_a_context_without_its_cluster_is_an_error_of_the_kubeconfig(tmp_path: Path) -> None:
    file = tmp_path / "config"
    context = {"name": "a", "context": {"cluster": "gone", "user": "gone"}}
    file.write_text(yaml.safe_dump({"current-context": "a", "contexts": [context]}))

    with pytest.raises(UsageError, match=r"context a of .* cannot be used"):
        load(str(file), None)


def test_a_missing_file_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no kubeconfig at /nowhere"):
        load("/nowhere", None)
