"""Overlays that are not rendered: lint says so, and reads and fetches nothing for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from seedcore_deploy.errors import UsageError
from seedcore_deploy.kubectl import Kubectl
from seedcore_deploy.model.disclosure import Discloser
from seedcore_deploy.observe.containers import Json
from seedcore_deploy.observe.overlay_tree import OverlayLooker, TreeLook, boundary_of, judged_tree
from seedcore_deploy.sources.workspace import Workspace


def no_kubectl() -> Kubectl:
    raise UsageError("kubectl was not found on PATH", "install it")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def look(folder: Path, kustomization: str) -> TreeLook:
    folder.mkdir(exist_ok=True)
    (folder / "kustomization.yaml").write_text(kustomization)
    return OverlayLooker(Workspace(), no_kubectl, Discloser(b"salt")).look(folder)


@pytest.mark.parametrize(
    ("kustomization", "line"),
    [
        ("namespace: a\nresources:\n  - https://example.com/base\n", 3),
        ("resources: [github.com/a/b?ref=v1]\n", 1),
        ("resources: []\nhelmCharts:\n  - name: ray\n", 3),
    ],
)
def test_what_must_be_fetched_is_a_gap_at_its_line(
    tmp_path: Path, kustomization: str, line: int
) -> None:
    found = look(tmp_path / "o", kustomization)

    assert found.gap is not None
    assert (found.gap.at.file, found.gap.at.line) == ("o/kustomization.yaml", line)
    assert found.tree is not None
    assert found.tree.manifests is None


def test_without_kubectl_the_sources_are_read_and_the_render_is_a_gap(tmp_path: Path) -> None:
    found = look(tmp_path / "o", "resources: []\n")

    assert found.gap is not None
    assert "kubectl" in found.gap.why
    assert [path.name for path in found.files] == ["kustomization.yaml"]


def test_hostile_yaml_keeps_kubectl_from_being_asked(tmp_path: Path) -> None:
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "deep.yaml").write_text("a: " + "[" * 5000)

    found = look(tmp_path / "o", "resources: [deep.yaml]\n")

    assert found.gap is None
    assert found.unreadable is not None
    assert found.unreadable.at.file == "o/deep.yaml"


@pytest.mark.parametrize("name", ["../../secret.env", "link.env"])
def test_what_leads_out_of_the_repository_is_not_read(tmp_path: Path, name: str) -> None:
    outside, inside = tmp_path / "secret.env", tmp_path / "repository"
    outside.write_text("A=1\n")
    folder = inside / "deploy" / "kustomize"
    folder.mkdir(parents=True)
    (folder / "link.env").symlink_to(outside)
    text = f"configMapGenerator:\n- name: c\n  envs: [{name.replace('../../', '../../../')}]\n"

    found = look(folder, text)

    assert boundary_of(folder) == inside
    assert found.tree is not None
    assert [at.line for each in found.tree.source.kustomizations for _, at in each.leads_out] == [3]
    assert outside.resolve() not in {path.resolve() for path in found.files}


def test_rayjob_and_each_of_two_rayclusters_are_to_be_judged_by_themselves(tmp_path: Path) -> None:
    tree = look(tmp_path / "o", "resources: []\n").tree
    assert tree is not None
    spec: Json = {"headGroupSpec": {"template": {"spec": {"containers": []}}}}
    documents = [
        {"kind": "RayCluster", "metadata": {"name": "a"}, "spec": spec},
        {"kind": "RayCluster", "metadata": {"name": "b"}, "spec": spec},
        {"kind": "RayJob", "metadata": {"name": "c"}, "spec": {"rayClusterSpec": spec}},
    ]

    judged = judged_tree(tree, documents, Discloser(b"salt"))

    assert judged.manifests is not None
    assert [each.name for each in judged.manifests.rayclusters] == ["a", "b"]
    assert [[each.name for each in one.rayclusters] for one in judged.others] == [
        ["a"],
        ["b"],
        ["c"],
    ]
