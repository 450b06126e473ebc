"""Our own errors: each says what, where and the mend, and is shown as one clear line.

Anything else that reaches the command line is a bug of ours.
"""

from __future__ import annotations

from seedcore_deploy.model.verdict import ExitCode


class SeedcoreError(Exception):
    """What went wrong and how to mend it; `exit_code` is what the process ends with."""

    exit_code = ExitCode.INCONCLUSIVE

    def __init__(self, what: str, mend: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.mend = mend


class UsageError(SeedcoreError):
    """The question cannot be asked like this: nothing was looked at, nothing applied."""

    exit_code = ExitCode.USAGE


class CouldNotLook(SeedcoreError):
    """The cluster, or the permission, or a program that is needed was not there."""

    exit_code = ExitCode.INCONCLUSIVE


class Refused(SeedcoreError):
    """Something was found that forbids going on; nothing (more) was applied."""

    exit_code = ExitCode.FINDINGS


class Doomed(SeedcoreError):
    """Something will not become ready without a change: there is nothing to wait for."""

    exit_code = ExitCode.FINDINGS


class TimedOut(SeedcoreError):
    """The wait ended before everything was ready."""

    exit_code = ExitCode.TIMED_OUT
