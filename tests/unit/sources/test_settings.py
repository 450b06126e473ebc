from __future__ import annotations

from pathlib import Path

import pytest

from seedcore_deploy.errors import UsageError
from seedcore_deploy.model.contract import Contract, Role
from seedcore_deploy.sources.settings import Settings, check_context, load_settings


def repository(root: Path, toml: str) -> Path:
    (root / "deploy/kustomize/overlays/dev").mkdir(parents=True)
    (root / "deploy/ray-contract.toml").write_text(toml)
    return root


def test_without_a_file_all_is_default(tmp_path: Path) -> None:
    assert load_settings(tmp_path) == Settings()


def test_the_file_is_found_from_a_folder_below(tmp_path: Path) -> None:
    repository(tmp_path, '[configmaps]\nshared = "env"\n')

    settings = load_settings(tmp_path / "deploy/kustomize/overlays")

    assert settings.path == tmp_path / "deploy/ray-contract.toml"
    assert settings.contract.shared_configmap == "env"
    assert settings.contract.client_configmap == "seedcore-client-env"


def test_a_workload_of_a_known_name_overrides_the_default(tmp_path: Path) -> None:
    toml = '[[workloads]]\nname = "serve"\nrole = "worker"\nrequired = false\n'
    settings = load_settings(repository(tmp_path, toml))

    by_name = {workload.name: workload for workload in settings.contract.workloads}

    assert list(by_name) == [workload.name for workload in Contract().workloads]
    assert by_name["serve"].role is Role.WORKER
    assert by_name["serve"].selector == "app=seedcore-serve"
    assert not by_name["serve"].required


def test_the_serve_applications_of_a_workload_can_be_named(tmp_path: Path) -> None:
    toml = '[[workloads]]\nname = "serve"\napplications = ["shop", "blog"]\n'

    by_name = {
        workload.name: workload
        for workload in load_settings(repository(tmp_path, toml)).contract.workloads
    }

    assert by_name["serve"].applications == ("shop", "blog")
    assert Contract().workloads[-1].applications == ("seedcore",)


def test_a_workload_of_a_new_name_is_added(tmp_path: Path) -> None:
    toml = '[[workloads]]\nname = "etl"\nrole = "client"\nselector = "app=etl"\n'

    settings = load_settings(repository(tmp_path, toml))

    assert settings.contract.workloads[-1].name == "etl"


def test_a_namespace_is_pinned_to_overlay_and_context(tmp_path: Path) -> None:
    toml = '[namespaces.team-a]\noverlay = "kustomize/overlays/dev"\ncontext = "staging"\n'

    pin = load_settings(repository(tmp_path, toml)).namespaces["team-a"]

    assert pin.overlay == tmp_path / "deploy/kustomize/overlays/dev"
    assert pin.context == "staging"


@pytest.mark.parametrize(
    ("toml", "complaint"),
    [
        ("[configmap]\n", "configmap is unknown; did you mean 'configmaps'"),
        ("[configmaps]\nshard = 'x'\n", r"configmaps\.shard is unknown; did you mean 'shared'"),
        ("[configmaps]\nshared = 3\n", r"configmaps\.shared must be text, not 3"),
        ("configmaps = 3\n", "configmaps must be a table"),
        ("[workloads]\n", r"must be written as \[\[workloads\]\]"),
        ("[[workloads]]\nrole = 'client'\n", r"workloads\[1\]\.name is missing"),
        ("[[workloads]]\nname = 'x'\nrole = 'client'\n", r"workloads\[1\]\.selector is missing"),
        ("[[workloads]]\nname = 'x'\nselector = 'a=b'\n", r"workloads\[1\]\.role is missing"),
        ("[[workloads]]\nname = 'api'\nrole = 'clients'\n", "did you mean 'client'"),
        ("[[workloads]]\nname = 'api'\nrequired = 'no'\n", "must be true or false"),
        ("[[workloads]]\nname = 'serve'\napplications = 'shop'\n", "must be a list of texts"),
        ("[namespaces.x]\ncontxt = 'a'\n", r"namespaces\.x\.contxt is unknown; did you mean"),
        ("[namespaces.x]\noverlay = 'kustomize/gone'\n", "there is no folder"),
        ("a = 1\nb = =\n", "line 2"),
    ],
)
def test_a_mistake_is_refused_with_its_place(tmp_path: Path, toml: str, complaint: str) -> None:
    root = repository(tmp_path, toml)

    with pytest.raises(UsageError, match=complaint) as refused:
        load_settings(root)

    assert "ray-contract.toml" in refused.value.what


def test_another_context_than_the_pinned_one_is_refused(tmp_path: Path) -> None:
    toml = '[namespaces.prod]\ncontext = "prod-eu"\n'
    settings = load_settings(repository(tmp_path, toml))

    check_context(settings, "prod", "prod-eu")
    check_context(settings, "dev", "anything")
    with pytest.raises(UsageError, match="pins namespace prod to context prod-eu"):
        check_context(settings, "prod", "minikube")
