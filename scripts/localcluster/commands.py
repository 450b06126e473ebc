"""Running other programs, with failures turned into errors that say what and why."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from localcluster.errors import CommandFailed, MissingPrerequisite

LAST_LINES = 15
"""How many lines of a failed program's output an error repeats."""


def last_lines(text: str, count: int = LAST_LINES) -> str:
    """Return the last non-empty lines of a program's output."""
    lines = [line for line in text.splitlines() if line.strip()]
    return "\n".join(lines[-count:])


def output_of(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str | None = None,
    timeout: float | None = None,
    mend: str = "",
) -> str:
    """Run a program to its end and return its standard output.

    `timeout` is in seconds. Raises MissingPrerequisite when the program is not there and
    CommandFailed, with the last lines that it wrote, when it does not end well.
    """
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(
            words,
            env=dict(env) if env is not None else None,
            cwd=cwd,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError as absent:
        raise MissingPrerequisite(f"the program {words[0]} is not installed", mend=mend) from absent
    except subprocess.TimeoutExpired as late:
        raise CommandFailed(
            f"{shlex.join(words)} did not end within {timeout:.0f} s", mend=mend
        ) from late
    if done.returncode != 0:
        raise CommandFailed(
            f"{shlex.join(words)} ended with {done.returncode}:\n"
            + last_lines(done.stderr or done.stdout),
            mend=mend,
        )
    return done.stdout


def succeeds(argv: Sequence[str | Path], *, timeout: float = 20) -> bool:
    """Tell whether a program is there and ends with 0 within `timeout` seconds."""
    try:
        output_of(argv, timeout=timeout)
    except (CommandFailed, MissingPrerequisite):
        return False
    return True


def program(name: str, source: str) -> Path:
    """Return the path of a program on PATH; `source` is where to get it."""
    found = shutil.which(name)
    if found is None:
        raise MissingPrerequisite(f"{name} is not on PATH", mend=f"install it: {source}")
    return Path(found)
