"""A verdict as text, in the format that was asked for and for the terminal that is there."""

from __future__ import annotations

import os
import shutil
import sys

from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.verdict import Verdict

PLAIN_WIDTH = 100


def rendered(verdict: Verdict, snapshot: Snapshot, output: str, verbose: int) -> str:
    """The verdict as `table`, `json` or `junit`. Only the format in use is imported."""
    if output == "json":
        from seedcore_deploy.report import json

        return json.render(verdict, snapshot)
    if output == "junit":
        from seedcore_deploy.report import junit

        return junit.render(verdict, snapshot)
    from seedcore_deploy.report import table

    terminal = sys.stdout.isatty()
    return table.render(
        verdict,
        snapshot,
        width=shutil.get_terminal_size().columns if terminal else PLAIN_WIDTH,
        color=terminal and not os.environ.get("NO_COLOR"),
        verbose=verbose > 0,
    )
