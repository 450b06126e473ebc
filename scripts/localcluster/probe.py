"""Asks every part, from inside the cluster, whether it answers now; prints JSON."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from localcluster.components import components
from localcluster.folders import ClusterFolder


def main(arguments: list[str]) -> None:
    """NAME, folder, binaries and node: print what is wrong with each part, or null."""
    name, root, programs, node = arguments
    table = components(ClusterFolder(name, Path(root)), Path(programs), node, Path())
    with ThreadPoolExecutor(len(table)) as pool:
        problems = list(pool.map(lambda row: row.answer.problem(), table))
    print(json.dumps({row.name: problem for row, problem in zip(table, problems, strict=True)}))


if __name__ == "__main__":
    main(sys.argv[1:])
