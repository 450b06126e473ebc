"""The table of parts holds together."""

from __future__ import annotations

from pathlib import Path

from localcluster import components, settings
from localcluster.binaries import PROGRAMS
from localcluster.components import Component
from localcluster.folders import ClusterFolder

FOLDER = ClusterFolder("x", Path("/state/x"))


def _table() -> tuple[Component, ...]:
    return components.components(FOLDER, Path("/programs"), "x-node", Path("/pause.tar"))


def test_a_part_waits_only_for_parts_that_stand_before_it() -> None:
    before: set[str] = set()
    for row in _table():
        assert set(row.after) <= before, row.name
        assert row.name not in before
        before.add(row.name)


def test_every_program_from_the_cache_is_built() -> None:
    built = {program.name for program in PROGRAMS}
    for row in _table():
        path = Path(row.argv[0])
        if path.parent == Path("/programs"):
            assert path.name in built


def test_the_api_server_asks_who_somebody_is_and_what_he_may() -> None:
    argv = next(row.argv for row in _table() if row.name == "kube-apiserver")
    assert "--anonymous-auth=false" in argv
    assert "--authorization-mode=Node,RBAC" in argv


def test_every_file_lies_in_the_clusters_own_places() -> None:
    allowed = ("/state/x", "/programs", "/pause.tar", "/run/seedcore", "/bin/sh")
    for row in _table():
        for word in row.argv:
            value = word.partition("=")[2] or word
            if value.startswith("/") and " " not in value:
                assert value.startswith(allowed), f"{row.name}: {word}"


def test_each_cluster_has_a_cgroup_of_its_own() -> None:
    one = settings.kubelet_configuration(FOLDER, "/seedcore-one")
    assert '"cgroupRoot": "/seedcore-one"' in one
