"""Which Python a process runs on. Runs inside pods: Python 3.8, standard library."""

# Plain names, since Path.readlink needs Python 3.9:
# ruff: noqa: PTH115, PTH117, PTH118, PTH119

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Mapping

from seedcore_deploy.observe.payloads import proc

_PYTHON = re.compile(r"^python(\d+(\.\d+)?)?$")


def of_process(pid: int, variables: Mapping[str, str], root: str = "/proc") -> str:
    """The interpreter's path as the process called it, which keeps a virtual environment.

    Falls back to VIRTUAL_ENV, the process's own file and python3 on its PATH; empty for none.
    """
    path = variables.get("PATH", os.defpath)
    called = proc.command_line(pid, root)[:1]
    candidates = [_resolved(pid, called[0], path, root)] if called else []
    if "VIRTUAL_ENV" in variables:
        candidates.append(os.path.join(variables["VIRTUAL_ENV"], "bin", "python"))
    with contextlib.suppress(OSError):
        candidates.append(os.readlink(f"{root}/{pid}/exe"))
    candidates.append(shutil.which("python3", path=path) or "")
    for candidate in candidates:
        if _PYTHON.match(os.path.basename(candidate)) and os.access(candidate, os.X_OK):
            return candidate
    return ""


def _resolved(pid: int, word: str, path: str, root: str) -> str:
    if os.path.isabs(word):
        return word
    if "/" in word:
        try:
            return os.path.join(os.readlink(f"{root}/{pid}/cwd"), word)
        except OSError:
            return ""
    return shutil.which(word, path=path) or ""
