"""Writing what `lint --fix` changed: each file whole, or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from seedcore_deploy.errors import CouldNotLook
from seedcore_deploy.sources.source_text import SourceText


def rewrite(path: Path, source: SourceText) -> None:
    """Put the text in place of the file, which keeps its mode. Raises CouldNotLook."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(source.to_bytes())
            shutil.copymode(path, name)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as fault:
        raise CouldNotLook(
            f"{source.file} cannot be written: {fault.strerror or fault}",
            "check the permissions of its folder; what stands above it in the diff was written",
        ) from fault
