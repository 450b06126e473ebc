"""What a kustomization says of itself, without building it."""

from __future__ import annotations

from pathlib import Path

import pytest

from seedcore_deploy.sources.kustomization import folders_of, namespace_of, remotes_of

LONG = "x" * 5000
IN_PLACE = [
    f"transformers:\n  - |-\n    kind: LabelTransformer\n    metadata: {{name: {LONG}}}\n",
    f"transformers: ['{{kind: LabelTransformer, metadata: {{name: {LONG}}}}}']\n",
]


def folder(path: Path, kustomization: str) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    (path / "kustomization.yaml").write_text(kustomization)
    return path


@pytest.mark.parametrize("key", ["generators", "transformers", "validators"])
def test_folders_of_plugins_are_part_of_what_is_rendered(tmp_path: Path, key: str) -> None:
    base = folder(tmp_path / "base", "resources: []\n")
    plugin = folder(tmp_path / "plugin", "namespace: elsewhere\nresources: [replacements.yaml]\n")
    dev = folder(tmp_path / "dev", f"resources: [../base]\n{key}: [../plugin, own.yaml]\n")

    found = [path.resolve() for path in folders_of(dev)]

    assert found == [dev, plugin, base]


def test_a_plugin_is_no_base_and_gives_no_namespace(tmp_path: Path) -> None:
    folder(tmp_path / "plugin", "namespace: elsewhere\n")
    dev = folder(tmp_path / "dev", "transformers: [../plugin]\n")

    assert namespace_of(dev) == ""


@pytest.mark.parametrize("kustomization", IN_PLACE, ids=["block", "flow"])
def test_a_plugin_written_in_place_is_no_path(tmp_path: Path, kustomization: str) -> None:
    dev = folder(tmp_path / "dev", kustomization)

    assert folders_of(dev) == (dev,)


def test_a_remote_plugin_is_a_remote(tmp_path: Path) -> None:
    remote = "https://bases.invalid/plugins.git?ref=v1"
    dev = folder(tmp_path / "dev", f"transformers: ['{remote}']\n")

    assert remotes_of(dev) == (remote,)


def test_what_can_be_no_name_is_no_file(tmp_path: Path) -> None:
    """Longer than any file system takes: kustomize says that it is not there, and so do we."""
    dev = folder(tmp_path / "dev", f"resources: [{LONG}]\n")

    assert folders_of(dev) == (dev,)
