"""`init`: the pattern's manifests, written into a new repository. Needs no cluster."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from seedcore_deploy.act.starter import write_starter
from seedcore_deploy.model.verdict import ExitCode
from seedcore_deploy.options import InitOptions

_NEXT = """
next:
  1. name your images with kustomize's `images:` in deploy/kustomize/overlays/*/kustomization.yaml
  2. {into}seedcore-deploy lint
  3. {into}seedcore-deploy apply seedcore-dev --create-namespace
"""


def run(options: InitOptions) -> ExitCode:
    """Write the tree, and say what was written. Raises UsageError rather than overwrite."""
    written = write_starter(Path(options.directory))
    sys.stdout.write("".join(f"wrote {Path(options.directory) / file}\n" for file in written))
    here = Path(options.directory).resolve() == Path.cwd()
    sys.stdout.write(_NEXT.format(into="" if here else f"cd {shlex.quote(options.directory)} && "))
    return ExitCode.PROVEN
