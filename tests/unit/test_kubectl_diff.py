"""Whole objects out of what `kubectl diff` prints, which is what the real `diff` makes of files."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from seedcore_deploy.errors import CouldNotLook
from seedcore_deploy.kubectl_diff import PROGRAM, differences

CONFIGMAP = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "seedcore-env", "namespace": "seedcore-dev"},
    "data": {"RAY_HOST": "a", "script": "#!/bin/sh\n--- old\n+++ new\n@@ -1 +1 @@\n\necho\n"},
}


def printed(tmp_path: Path, **objects: tuple[object, object]) -> str:
    """What kubectl prints for objects before and after."""
    live, merged = tmp_path / "LIVE-1", tmp_path / "MERGED-1"
    for folder in (live, merged):
        folder.mkdir()
    for name, sides in objects.items():
        for folder, document in zip((live, merged), sides, strict=True):
            if document is not None:
                (folder / name).write_text(yaml.safe_dump(document))
    done = subprocess.run(
        [*PROGRAM.split(), str(live), str(merged)],
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C"},
    )
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout


def test_both_sides_of_a_changed_object_are_whole(tmp_path: Path) -> None:
    after = {**CONFIGMAP, "data": {**CONFIGMAP["data"], "RAY_HOST": "b"}}  # type: ignore[dict-item]

    (found,) = differences(printed(tmp_path, one=(CONFIGMAP, after)))

    assert found.before == CONFIGMAP
    assert found.after == after


def test_object_that_is_created_has_no_side_before(tmp_path: Path) -> None:
    (found,) = differences(printed(tmp_path, one=(None, CONFIGMAP)))

    assert found.before is None
    assert found.after == CONFIGMAP


def test_objects_are_told_apart_and_unchanged_ones_left_out(tmp_path: Path) -> None:
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {}}
    changed = {**service, "spec": {"type": "ClusterIP"}}

    output = printed(tmp_path, a=(service, changed), b=(CONFIGMAP, CONFIGMAP), c=(changed, service))

    assert [each.after for each in differences(output)] == [changed, service]


def test_nothing_is_no_difference() -> None:
    assert differences("") == ()


@pytest.mark.parametrize("left_out", [1, 8])
def test_an_output_that_was_cut_is_no_answer(tmp_path: Path, left_out: int) -> None:
    lines = printed(tmp_path, one=(CONFIGMAP, {**CONFIGMAP, "data": {}})).splitlines()

    with pytest.raises(CouldNotLook):
        differences("\n".join(lines[:-left_out]))


@pytest.mark.parametrize(
    "text", ["@@ -0,0 +1 @@\n+a: [\n", "@@ -0,0 +1,3 @@\n+a: 1\n+---\n+b: 1\n"]
)
def test_what_is_no_object_is_no_answer(text: str) -> None:
    with pytest.raises(CouldNotLook):
        differences(text)
