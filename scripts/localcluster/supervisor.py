"""The first process inside a cluster's namespaces: starts the parts and watches over them.

As process 1 it also reaps what containers leave behind. It starts a part when the parts that
it needs answer, and never starts one again: a part that died is something to look at.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import replace
from pathlib import Path

from localcluster import isolation
from localcluster.components import Component, components
from localcluster.folders import PACKAGE, ClusterFolder
from localcluster.parts import Part, Parts, write

WHILE_STARTING = 0.05
WHEN_UP = 60.0
"""Seconds between two rounds; a part that ends wakes the supervisor at once."""


class Supervisor:
    """Starts the parts of the table, in order, and writes down what becomes of them."""

    def __init__(self, folder: ClusterFolder, table: tuple[Component, ...]) -> None:
        self._folder = folder
        self._table = table
        self._started: dict[str, float] = {}
        self._parts = {
            row.name: Part(row.name, str(folder.logs / f"{row.name}.log"), row.once)
            for row in table
        }
        self._written = Parts()
        self._wake = self._wake_on_ended_children()

    def run(self) -> None:
        """Start and watch, until somebody kills this process."""
        while True:
            self._reap()
            for row in self._table:
                self._advance(row)
            self._write_down()
            up = self._written.phase == "up"
            select.select([self._wake], [], [], WHEN_UP if up else WHILE_STARTING)
            try:
                os.read(self._wake, 4096)
            except BlockingIOError:
                continue

    def _advance(self, row: Component) -> None:
        """Start a part whose turn it is, or ask one that runs whether it answers."""
        part = self._parts[row.name]
        if part.exit_code is not None or part.answered_after is not None:
            return
        if part.pid is None:
            if all(self._parts[name].answered_after is not None for name in row.after):
                self._start(row)
        elif not row.once and row.answer.problem() is None:
            self._answered(row.name)

    def _start(self, row: Component) -> None:
        """Start one part with its output in its own log."""
        part = self._parts[row.name]
        self._started[row.name] = time.monotonic()
        with Path(part.log).open("wb") as log:
            process = subprocess.Popen(
                row.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder.data,
                start_new_session=True,
            )
        # Reaped by _reap; Popen must not wait for it, or complain that nobody did.
        process.returncode = 0
        self._parts[row.name] = replace(part, pid=process.pid)

    def _answered(self, name: str) -> None:
        """Note that a part answers, and how long that took."""
        took = round(time.monotonic() - self._started[name], 2)
        self._parts[name] = replace(self._parts[name], answered_after=took)

    def _reap(self) -> None:
        """Collect ended children: parts, and orphans that process 1 inherits."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for part in self._parts.values():
                if part.pid == pid:
                    code = os.waitstatus_to_exitcode(status)
                    self._parts[part.name] = replace(part, exit_code=code)
                    if part.once and code == 0:
                        self._answered(part.name)
                    break

    def _write_down(self) -> None:
        """Write the parts file when something has changed."""
        parts = tuple(self._parts.values())
        phase = self._written.phase
        if all(part.answered_after is not None for part in parts):
            phase = "up"
        present = Parts(phase=phase, parts=parts)
        if present != self._written or not self._folder.parts.exists():
            write(self._folder.parts, present)
            self._written = present

    @staticmethod
    def _wake_on_ended_children() -> int:
        """Return a descriptor that becomes readable when a child has ended."""
        readable, writable = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
        return readable


def main(arguments: list[str]) -> None:
    """Run as process 1: NAME, its folder, the binaries, the node's name, the pause archive."""
    name, root, programs, node, pause = arguments
    folder = ClusterFolder(name, Path(root))
    try:
        keep = [folder.root, Path(programs), PACKAGE, Path(sys.prefix)]
        isolation.prepare(folder.settings, keep)
        table = components(folder, Path(programs), node, Path(pause))
        Supervisor(folder, table).run()
    except Exception as failure:
        traceback.print_exc()
        write(folder.parts, Parts(phase="failed", problem=str(failure)))
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
