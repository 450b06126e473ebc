"""The cgroup controllers of version 2 that a kubelet wants its cgroup to have."""

from __future__ import annotations

import json
from pathlib import Path

from localcluster.errors import StartFailed

WANTED = ("cpuset", "cpu", "memory", "hugetlb", "pids")
"""Of these, a kubelet's cgroupRoot must have each that the tree's root has."""

NOTE = Path("/run/seedcore-controllers.json")
"""Which controllers were enabled for clusters; like the enabling, it ends with a reboot."""


def missing(available: str, enabled: str) -> list[str]:
    """List the wanted controllers that a tree has, but does not pass on to its folders.

    The texts are those of its cgroup.controllers and cgroup.subtree_control.
    """
    has, passes_on = available.split(), enabled.split()
    return [name for name in WANTED if name in has and name not in passes_on]


def enable(trees: list[Path], note: Path = NOTE) -> None:
    """Let new folders of the trees have all wanted controllers; note which had to be added."""
    for tree in trees:
        control = tree / "cgroup.subtree_control"
        added = missing((tree / "cgroup.controllers").read_text(), control.read_text())
        if added:
            noted = read_note(note)
            noted[str(tree)] = sorted({*noted.get(str(tree), []), *added})
            note.write_text(json.dumps(noted))
        for name in added:
            try:
                control.write_text(f"+{name}")
            except OSError as refused:
                raise StartFailed(
                    f"the kernel does not enable the cgroup controller {name}: {refused.strerror}",
                    where=str(control),
                    mend="in a container: move its processes from the root cgroup into one below",
                ) from refused


def disable(note: Path = NOTE) -> None:
    """Take away what was added, once no cluster has a cgroup in the tree.

    The kernel refuses where somebody else has come to use a controller: then it stays.
    """
    noted = read_note(note)
    for tree in list(noted):
        if any(path.is_dir() for path in Path(tree).glob("seedcore-*")):
            continue
        for name in noted.pop(tree):
            try:
                (Path(tree) / "cgroup.subtree_control").write_text(f"-{name}")
            except OSError:
                continue
    if noted:
        note.write_text(json.dumps(noted))
    else:
        note.unlink(missing_ok=True)


def read_note(note: Path) -> dict[str, list[str]]:
    """Return the controllers that were added to each tree; none when the note is torn."""
    try:
        stored = json.loads(note.read_text())
    except (OSError, ValueError):
        return {}
    if not isinstance(stored, dict):
        return {}
    return {
        tree: [name for name in names if name in WANTED]
        for tree, names in stored.items()
        if isinstance(names, list)
    }
