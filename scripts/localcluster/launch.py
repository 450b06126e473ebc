"""Note this process's identity, let go of the lock, and become another program.

The process that ends a cluster must be known before the cluster exists: whoever calls `up`
may be killed at any moment, and the next one has to find what was started.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from localcluster import state
from localcluster.processes import identify


def main(arguments: list[str]) -> None:
    """PROCESS_FILE LOCK_DESCRIPTOR PROGRAM [ARGUMENT...]: become the program."""
    file, lock, *argv = arguments
    myself = identify(os.getpid())
    if myself is None:
        sys.exit("/proc does not know this process: is /proc mounted?")
    state.write_identity(Path(file), myself)
    os.close(int(lock))
    os.execvp(argv[0], argv)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
