"""The file that node-exporter's textfile collector reads: whole at every moment."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from seedcore_deploy.errors import UsageError

_READABLE = 0o644
"""The collector is another user; a temporary file is its maker's alone."""


def read_former(path: Path) -> str:
    """What stands there from the look before; empty where nothing does, or nothing readable."""
    with suppress(OSError, UnicodeDecodeError):
        return path.read_text(encoding="utf-8")
    return ""


def write_whole(path: Path, text: str) -> None:
    """Put `text` in the file's place at once. Raises UsageError where that cannot be.

    The text is written beside it under a name that the collector does not read (*.prom).
    """
    try:
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(beside).chmod(_READABLE)
            Path(beside).replace(path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
    except OSError as fault:
        raise UsageError(f"{path} cannot be written: {fault}", "name another file") from fault
