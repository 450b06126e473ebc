from __future__ import annotations

from pathlib import Path

import pytest

from seedcore_deploy.errors import UsageError
from seedcore_deploy.sources.overlays import default_namespace, find_overlay
from seedcore_deploy.sources.settings import Settings, load_settings

CLIENT = """configMapGenerator:
- name: seedcore-client-env
  literals:
  - RAY_ADDRESS=ray://seedcore-head-svc:10001
  - RAY_NAMESPACE={}
"""
ON_BASE = "resources:\n- ../../base\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder(tmp_path / "deploy/kustomize/base", "resources: []\n")
    return tmp_path


def folder(path: Path, kustomization: str) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    (path / "kustomization.yaml").write_text(kustomization)
    return path


def overlay(root: Path, name: str, kustomization: str) -> Path:
    return folder(root / "deploy/kustomize/overlays" / name, kustomization)


def settings(root: Path, toml: str = "") -> Settings:
    if toml:
        (root / "deploy/ray-contract.toml").write_text(toml)
    return load_settings(root)


def test_the_one_overlay_whose_namespace_it_is(root: Path) -> None:
    dev = overlay(root, "dev", f"namespace: seedcore-dev\n{ON_BASE}")
    overlay(root, "prod", f"namespace: seedcore-prod\n{ON_BASE}")

    found = find_overlay("seedcore-dev", settings(root))

    assert found.directory == dev
    assert found.reason == "its namespace is seedcore-dev"
    assert found.base == root / "deploy/kustomize/base"
    assert found.builds_on_base


def test_a_namespace_inherited_from_a_component_counts(root: Path) -> None:
    folder(root / "deploy/kustomize/components/dev", "kind: Component\nnamespace: seedcore-dev\n")
    dev = overlay(root, "dev", f"{ON_BASE}components:\n- ../../components/dev\n")

    assert find_overlay("seedcore-dev", settings(root)).directory == dev


def test_else_the_one_without_namespace_whose_client_ray_namespace_it_is(root: Path) -> None:
    dev = overlay(root, "dev", ON_BASE + CLIENT.format("seedcore-dev"))
    overlay(root, "prod", ON_BASE + CLIENT.format("seedcore-prod"))

    found = find_overlay("seedcore-dev", settings(root))

    assert found.directory == dev
    assert found.reason == "its RAY_NAMESPACE is seedcore-dev"


def test_ray_namespace_is_read_from_an_env_file_and_from_a_plain_configmap(root: Path) -> None:
    by_file = overlay(
        root,
        "one",
        "configMapGenerator:\n- name: seedcore-client-env\n  envs: [client.env]\n",
    )
    (by_file / "client.env").write_text("# clients\nRAY_NAMESPACE=one\n")
    plain = overlay(root, "two", "resources: [client.yaml]\n")
    (plain / "client.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: seedcore-client-env}\n"
        "data: {RAY_NAMESPACE: two}\n"
    )

    assert find_overlay("one", settings(root)).directory == by_file
    assert find_overlay("two", settings(root)).directory == plain


def test_ray_namespace_of_an_overlay_with_another_namespace_does_not_count(root: Path) -> None:
    overlay(root, "dev", f"namespace: other\n{ON_BASE}" + CLIENT.format("seedcore-dev"))

    with pytest.raises(UsageError, match="no overlay is for namespace seedcore-dev"):
        find_overlay("seedcore-dev", settings(root))


def test_the_contract_file_names_the_overlay(root: Path) -> None:
    overlay(root, "dev", ON_BASE + CLIENT.format("shared"))
    special = overlay(root, "special", ON_BASE)
    toml = '[namespaces.team-a]\noverlay = "kustomize/overlays/special"\n'

    found = find_overlay("team-a", settings(root, toml))

    assert found.directory == special
    assert "ray-contract.toml names it for team-a" in found.reason


@pytest.mark.parametrize("names", [(), ("one", "two")])
def test_anything_but_one_match_lists_the_choices(root: Path, names: tuple[str, ...]) -> None:
    overlay(root, "prod", f"namespace: seedcore-prod\n{ON_BASE}")
    for name in names:
        overlay(root, name, f"namespace: seedcore-dev\n{ON_BASE}")

    with pytest.raises(UsageError, match=r"prod \(seedcore-prod\)") as refused:
        find_overlay("seedcore-dev", settings(root))

    assert "--overlay NAME or -k DIR" in refused.value.mend


def test_outside_of_a_repository_there_is_nothing_to_choose_from(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no deploy/kustomize/overlays here or above"):
        find_overlay("seedcore-dev", load_settings(tmp_path))


def test_overlay_by_name_overrides_the_search(root: Path) -> None:
    overlay(root, "dev", f"namespace: seedcore-dev\n{ON_BASE}")
    free = overlay(root, "free", ON_BASE)

    assert find_overlay("seedcore-dev", settings(root), overlay="free").directory == free


def test_a_mistyped_overlay_gets_the_one_that_was_meant(root: Path) -> None:
    overlay(root, "staging", f"namespace: staging\n{ON_BASE}")

    with pytest.raises(UsageError, match="no overlay 'stagging'") as refused:
        find_overlay("staging", settings(root), overlay="stagging")

    assert refused.value.mend == "did you mean --overlay staging?"


def test_a_directory_overrides_the_search(root: Path, tmp_path: Path) -> None:
    own = folder(tmp_path / "own", "resources: []\n")

    found = find_overlay("seedcore-dev", settings(root), kustomize=str(own))

    assert found.directory == own
    assert found.base is None


@pytest.mark.parametrize("path", ["gone", "deploy"])
def test_a_directory_without_kustomization_is_refused(root: Path, path: str) -> None:
    with pytest.raises(UsageError, match=r"no directory|no kustomization"):
        find_overlay("seedcore-dev", settings(root), kustomize=str(root / path))


def test_directory_and_name_together_are_refused(root: Path) -> None:
    with pytest.raises(UsageError, match="both given"):
        find_overlay("x", settings(root), overlay="dev", kustomize=str(root))


def test_an_overlay_of_another_namespace_is_refused(root: Path) -> None:
    prod = overlay(root, "prod", f"namespace: seedcore-prod\n{ON_BASE}")

    with pytest.raises(UsageError, match="is for namespace seedcore-prod, not for seedcore-dev"):
        find_overlay("seedcore-dev", settings(root), overlay="prod")
    with pytest.raises(UsageError, match="is for namespace seedcore-prod, not for seedcore-dev"):
        find_overlay("seedcore-dev", settings(root), kustomize=str(prod))


def test_an_overlay_pinned_to_another_namespace_is_refused(root: Path) -> None:
    overlay(root, "prod", ON_BASE)
    toml = '[namespaces.seedcore-prod]\noverlay = "kustomize/overlays/prod"\n'

    with pytest.raises(UsageError, match="to namespace seedcore-prod, not to seedcore-dev"):
        find_overlay("seedcore-dev", settings(root, toml), overlay="prod")


def test_a_broken_overlay_is_named_where_it_may_be_the_one_that_is_missed(root: Path) -> None:
    overlay(root, "dev", "namespace: [\n")

    with pytest.raises(UsageError, match=r"unreadable: .*dev/kustomization\.yaml, line 2"):
        find_overlay("seedcore-dev", settings(root))


def test_kustomizations_that_go_round_in_a_circle_are_read_once(root: Path) -> None:
    folder(root / "deploy/kustomize/base", "resources:\n- ../overlays/dev\n")
    dev = overlay(root, "dev", f"namespace: seedcore-dev\n{ON_BASE}")

    assert find_overlay("seedcore-dev", settings(root)).directory == dev


def test_default_namespace_is_the_dev_overlays(root: Path) -> None:
    assert default_namespace(settings(root)) is None
    overlay(root, "dev", ON_BASE + CLIENT.format("seedcore-dev"))

    found = default_namespace(settings(root))

    assert found is not None
    assert found[0] == "seedcore-dev"
