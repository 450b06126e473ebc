"""kubectl, the one local program that is needed; the one home of `plumbum`.

Every call has a timeout, inherits no stdin, and runs in a session of its own, so that Ctrl-C
reaches this program first, which then ends kubectl with all that kubectl started (git).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from plumbum import CommandNotFound, local

from seedcore_deploy.errors import CouldNotLook, SeedcoreError, UsageError
from seedcore_deploy.kubectl_diff import PROGRAM, Difference, differences
from seedcore_deploy.kubectl_errors import (
    Failed,
    RenderFailed,
    command_error,
    load_restricted,
    render_error,
    silent_remotes,
)
from seedcore_deploy.sources.kustomization import kustomization_file, remotes_of
from seedcore_deploy.sources.yaml_documents import Document

MINIMUM = (1, 27)
VERSION_TIMEOUT_S = 20.0
RENDER_TIMEOUT_S = 120.0
APPLY_TIMEOUT_S = 180.0
DIFF_TIMEOUT_S = 120.0
LOGS_TIMEOUT_S = 10.0
_GRACE_S = 3.0
_UPGRADE = "install kubectl {}.{} or newer: https://kubernetes.io/docs/tasks/tools/"
_NO_VARIABLES: Mapping[str, str] = {}
FREE = ("--load-restrictor", "LoadRestrictionsNone")
"""What `kubectl kustomize` needs for files outside of the kustomization's own folder."""

DryRun = Literal["", "client", "server"]


class ApplyInterrupted(KeyboardInterrupt):
    """Ctrl-C or SIGTERM while kubectl was applying; `applied` is what it had reported by then."""

    def __init__(self, applied: tuple[str, ...]) -> None:
        super().__init__()
        self.applied = applied


class ApplyFailed(CouldNotLook):
    """kubectl apply ended badly; `applied` is what it had reported by then."""

    def __init__(self, cause: SeedcoreError, applied: tuple[str, ...]) -> None:
        super().__init__(cause.what, cause.mend)
        self.exit_code = cause.exit_code
        self.applied = applied


@dataclass(frozen=True, slots=True)
class Render:
    """A rendered kustomization; `restricted` when kustomize's load restrictor refused it first."""

    text: str
    restricted: bool


@dataclass(frozen=True, slots=True)
class Kubectl:
    """A kubectl that was found new enough, and the cluster and namespace that it is to reach.

    `before_write` is called before anything is applied; what it raises stops it.
    """

    program: str
    version: str
    kubeconfig: str | None = None
    context: str | None = None
    namespace: str | None = None
    before_write: Callable[[], None] | None = field(default=None, compare=False)

    @classmethod
    def find(
        cls,
        kubeconfig: str | None = None,
        context: str | None = None,
        namespace: str | None = None,
        minimum: tuple[int, int] = MINIMUM,
    ) -> Kubectl:
        """The kubectl on PATH. Raises UsageError when there is none or it is too old."""
        program = shutil.which("kubectl")
        if program is None:
            raise UsageError("kubectl was not found on PATH", _UPGRADE.format(*minimum))
        done = _run(program, ("version", "--client", "-o", "json"), VERSION_TIMEOUT_S)
        version = client_version(done.stdout)
        if version is None:
            raise CouldNotLook(
                f"{program} does not tell its version (exit {done.returncode})",
                _UPGRADE.format(*minimum),
            )
        if version_number(version) < minimum:
            raise UsageError(
                f"{program} is {version}; {minimum[0]}.{minimum[1]} or newer is needed",
                _UPGRADE.format(*minimum),
            )
        return cls(program, version, kubeconfig, context, namespace)

    @property
    def prefix(self) -> tuple[str, ...]:
        """The command prefix that reaches the same cluster again, for commands that are shown."""
        kubeconfig = ("--kubeconfig", self.kubeconfig) if self.kubeconfig else ()
        context = ("--context", self.context) if self.context else ()
        return ("kubectl", *kubeconfig, *context)

    def kustomize(self, directory: Path) -> Render:
        """The rendered kustomization.

        Raises RenderFailed naming file and line, and CouldNotLook for a remote base offline.
        """
        if kustomization_file(directory) is None:
            raise RenderFailed(
                f"{directory} has no kustomization.yaml", "name an overlay's directory", None
            )
        plain = self._kustomize(directory)
        restricted = plain.returncode != 0 and load_restricted(plain.stderr)
        done = self._kustomize(directory, *FREE) if restricted else plain
        if done.returncode != 0:
            raise render_error(directory, Failed("render", done.returncode, done.stderr))
        return Render(done.stdout, restricted)

    def apply_documents(self, text: str, dry_run: DryRun = "") -> tuple[str, ...]:
        """`kubectl apply -f -` of a rendered text; returns kubectl's line for each object.

        Raises ApplyFailed and ApplyInterrupted, which say what had been applied by then.
        """
        if self.before_write is not None and not dry_run:
            self.before_write()
        only = (f"--dry-run={dry_run}",) if dry_run else ()
        words = (*self._target(), "apply", *only, "-f", "-")
        try:
            done = _run(self.program, words, APPLY_TIMEOUT_S, text)
        except _Interrupted as stopped:
            raise ApplyInterrupted(_lines(stopped.stdout)) from stopped
        if done.returncode != 0:
            cause = command_error(Failed("apply", done.returncode, done.stderr))
            raise ApplyFailed(cause, _lines(done.stdout))
        return _lines(done.stdout)

    def tried_out(self, text: str) -> tuple[Document, ...]:
        """What the API server would make of a rendered text: the objects as they would be then.

        Raises ApplyFailed when it refuses one, or cannot try it out.
        """
        words = (*self._target(), "apply", "--dry-run=server", "-o", "json", "-f", "-")
        done = _run(self.program, words, APPLY_TIMEOUT_S, text)
        if done.returncode != 0:
            raise ApplyFailed(command_error(Failed("try it out", done.returncode, done.stderr)), ())
        found = json.loads(done.stdout)
        return tuple(found["items"]) if found.get("kind") == "List" else (found,)

    def diff_documents(self, text: str) -> tuple[Difference, ...]:
        """`kubectl diff -f -` of a rendered text: the objects that apply would make or change.

        Changes nothing, and yet needs the permission to create and patch. Raises Refused for what
        the API server refuses, and CouldNotLook, also where there is no `diff` program.
        """
        words = (*self._target(), "diff", "-f", "-")
        extra = {"KUBECTL_EXTERNAL_DIFF": PROGRAM}
        done = _run(self.program, words, DIFF_TIMEOUT_S, text, extra)
        # 1 means "differences"; with none to show it is a fault that kubectl ended with.
        if done.returncode > 1 or (done.returncode == 1 and not done.stdout):
            raise command_error(Failed("compare", done.returncode, done.stderr))
        return differences(done.stdout)

    def logs(self, pod: str, container: str, previous: bool, lines: int) -> tuple[str, ...]:
        """The last lines of a container's log; empty when there is none to be had."""
        run = ("--previous",) if previous else ()
        only = ("--container", container) if container else ()
        words = (*self._target(), "logs", pod, *only, *run, f"--tail={lines}")
        try:
            done = _run(self.program, words, LOGS_TIMEOUT_S)
        except CouldNotLook:
            return ()
        return _lines(done.stdout) if done.returncode == 0 else ()

    def _target(self) -> tuple[str, ...]:
        return (*self.prefix[1:], *(("--namespace", self.namespace) if self.namespace else ()))

    def _kustomize(self, directory: Path, *options: str) -> _Done:
        try:
            return _run(self.program, ("kustomize", *options, str(directory)), RENDER_TIMEOUT_S)
        except CouldNotLook as fault:
            remotes = ", ".join(remotes_of(directory))
            raise (silent_remotes(directory, remotes, fault) if remotes else fault) from fault


def client_version(answer: str) -> str | None:
    """gitVersion of `kubectl version --client -o json`, None when it cannot be read."""
    try:
        version = json.loads(answer)["clientVersion"]["gitVersion"]
    except (ValueError, KeyError, TypeError):
        return None
    return version if isinstance(version, str) and version_number(version) else None


def version_number(version: str) -> tuple[int, ...]:
    """Major and minor of a gitVersion such as v1.32.4-dispatcher; empty when it has none."""
    found = re.match(r"v?(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else ()


@dataclass(frozen=True, slots=True)
class _Done:
    returncode: int
    stdout: str
    stderr: str


class _Interrupted(KeyboardInterrupt):
    def __init__(self, stdout: str) -> None:
        super().__init__()
        self.stdout = stdout


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.splitlines() if line.strip())


def _run(
    program: str,
    words: tuple[str, ...],
    timeout_s: float,
    text: str | None = None,
    extra: Mapping[str, str] = _NO_VARIABLES,
) -> _Done:
    """Run to the end. plumbum's own timeout would leave kubectl's children, so it is not used."""
    process = _started(program, words, extra, with_stdin=text is not None)
    try:
        out, err = process.communicate(None if text is None else text.encode(), timeout_s)
    except subprocess.TimeoutExpired as late:
        _end(process)
        raise CouldNotLook(
            f"kubectl {_verb(words)} did not end within {timeout_s:.0f} s",
            "check the way to the cluster, and to remote bases if the overlay has any",
        ) from late
    except KeyboardInterrupt as stopped:
        raise _Interrupted(_end(process)) from stopped
    except BaseException:
        _end(process)
        raise
    return _Done(process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))


def _started(
    program: str, words: tuple[str, ...], extra: Mapping[str, str], *, with_stdin: bool
) -> Any:
    stdin = subprocess.PIPE if with_stdin else subprocess.DEVNULL
    # git, which kustomize calls for remote bases, must not ask for a password.
    env = {**os.environ, "GIT_TERMINAL_PROMPT": "0", **extra}
    try:
        return local[program].popen(words, stdin=stdin, new_session=True, env=env)
    except (OSError, CommandNotFound) as fault:
        raise CouldNotLook(f"{program} cannot be started: {fault}", "reinstall kubectl") from fault


def _end(process: Any) -> str:
    """End kubectl and what it started, and return what it had written to stdout by then."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            out, _ = process.communicate(timeout=_GRACE_S)
            return bytes(out or b"").decode("utf-8", "replace")
    return ""


def _verb(words: tuple[str, ...]) -> str:
    known = ("version", "kustomize", "apply", "diff", "logs")
    return next((word for word in words if word in known), words[0])
