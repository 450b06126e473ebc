"""Runs the tool in a Python of its own that knows no cluster, and tells what that imported."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass

HEAVY = frozenset({"kubernetes", "plumbum", "tenacity", "rich", "yaml", "cattrs"})
"""What takes long to import, or leads to a cluster."""
_PROGRAM = """
import json, sys
from seedcore_deploy.cli import main
code = main(sys.argv[1:])
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
sys.exit(code)
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """How it ended, what it said on stdout, and the packages that were imported by then."""

    code: int
    out: str
    packages: frozenset[str]


def ran(*words: str) -> Ran:
    """Run the tool without a PATH and with a kubeconfig that is not there."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *words],
        capture_output=True,
        text=True,
        env={"KUBECONFIG": "/nowhere", "PATH": ""},
    )
    modules = json.loads(done.stderr.splitlines()[-1])
    return Ran(done.returncode, done.stdout, frozenset(name.partition(".")[0] for name in modules))
