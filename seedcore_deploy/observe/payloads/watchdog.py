"""Running one program so that nothing of it is left. Runs inside pods: Python 3.8, Linux."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from typing import Any

from seedcore_deploy.observe.payloads import proc

NAME = "seedcore-probe"
"""The last word of every command line of ours, by which `ps` shows them."""
_BOOTSTRAP = "import json,sys;sys.argv[1:]=json.loads(input());exec(sys.stdin.read())"
"""Takes its words from stdin: an address can hold a password, and everybody may run `ps`."""
_SET_CHILD_SUBREAPER = 36
_TICK_S = 0.2


class CallerGone(Exception):
    """The connection that asked for this has ended: no one waits for the answer any more."""


def be_humble() -> None:
    """First to go when memory is short, last to run when the processor is; for children too."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123
        file.write("1000")
    with contextlib.suppress(OSError):
        os.nice(10)
    # Whatever a child leaves behind becomes ours, so that we can find and end it.
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run(
    program: str, words: list[str], variables: dict[str, str], seconds: float
) -> dict[str, Any]:
    """Run Python source with its arguments, and merge the reports it gives into one.

    `stage` is how far it came, `seconds` how long it took, `exit` its exit status (negative: the
    signal; None when the deadline ended it), `stderr` the end of what it printed, `waited` for
    how many seconds it was ready to run and got no CPU. Raises CallerGone when our stdin ends,
    the child being ended.
    """
    began = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "-c", _BOOTSTRAP, NAME],
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        cwd="/",
    )
    try:
        assert child.stdin is not None
        with contextlib.suppress(BrokenPipeError), child.stdin:
            child.stdin.write(json.dumps(words).encode() + b"\n" + program.encode())
        output, errors, ended = _read(child, began + seconds)
        waited = proc.waited_for_a_cpu(child.pid)
        exit_status = child.wait(timeout=5) if ended else None
    except subprocess.TimeoutExpired:
        exit_status, waited = None, 0.0
    finally:
        end_all()
        child.wait()
    found: dict[str, Any] = {}
    for line in output.splitlines():
        with contextlib.suppress(ValueError):
            report = json.loads(line)
            if report.get("stage") == "failed":
                report.pop("stage")
            found.update(report)
    found.setdefault("stage", "start")
    found["exit"] = exit_status
    found["stderr"] = errors.decode("utf-8", "replace")[-1000:]
    found["waited"] = round(waited, 2)
    found["seconds"] = round(time.monotonic() - began, 2)
    return found


def _read(child: subprocess.Popen[bytes], ends: float) -> tuple[bytes, bytes, bool]:
    """What the child wrote, and whether it came to an end by itself.

    Its end counts, not that of its streams: what it left behind may hold them open.
    """
    assert child.stdout is not None
    assert child.stderr is not None
    streams = {child.stdout.fileno(): bytearray(), child.stderr.fileno(): bytearray()}
    output, errors = streams.values()
    ended = False
    while streams:
        left = ends - time.monotonic()
        if left <= 0:
            break
        # Once it has ended, only what it has already written is taken.
        ready = select.select([*streams, 0], [], [], 0 if ended else min(left, _TICK_S))[0]
        if ended and not set(ready) - {0}:
            break
        for each in ready:
            data = os.read(each, 65536)
            if each == 0:
                if not data:
                    raise CallerGone
            elif data:
                streams[each] += data
                del streams[each][:-262144]
            else:
                del streams[each]
        ended = ended or child.poll() is not None
    return bytes(output), bytes(errors), ended or not streams


def pause(seconds: float) -> None:
    """Wait, unless our stdin ends: then raises CallerGone."""
    if select.select([0], [], [], seconds)[0] and not os.read(0, 65536):
        raise CallerGone


def end_all() -> None:
    """End every descendant, however it detached itself, and wait until none is left."""
    ends = time.monotonic() + 5
    while time.monotonic() < ends:
        descendants = proc.tree(os.getpid())[1:]
        for pid in descendants:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not descendants:
            return
        select.select([], [], [], 0.02)
